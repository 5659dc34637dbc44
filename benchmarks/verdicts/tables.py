"""The measured tables, as Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.verdicts.scoring import Call, Pairs, Score, called, kinds, score


@dataclass(frozen=True, slots=True)
class Judges:
    """Those that are compared: the plain rule, the judge at first, in hindsight."""

    baseline: Call
    first: Call
    hindsight: Call

    @property
    def all(self) -> tuple[Call, Call, Call]:
        """In the order of the columns."""
        return self.baseline, self.first, self.hindsight


SCORE_HEADINGS = (
    *("labelled as", "reason", "events", "rates"),
    *("a move: baseline", "at first", "in hindsight"),
    *("right: baseline", "at first", "in hindsight"),
)
REASONS = {
    *("late", "copied", "column_slip", "contradicted", "launch_fix", "rounding"),
    *("unit_error", "placeholder_filled", "flap", "routing", "other"),
}


def score_table(pairs: Pairs, judges: Judges) -> list[str]:
    """A row per verdict and reason, and one per verdict for all of its reasons.

    Reasons that are written out as sentences are one row.
    """
    rows = []
    for verdict in ("move", "correction", "flap"):
        mine = [pair for pair in pairs if pair[0].verdict == verdict]
        short = [pair for pair in mine if pair[0].reason in REASONS]
        plain = [pair for pair in mine if not pair[0].reason]
        told = [p for p in mine if p[0].reason and p[0].reason not in REASONS]
        parts = {reason: part for (_, reason), part in kinds(short).items()}
        parts |= {"(none)": plain, "in words": told}
        full = {reason: part for reason, part in parts.items() if part}
        rows += [_row(verdict, r, part, judges) for r, part in full.items()]
        if len(full) > 1:
            rows.append(_row(verdict, "**all**", mine, judges))
    return markdown(SCORE_HEADINGS, rows)


def _row(verdict: str, reason: str, pairs: Pairs, judges: Judges) -> list[str]:
    scores = [score(called(pairs, call)) for call in judges.all]
    return [
        *(verdict, reason, str(scores[0].events), str(len(pairs))),
        *(_share(s.moved, s) for s in scores),
        *(_share(s.right, s) for s in scores),
    ]


def _share(count: int, whole: Score) -> str:
    return f"{count} ({count / whole.events:.0%})"


def month_table(months: Mapping[str, Sequence[int]], first: str) -> list[str]:
    """Stories by month, and their sum."""
    headings = (first, "every change", "baseline", "judge, at first", "in hindsight")
    rows = [[month, *map(str, counts)] for month, counts in months.items()]
    sums = [sum(column) for column in zip(*months.values(), strict=True)]
    return markdown(headings, [*rows, ["**all**", *map(str, sums)]])


def markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table."""
    rule = "|".join("---" for _ in headings)
    lines = [" | ".join(row) for row in (headings, *rows)]
    return [f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:])]
