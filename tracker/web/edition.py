"""Which edition of the pages this program makes."""

import hashlib
from functools import cache
from pathlib import Path


@cache
def edition() -> str:
    """Changes whenever the code, a template or a style of the pages does."""
    whole = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted(here.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            whole.update(path.relative_to(here).as_posix().encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()[:16]
