"""The floor: parsing the same maps and nothing else.

`python -m benchmarks.floor FOLDER` unpacks and parses every map of a folder and
prints the CPU of the parsing alone; what parses to nothing is dropped at once,
as part of it. The whole process, with start-up and unpacking, is measured from
outside.
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
    """What parsing took: the loads alone, and the process around them."""

    loads: float
    megabytes: float
    process: Usage


def measured(folder: Path) -> Floor:
    """Parse a folder of maps in a process of its own."""
    usage = run([sys.executable, "-m", "benchmarks.floor", folder])
    said = json.loads(usage.output)
    return Floor(said["cpu"], said["bytes"] / 1e6, usage)


def parse_all(folder: Path) -> dict[str, float]:
    """Parse every map and say how long the CPU took for that."""
    import orjson

    cpu, size = 0.0, 0
    for path in sorted(folder.iterdir()):
        packed = path.read_bytes()
        body = lzma.decompress(packed) if path.suffix == ".xz" else packed
        began = time.process_time()
        orjson.loads(body)
        cpu += time.process_time() - began
        size += len(body)
    return {"cpu": cpu, "bytes": size}


if __name__ == "__main__":
    print(json.dumps(parse_all(Path(sys.argv[1]))))
