"""What a big list holds besides the prices that are read: counted, never dropped."""

from collections import Counter

MAX_NOTES = 60
"""Reasons that are named; the rest is one number."""

MAX_SHOWN = 90
"""Characters of an example, and of a reason, that a note quotes at the most."""


class Tally:
    """Counts rows by the reason for which they were not read.

    Args:
        what: how notes name the list.
        rows: what its rows are called in the plural.
    """

    def __init__(self, what: str, rows: str) -> None:
        self._what = what
        self._rows = rows
        self._counts: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    def add(self, reason: str, example: object) -> None:
        """Count one row; of each reason the example first in order is kept."""
        self._counts[reason] += 1
        text = str(example)[:MAX_SHOWN]
        self._examples[reason] = min(self._examples.get(reason, text), text)

    def notes(self) -> list[str]:
        """A line for each reason, the most common first."""
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        lines = [
            f"{self._what}: {count} {self._rows} not read: {reason[:MAX_SHOWN]}, "
            f"e.g. {self._examples[reason]!r}"
            for reason, count in ranked[:MAX_NOTES]
        ]
        rest = sum(count for _, count in ranked[MAX_NOTES:])
        if rest:
            more = len(ranked) - MAX_NOTES
            lines.append(
                f"{self._what}: {rest} {self._rows} not read, for {more} other reasons"
            )
        return lines
