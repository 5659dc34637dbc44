"""Which edition of the pages this program makes."""

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import storage
import tracker

_DRAWN_WITH = ("jinja2", "vl-convert-python")
"""Libraries whose newer versions may make other pages of the same."""


@cache
def edition() -> str:
    """Changes whenever the program's code, a template or a style does: charts, words
    and figures on a page come from all over it.
    """
    whole = hashlib.sha256(" ".join(map(_version, _DRAWN_WITH)).encode())
    for package in (tracker, storage):
        root = Path(package.__file__ or "").parent
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                whole.update(path.relative_to(root).as_posix().encode())
                whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"
