"""The command: `python -m benchmarks.verdicts [--shared DIR]` prints the tables."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.verdicts import filled, mailed
from benchmarks.verdicts.labels import OWN, Label, matched, read_labels
from benchmarks.verdicts.scoring import baseline, by
from benchmarks.verdicts.tables import Judges, month_table, score_table
from tracker.domain.chronicle import Chronicle
from tracker.domain.judge import judge, stories

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Fill a database of its own, judge it twice, and print what came of it."""
    data = _arguments() / "data"
    if not (data / "litellm").is_dir():
        print(f"no maps in {data}; name the folder with --shared", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="pricetrail-verdicts-") as folder:
        url = f"sqlite:///{folder}/trail.db"
        filled.fill(url, data)
        with filled.library(url) as library:
            book = library.book
    judges = Judges(
        baseline, by(judge(book, hindsight=False)), by(judge(book, hindsight=True))
    )
    for line in _report(book, judges, data / "verdicts.csv"):
        print(line)
    return 0


def _report(book: Chronicle, judges: Judges, given: Path) -> list[str]:
    labels = read_labels(given)
    sets = {
        "Given labels, made by hand": [n for n in labels if not n.by_rule],
        "Given labels, made by a rule": [n for n in labels if n.by_rule],
        "Own labels, made by hand": read_labels(OWN),
    }
    lines = []
    for title, members in sets.items():
        lines += ["", f"### {title}", "", *_scored(book, judges, members)]
    months = mailed.stories_by_month(book, stories(book, judge(book)), judges.all)
    lines += ["", "### Stories mailed, by month", "", *month_table(months, "month")]
    years = mailed.by_year(months)
    return [*lines, "", "### By year", "", *month_table(years, "year")]


def _scored(book: Chronicle, judges: Judges, labels: list[Label]) -> list[str]:
    return score_table(matched(labels, book.steps), judges)


def _arguments() -> Path:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.verdicts", description=__doc__
    )
    shared = Path(os.environ.get("PRICETRAIL_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=shared, metavar="DIR")
    found: Path = parser.parse_args().shared
    return found


if __name__ == "__main__":
    sys.exit(main())
