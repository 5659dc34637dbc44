"""Packed bodies are unpacked here, strictly and within bounds.

Scrapy's own middleware returns "as much data as possible" of a gzip stream that
breaks off or whose checksum is wrong (`scrapy.utils.gz.gunzip`): half a price list
would pass for a whole one. Only gzip is asked for, so that nothing else needs to be
unpacked.
"""

import zlib
from collections.abc import Iterator, Sequence

from scrapy.exceptions import ResponseDataLossError

from crawler.faults import Refused

ACCEPTED = "gzip"
MOST_LAYERS = 2
_NAMES = ("gzip", "x-gzip")
_WITH_GZIP_HEADER = 31
_STEP = 1 << 16


def unpacked(body: bytes, encodings: Sequence[str], limit: int) -> bytes:
    """The body without its content encodings, the last applied taken off first.

    Args:
        body: as it came over the wire.
        encodings: the words of Content-Encoding, in their order.
        limit: bytes that a result may have.

    Raises:
        Refused: an encoding that was not asked for, too many of them, or more bytes
            than `limit`.
        ResponseDataLossError: the stream breaks off, or is damaged.
    """
    if len(encodings) > MOST_LAYERS:
        raise Refused("encoding", f"its body is packed {len(encodings)} times over")
    for encoding in reversed(encodings):
        if encoding in _NAMES:
            body = _gunzipped(body, limit)
        elif encoding != "identity":
            raise Refused("encoding", f"its body is packed as {encoding!r:.40}")
    return body


def _gunzipped(body: bytes, limit: int) -> bytes:
    """The streams of a body: gzip allows several, and zeros behind the last."""
    parts: list[bytes] = []
    size = 0
    while body.strip(b"\0"):
        stream = zlib.decompressobj(_WITH_GZIP_HEADER)
        for part in _inflated(stream, body):
            size += len(part)
            if size > limit:
                raise Refused(
                    "too_large", f"its body unpacks to more than {limit:,} bytes"
                )
            parts.append(part)
        body = stream.unused_data
    return b"".join(parts)


def _inflated(stream: "zlib._Decompress", body: bytes) -> Iterator[bytes]:
    """One stream in small steps, so that a bomb is met before it goes off."""
    rest = body
    while not stream.eof:
        try:
            part = stream.decompress(rest, _STEP)
        except zlib.error:
            raise ResponseDataLossError("the packed body is damaged") from None
        rest = stream.unconsumed_tail
        if not part and not rest and not stream.eof:
            raise ResponseDataLossError("the packed body breaks off")
        yield part
