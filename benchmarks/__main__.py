"""The command: `python -m benchmarks [NAME ...]`; exits 1 if a bar is missed."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import filling, querying, resting, rivals, web
from benchmarks.figures import as_json, as_markdown, as_text
from benchmarks.measure import ROOT
from benchmarks.setting import Setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.figures import Figure

BENCHMARKS: "dict[str, Callable[[Setting], list[Figure]]]" = {
    filling.NAME: filling.measure,
    resting.NAME: resting.measure,
    querying.NAME: querying.measure,
    web.NAME: web.measure,
    rivals.NAME: rivals.measure,
}
SLOW = {rivals.NAME}
"""Those that run only when they are named, or with --all."""


def main() -> int:
    """Run what is asked for and print the table."""
    asked = _arguments()
    maps = asked.shared / "data" / "litellm"
    if not maps.is_dir():
        print(f"no maps in {maps}; name the folder with --shared", file=sys.stderr)
        return 2
    names = asked.names or [n for n in BENCHMARKS if asked.all or n not in SLOW]
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="pricetrail-benchmarks-") as work:
        setting = Setting(maps.resolve(), Path(work), asked.runs)
        for name in names:
            print(f"{name} ...", file=sys.stderr)
            figures += BENCHMARKS[name](setting)
    for line in (as_markdown if asked.markdown else as_text)(figures):
        print(line)
    if asked.json:
        asked.json.write_text(json.dumps(as_json(figures), indent=2) + "\n")
    return 1 if any(figure.verdict == "MISSED" for figure in figures) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    known = ", ".join(BENCHMARKS)
    shared = Path(os.environ.get("PRICETRAIL_SHARED", ROOT.parent / "shared"))
    parser.add_argument("names", nargs="*", metavar="NAME", help=known)
    parser.add_argument("--all", action="store_true", help="the slow ones too")
    parser.add_argument("--shared", type=Path, default=shared, metavar="DIR")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    parser.add_argument("--json", type=Path, metavar="OUT")
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    if strange := [name for name in asked.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {strange[0]!r}; there are {known}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
