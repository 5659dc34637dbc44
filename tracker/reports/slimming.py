"""Pictures made smaller: few colours, a byte for each point, well packed.

What draws them packs in haste, with four bytes for each point: three lines come to
50 to 100 kB. With a palette they come to a tenth of that.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any

COLOURS = 128
"""How many colours are kept; what is rarer is the softened edge of a letter."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PLAIN = (8, 6, 0, 0, 0)
"""Eight bits a channel, red, green, blue and opacity, not interlaced."""

Colour = tuple[int, ...]


def slimmed(image: bytes) -> bytes:
    """A PNG with a palette, or the same bytes if they are of a kind not known here.

    Args:
        image: a PNG as the chart's painter makes it.
    """
    chunks = dict(_joined(_chunks(image)))
    width, height, *kind = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if tuple(kind) != _PLAIN:
        return image
    points = _points(zlib.decompress(chunks[b"IDAT"]), width, height)
    if points is None:
        return image
    palette, places = _palette(points)
    rows = bytearray()
    for at in range(0, len(points), width):
        rows += b"\0" + bytes(places[point] for point in points[at : at + width])
    return min(image, _written(width, height, palette, bytes(rows)), key=len)


def size_of(image: bytes) -> tuple[int, int]:
    """How wide and how high a PNG is, in pixels."""
    width, height = struct.unpack(">II", image[16:24])
    return width, height


def _chunks(image: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(image):
        size, name = struct.unpack(">I4s", image[at : at + 8])
        yield name, image[at + 8 : at + 8 + size]
        at += size + 12


def _joined(chunks: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """The chunks by name; those of one name are one."""
    found: dict[bytes, bytearray] = {}
    for name, content in chunks:
        found.setdefault(name, bytearray()).extend(content)
    return ((name, bytes(content)) for name, content in found.items())


def _points(packed: bytes, width: int, height: int) -> list[int] | None:
    """Each point as a number, row by row; None if a row is filtered in another way
    than by its left or upper neighbour.
    """
    long = width * 4
    plain, above = bytearray(), bytes(long)
    for start in range(0, height * (long + 1), long + 1):
        row = packed[start + 1 : start + 1 + long]
        if packed[start] == 1:
            row = _by_left(row)
        elif packed[start] == 2:
            row = bytes(map(_wrapped, row, above))
        elif packed[start]:
            return None
        plain += row
        above = row
    return list(memoryview(bytes(plain)).cast("I"))


def _by_left(row: bytes) -> bytes:
    found = bytearray(len(row))
    for channel in range(4):
        found[channel::4] = bytes(accumulate(row[channel::4], _wrapped))
    return bytes(found)


def _wrapped(before: Any, more: int) -> int:
    return int(before + more) & 255


def _palette(points: list[int]) -> tuple[list[Colour], dict[int, int]]:
    """The commonest colours, and for each colour the place of the one next to it."""
    known = [point for point, _ in Counter(points).most_common()]
    chosen = known if len(known) <= COLOURS else _apart(known)[:COLOURS]
    kept = [_channels(point) for point in chosen]
    seen = [_seen(colour) for colour in kept]
    places = {point: n for n, point in enumerate(chosen)}
    for point in known:
        if point in places:
            continue
        mine = _seen(_channels(point))
        far = [sum((a - b) ** 2 for a, b in zip(mine, c, strict=True)) for c in seen]
        places[point] = far.index(min(far))
    return kept, places


def _apart(known: list[int]) -> list[int]:
    """The first of those that nobody can tell apart."""
    found: dict[Colour, int] = {}
    for point in known:
        alike = tuple(channel >> 3 for channel in _seen(_channels(point)))
        found.setdefault(alike, point)
    return list(found.values())


def _channels(point: int) -> Colour:
    return tuple(struct.pack("=I", point))


def _seen(colour: Colour) -> Colour:
    """A colour as it is seen: what is hardly there is hardly of any colour."""
    *inks, opacity = colour
    return (*(ink * opacity // 255 for ink in inks), opacity)


def _written(width: int, height: int, palette: list[Colour], rows: bytes) -> bytes:
    inks = b"".join(bytes(colour[:3]) for colour in palette)
    opacities = bytes(colour[3] for colour in palette)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", inks), (b"tRNS", opacities))
    packed = zlib.compress(rows, 9)
    chunks = (*parts, (b"IDAT", packed), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    mark = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + mark
