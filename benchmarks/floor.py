"""The floor: parsing the same maps and nothing else.

`python -m benchmarks.floor FOLDER` unpacks and parses every map of a folder and
prints the CPU of the parsing alone, including the dropping of what was parsed.
The whole process, with start-up and unpacking, is measured from outside.
"""

import json
import lzma
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Usage, run


@dataclass(frozen=True, slots=True)
class Floor:
    """What parsing took.

    Attributes:
        loads: CPU seconds of each map's first parse: the floor that bars are set by.
        again: of a second parse at once, when memory and caches are warm.
        megabytes: how much was parsed.
        process: the process around both: start-up, unpacking, parsing.
    """

    loads: float
    again: float
    megabytes: float
    process: Usage


def measured(folder: Path) -> Floor:
    """Parse a folder of maps in a process of its own."""
    usage = run([sys.executable, "-m", "benchmarks.floor", folder])
    said = json.loads(usage.output)
    return Floor(said["first"], said["again"], said["bytes"] / 1e6, usage)


def parse_all(folder: Path) -> dict[str, float]:
    """Parse every map and say how long the CPU took for that."""
    import orjson

    first, again, size = 0.0, 0.0, 0
    for path in sorted(folder.iterdir()):
        packed = path.read_bytes()
        body = lzma.decompress(packed) if path.suffix == ".xz" else packed
        began = time.process_time()
        orjson.loads(body)
        between = time.process_time()
        orjson.loads(body)
        first += between - began
        again += time.process_time() - between
        size += len(body)
    return {"first": first, "again": again, "bytes": size}


if __name__ == "__main__":
    print(json.dumps(parse_all(Path(sys.argv[1]))))
