"""Usage files: what was used, a row per request or per sum of requests.

    date,model,input,output,cached,cache_write,reasoning,audio_in,audio_out,tier,region

`date`, `model`, `input` and `output` are required, in any order; `audio` is another
word for `audio_in`, and `requests` says how many requests a row is the sum of.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from tracker.domain.billing import Unbillable, Usage
from tracker.domain.errors import UsageError

REQUIRED = ("date", "model", "input", "output")
COUNTS = (
    *("input", "output", "cached", "cache_write", "reasoning"),
    *("audio_in", "audio_out", "requests"),
)
_OTHER_WORDS = {"audio": "audio_in", "timestamp": "date"}
DAY = len("2025-06-14")
_KNOWN = {*REQUIRED, *COUNTS, "tier", "region"}


@dataclass(frozen=True, slots=True)
class UsageRow:
    """A row of a usage file.

    Attributes:
        line: where it stands in the file; the header is line 1.
        date: as it is written.
        at: the same as an instant; the first moment of a day without an hour.
        hourly: whether an hour was given.
        model, tier, region: as they are written; empty where nothing is.
        usage: the tokens; None if they cannot be read.
        fault: why the row cannot be read, else empty.
    """

    line: int
    date: str
    model: str
    at: datetime | None = None
    hourly: bool = False
    tier: str = ""
    region: str = ""
    usage: Usage | None = None
    fault: str = ""


@dataclass(frozen=True)
class UsageFile:
    """An open usage file: its rows, and columns that are not billed."""

    rows: Iterator[UsageRow]
    ignored: tuple[str, ...]


@contextmanager
def opened(path: Path) -> Iterator[UsageFile]:
    """Read a usage file row by row, however long it is.

    Raises:
        UsageError: no such file, not a CSV in UTF-8, or a column that it needs
            is missing.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield _read(file, path)
    except (UnicodeDecodeError, csv.Error) as fault:
        raise UsageError(f"{path}: not a CSV file in UTF-8 ({fault})") from None
    except (FileNotFoundError, IsADirectoryError, PermissionError) as fault:
        raise UsageError(f"{path}: {fault.strerror}") from None


def _read(file: TextIO, path: Path) -> UsageFile:
    first = file.readline()
    delimiter = next((mark for mark in ",;\t" if mark in first), ",")
    (names, *_) = [*csv.reader([first], delimiter=delimiter), []]
    header = [_named(name) for name in names]
    lacking = [name for name in REQUIRED if name not in header]
    if lacking:
        raise UsageError(
            f"{path}: no column {', '.join(lacking)}; the first line has to name "
            f"{', '.join(REQUIRED)}, and may name {', '.join(sorted(_KNOWN))}"
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise UsageError(f"{path}: the column {', '.join(twice)} occurs twice")
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    rows = (_row(header, cells, reader.line_num + 1) for cells in reader if any(cells))
    return UsageFile(rows, tuple(n for n in header if n and n not in _KNOWN))


def _named(text: str) -> str:
    name = text.strip().lower().replace(" ", "_")
    name = name.removesuffix("_tokens")
    return _OTHER_WORDS.get(name, name)


def _row(header: Sequence[str], cells: Sequence[str], line: int) -> UsageRow:
    said = {n: c.strip() for n, c in zip(header, cells, strict=False)}
    date, model = said.get("date", ""), said.get("model", "")
    if len(cells) != len(header):
        fault = f"{len(cells)} cells under {len(header)} columns"
        return UsageRow(line, date, model, fault=fault)
    try:
        at, hourly = instant_of(date)
        counts = {name: _count(name, said.get(name, "")) for name in COUNTS}
        usage = Usage(**{k: v for k, v in counts.items() if v is not None})
    except Unbillable as fault:
        return UsageRow(line, date, model, fault=str(fault))
    tier, region = said.get("tier", ""), said.get("region", "")
    return UsageRow(line, date, model, at, hourly, tier, region, usage)


def instant_of(text: str) -> tuple[datetime, bool]:
    """A date or an instant, and whether it names an hour.

    Raises:
        Unbillable: it is neither.
    """
    try:
        found = datetime.fromisoformat(text)
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(microsecond=0), len(text) > DAY
    except (ValueError, OverflowError):
        raise Unbillable(f"{text!r} is no date; write 2025-06-14") from None


def _count(name: str, text: str) -> int | None:
    """A count of tokens; an empty cell leaves it out."""
    if not text:
        return None
    whole = text.removesuffix(".0")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 18):
        raise Unbillable(f"{name} is no whole number: {text!r}")
    return int(whole)
