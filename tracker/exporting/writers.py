"""Files of rows: CSV, JSON Lines and Parquet, with the checksum of each."""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, Self

import orjson

from storage.types import text_instant
from tracker.domain.errors import UsageError
from tracker.domain.money import in_units, plain

_INSTANTS = frozenset(
    ("valid_from", "valid_to", "known_from", "since", "previous_seen_at")
    + ("observed_at", "effective_at")
)
_WHOLE = frozenset(
    ("price_nano", "context_above", "max_input_tokens", "max_output_tokens")
    + ("sources_agreeing", "sources_disagreeing")
)
_REAL = frozenset(("pct", "confidence"))

Rows = Sequence[Sequence[Any]]


def kind_of(column: str) -> str:
    """What a column holds: instant, usd, whole, real or text."""
    if column in _INSTANTS:
        return "instant"
    if column == "usd" or column.endswith("_usd"):
        return "usd"
    if column in _WHOLE:
        return "whole"
    return "real" if column in _REAL else "text"


TYPES = {
    "instant": "timestamp, UTC",
    "usd": "decimal, 9 places",
    "whole": "int64",
    "real": "double",
    "text": "text",
}
"""What the manifest calls them."""


@dataclass
class FileMade:
    """A file of an export, as the manifest has it."""

    path: str
    rows: int = 0
    bytes: int = 0
    sha256: str = ""


class Writer(Protocol):
    """Writes the rows of one file."""

    def write(self, rows: Rows) -> None:
        """Add rows."""

    def close(self) -> None:
        """Finish the file."""


@dataclass
class Written:
    """A writer, and what is known of its file when it is closed."""

    folder: Path
    path: str
    writer: Writer
    made: FileMade = field(init=False)

    def __post_init__(self) -> None:
        self.made = FileMade(self.path)

    def write(self, rows: Rows) -> None:
        """Add rows."""
        self.made.rows += len(rows)
        self.writer.write(rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.close()
        file = self.folder / self.path
        with file.open("rb") as stream:
            self.made.sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        self.made.bytes = file.stat().st_size


class _Csv:
    """Rows as CSV; no cell of text is a formula to a spreadsheet."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(columns)
        self._told = [_AS_CELL[kind_of(column)] for column in columns]

    def write(self, rows: Rows) -> None:
        columns = zip(*rows, strict=True)
        told = [map(tell, c) for tell, c in zip(self._told, columns, strict=True)]
        self._writer.writerows(zip(*told, strict=True))

    def close(self) -> None:
        self._file.close()


class _JsonLines:
    """Rows as JSON, one object a line; prices are texts of exact decimals."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._file = path.open("wb")
        self._columns = columns
        self._told = [_AS_JSON[kind_of(column)] for column in columns]

    def write(self, rows: Rows) -> None:
        columns = zip(*rows, strict=True)
        told = [map(tell, c) for tell, c in zip(self._told, columns, strict=True)]
        lines = io.BytesIO()
        for row in zip(*told, strict=True):
            lines.write(orjson.dumps(dict(zip(self._columns, row, strict=True))))
            lines.write(b"\n")
        self._file.write(lines.getbuffer())

    def close(self) -> None:
        self._file.close()


class _Parquet:
    """Rows as Parquet: exact decimals, instants in UTC, packed with zstandard."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        types = {
            "instant": pa.timestamp("ms", tz="UTC"),
            "usd": pa.decimal128(19, 9),
            "whole": pa.int64(),
            "real": pa.float64(),
            "text": pa.string(),
        }
        self._schema = pa.schema([(name, types[kind_of(name)]) for name in columns])
        self._told = [_AS_VALUE[kind_of(name)] for name in columns]
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, rows: Rows) -> None:
        import pyarrow as pa

        columns = zip(*rows, strict=True)
        arrays = [
            pa.array(list(map(tell, column)), type=f.type)
            for tell, column, f in zip(self._told, columns, self._schema, strict=True)
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


def written(folder: Path, path: str, columns: Sequence[str], form: str) -> Written:
    """A file of a folder, open to be written: csv, jsonl or parquet."""
    kinds: dict[str, Callable[[Path, Sequence[str]], Writer]]
    kinds = {"csv": _Csv, "jsonl": _JsonLines, "parquet": _Parquet}
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    return Written(folder, path, kinds[form](folder / path, columns))


def parquet_library() -> None:
    """Make sure that Parquet can be written.

    Raises:
        UsageError: its library is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401 - only whether it is there
    except ModuleNotFoundError:
        raise UsageError(
            "Parquet needs its library: pip install 'pricetrail[export]'; or take "
            "--format csv or jsonl"
        ) from None


def _same(value: Any) -> Any:
    return value


@lru_cache(maxsize=65536)
def _dollars(value: float | None) -> str | None:
    """A double of the views as the exact decimal that it stands for."""
    return None if value is None else plain(round(value * 1e9))


@lru_cache(maxsize=65536)
def _harmless(value: str | None) -> str | None:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{value}" if value and value[0] in "=+-@\t\r" else value


def _percent(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


@lru_cache(maxsize=65536)
def _exact(value: float | None) -> Any:
    return None if value is None else in_units(round(value * 1e9))


@lru_cache(maxsize=65536)
def _instant(value: str | None) -> Any:
    return None if value is None else text_instant(value)


_Tell = Callable[[Any], Any]
_PLAIN: Mapping[str, _Tell] = {"instant": _same, "whole": _same, "real": _percent}
_AS_CELL: dict[str, _Tell] = {**_PLAIN, "usd": _dollars, "text": _harmless}
_AS_JSON: dict[str, _Tell] = {**_PLAIN, "usd": _dollars, "text": _same}
_AS_VALUE: dict[str, _Tell] = {
    **_PLAIN,
    "instant": _instant,
    "usd": _exact,
    "text": _same,
}
