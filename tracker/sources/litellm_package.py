"""The map inside the installed litellm package, read without importing litellm.

Importing litellm costs seconds and fetches the map over the network; the file
lies in the package, and its distribution's metadata knows the version.
"""

import importlib.metadata
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tracker.domain.errors import SourceError

MAP_NAME = "model_prices_and_context_window_backup.json"


@dataclass(frozen=True, slots=True)
class InstalledMap:
    """The installed map: its file, its bytes, and the release it came with."""

    path: Path
    body: bytes
    version: str


def read_installed_map(*, max_bytes: int) -> InstalledMap:
    """Read the map of the litellm that is installed beside Pricetrail.

    Args:
        max_bytes: a larger file is refused unread.

    Raises:
        SourceError: litellm is not installed, or its map cannot be read.
    """
    path = _package_folder() / MAP_NAME
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise SourceError(
                f"the installed litellm map has {size / 1e6:.0f} MB, more than the "
                f"{max_bytes / 1e6:.0f} MB that are read; reinstall litellm"
            )
        body = path.read_bytes()
    except OSError as fault:
        raise SourceError(
            f"the installed litellm has no readable map at {path} "
            f"({fault.strerror}); reinstall litellm"
        ) from fault
    return InstalledMap(path, body, importlib.metadata.version("litellm"))


def _package_folder() -> Path:
    spec = find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        raise SourceError("litellm is not installed; run: pip install litellm")
    return Path(next(iter(spec.submodule_search_locations)))
