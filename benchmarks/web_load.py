"""Readers of a server: so many at once, each asking again when it was answered.

Run as `python -m benchmarks.web_load`, with what is to be asked as JSON on standard
input: `{"port", "paths", "readers", "seconds", "headers"}`. The paths are asked in
turn, round and round for as long as it lasts, or each once if `seconds` is 0. Prints
JSON: the milliseconds of each answer, the seconds of all, the bytes of an answer.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: ([0-9]+)\r\n", re.IGNORECASE)


class Fault(Exception):
    """An answer that is none."""


async def _ask(
    asked: dict[str, Any], paths: Iterator[str], until: float, found: list[float]
) -> int:
    """One reader: ask until the paths or the time run out; the last answer's bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", asked["port"])
    size = 0
    try:
        for path in paths:
            began = time.perf_counter()
            if until and began > until:
                break
            lines = [f"GET /{path} HTTP/1.1", "host: localhost", *asked["headers"]]
            writer.write("\r\n".join([*lines, "", ""]).encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            size = int(length[1]) if length else 0
            if head[9:12] not in (b"200", b"304"):
                raise Fault(f"{path}: {head[:60]!r}")
            await reader.readexactly(size)
            found.append(1000 * (time.perf_counter() - began))
    finally:
        writer.close()
    return size


async def _load(asked: dict[str, Any]) -> dict[str, Any]:
    seconds = asked["seconds"]
    paths = cycle(asked["paths"]) if seconds else iter(asked["paths"])
    found: list[float] = []
    began = time.perf_counter()
    until = began + seconds if seconds else 0
    readers = (_ask(asked, paths, until, found) for _ in range(asked["readers"]))
    sizes = await asyncio.gather(*readers)
    took = time.perf_counter() - began
    return {"ms": found, "seconds": took, "bytes": max(sizes)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_load(json.load(sys.stdin)))))
