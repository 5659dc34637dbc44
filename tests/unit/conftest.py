"""What the unit tests share: the weekly litellm maps, read once, if they are there."""

import lzma
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from crawler.pages import litellm

SHARED = Path(
    os.environ.get("PRICETRAIL_SHARED", Path(__file__).parents[2].parent / "shared")
)
SERIES = SHARED / "data" / "litellm"

settings.register_profile("unit", deadline=None)  # a shared core pauses at will
settings.load_profile("unit")


@pytest.fixture(name="map_bodies", scope="session")
def _map_bodies() -> Callable[[], Iterator[tuple[str, bytes]]]:
    """Every weekly map, oldest first, unpacked while it is walked through."""
    paths = sorted(SERIES.glob("*.json.xz"))
    if not paths:
        pytest.skip(f"no real litellm maps in {SERIES}")
    return lambda: ((path.name, lzma.open(path).read()) for path in paths)


@pytest.fixture(name="newest_map", scope="session")
def _newest_map(map_bodies) -> dict[str, Any]:
    """The entries of the newest map."""
    *_, (_, body) = map_bodies()
    return dict(litellm.parse(body).entries)


@pytest.fixture(name="real_entries", scope="session")
def _real_entries(map_bodies) -> list[tuple[str, dict[str, Any]]]:
    """Each entry of each map, less those equal to the same key's in the last one."""
    before: dict[str, Any] = {}
    found = []
    for _, body in map_bodies():
        entries = dict(litellm.parse(body).entries)
        found += [(k, e) for k, e in entries.items() if before.get(k) != e]
        before = entries
    return found
