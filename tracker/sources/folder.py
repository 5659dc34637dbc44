"""Captured bodies in a folder: `<date>[T<time>Z][_<label>].<ext>[.xz|.zst|.gz]`.

For litellm's maps the label is the release that carried them.
"""

import gzip
import lzma
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from tracker.domain.errors import SourceError, UsageError
from tracker.sources.mainline import version_of

_NAME = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:T(?P<time>[0-9]{6})Z)?"
    r"(?:_+(?P<label>.*?))?\.(?:json|md|mdx|html|txt)(?:\.(?:xz|zst|gz))?"
)
_PIECE = 64 * 1024
_DAMAGE = (OSError, EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError)


@dataclass(frozen=True, slots=True)
class BodyFile:
    """A captured body on disk.

    `version` is its label if that is a release number.
    """

    path: Path
    observed_at: datetime
    version: str | None


def list_bodies(folder: Path) -> tuple[list[BodyFile], list[Path]]:
    """The bodies of a folder, oldest first, and the files that are none.

    Bodies of one instant are ordered by version.

    Raises:
        UsageError: no such folder, or no body in it.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder")
    bodies, others = [], []
    for path in sorted(folder.iterdir()):
        if path.is_dir() or path.name.startswith("."):
            continue
        body = _named(path)
        bodies.append(body) if body else others.append(path)
    if not bodies:
        raise UsageError(
            f"no captured bodies in {folder}; they are named like "
            "2025-06-14_1.72.6.json.xz or 2025-06-14T120000Z.json"
        )
    bodies.sort(key=lambda body: (body.observed_at, _rank(body), body.path.name))
    return bodies, others


def read_body(path: Path, *, max_bytes: int) -> bytes:
    """Read a file, unpacking it by its ending.

    Raises:
        SourceError: it cannot be read, or it is larger unpacked than `max_bytes`.
    """
    try:
        with _opened(path, max_bytes) as stream:
            body = stream.read(max_bytes + 1)
    except _DAMAGE as fault:
        reason = getattr(fault, "strerror", None) or str(fault) or "damaged"
        raise SourceError(f"{path}: cannot be read ({reason})") from None
    if len(body) > max_bytes:
        raise SourceError(
            f"{path}: more than {max_bytes / 1e6:.0f} MB unpacked; too large to be "
            "a price list"
        )
    return body


def _unpacked(path: Path, room: int) -> BinaryIO:
    """A zstandard file, all its frames, cut off beyond `room` bytes.

    The library's own reader is silent about a file that ends in mid-frame.
    """
    packed, out = path.read_bytes(), b""
    while packed and len(out) <= room:
        frame = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
        for start in range(0, len(packed), _PIECE):
            out += frame.decompress(packed[start : start + _PIECE])
            if frame.eof or len(out) > room:
                break
        if not frame.eof and len(out) <= room:
            raise EOFError("it ends in the middle of a frame")
        packed = frame.unused_data + packed[start + _PIECE :]
    return BytesIO(out)


def _opened(path: Path, max_bytes: int) -> BinaryIO:
    if path.suffix == ".xz":
        return cast("BinaryIO", lzma.open(path))
    if path.suffix == ".gz":
        return cast("BinaryIO", gzip.open(path))
    if path.suffix == ".zst":
        return _unpacked(path, max_bytes)
    return path.open("rb")


def _named(path: Path) -> BodyFile | None:
    found = _NAME.fullmatch(path.name)
    if found is None:
        return None
    text = f"{found['day']} {found['time'] or '000000'} +0000"
    try:
        instant = datetime.strptime(text, "%Y-%m-%d %H%M%S %z")
    except ValueError:
        return None
    label = found["label"]
    version = label if version_of(label) else None
    return BodyFile(path, instant.astimezone(UTC), version)


def _rank(body: BodyFile) -> tuple[bool, object]:
    version = version_of(body.version)
    return (version is not None, version or 0)
