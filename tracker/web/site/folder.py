"""Writing files into a folder that may be looked at while it is written.

A file is put in its place whole; one that would not change is not touched; what is not
ours is neither written over nor deleted, and no link is followed: it may lead out of
the folder.
"""

import errno
import hashlib
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from tracker.domain.errors import StorageError, UsageError
from tracker.web.site.manifest import NAME, UNSURE, Kept, Manifest, opened

PART = f"{NAME}.part"
"""Where a file is before it is put in its place: one at a time."""

Standing = Literal["nothing", "file", "other"]
"""What is at a name: `other` is a link, or a folder where a file belongs, or the
reverse, at the name itself or on the way to it.
"""
_NO_NAME = (errno.ENAMETOOLONG, errno.EILSEQ)


@dataclass(frozen=True, slots=True)
class File:
    """A file that belongs into the folder.

    Attributes:
        name: from the folder, with slashes.
        body: its bytes.
        mark: what it was made from; empty if it has to be made to be compared.
    """

    name: str
    body: bytes
    mark: str = ""


@dataclass
class Counts:
    """What became of the files.

    Attributes:
        written: how many are new or have changed.
        unchanged: how many were not touched.
        deleted: how many are gone.
        foreign: files of others that stand where one of ours belongs.
    """

    written: int = 0
    unchanged: int = 0
    deleted: int = 0
    foreign: list[str] = field(default_factory=list)


class Folder:
    """A folder with a site of ours in it.

    Args:
        path: of the folder.
        manifest: its own.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self._path = path
        self._manifest = manifest

    def current(self, names: Sequence[str], mark: str) -> bool:
        """Whether files were made from just this, and are still there whole."""
        return all(self._current(name, mark) for name in names)

    def _current(self, name: str, mark: str) -> bool:
        kept = self._manifest.files.get(name)
        return kept is not None and kept.mark == mark and self._is_there(name, kept)

    def put(self, files: Sequence[File], counts: Counts) -> None:
        """Bring some files into place; none is touched whose content is the same."""
        ours = [one for one in files if not self._is_foreign(one.name, counts)]
        hashes = {one.name: hashlib.sha256(one.body).hexdigest() for one in ours}
        changed = [one for one in ours if not self._same(one, hashes[one.name])]
        self._manifest.note({one.name: UNSURE for one in changed})
        for one in changed:
            self._write(one)
        known = self._manifest.files
        done = {o.name: Kept(o.mark, hashes[o.name], len(o.body)) for o in ours}
        self._manifest.note({n: k for n, k in done.items() if known.get(n) != k})
        counts.written += len(changed)
        counts.unchanged += len(ours) - len(changed)

    def keep_only(self, names: Collection[str], counts: Counts) -> None:
        """Delete what is ours and not named, and the folders that are empty then."""
        gone = [name for name in self._manifest.files if name not in names]
        for name in gone:
            path = self._path / name
            found, _ = self._standing(name)
            if found == "other":
                continue  # somebody put it there since
            path.unlink(missing_ok=True)
            self._prune(path.parent)
            counts.deleted += 1
        self._manifest.forget(gone)

    def _is_there(self, name: str, kept: Kept) -> bool:
        return self._standing(name) == ("file", kept.size)

    def _standing(self, name: str) -> tuple[Standing, int]:
        """What is at a name, and its size."""
        path = self._path
        *folders, last = PurePosixPath(name).parts
        try:
            for folder in folders:
                path /= folder
                if not stat.S_ISDIR(path.lstat().st_mode):
                    return "other", 0
            found = (path / last).lstat()
        except FileNotFoundError:
            return "nothing", 0
        except OSError as fault:
            if fault.errno not in _NO_NAME:
                raise
            return "other", 0
        return ("file" if stat.S_ISREG(found.st_mode) else "other"), found.st_size

    def _is_foreign(self, name: str, counts: Counts) -> bool:
        found, _ = self._standing(name)
        unknown = found == "file" and name not in self._manifest.files
        foreign = found == "other" or unknown
        if foreign and name not in counts.foreign:
            counts.foreign.append(name)
        return foreign

    def _same(self, one: File, sha256: str) -> bool:
        kept = self._manifest.files.get(one.name)
        return (
            kept is not None
            and kept.sha256 == sha256
            and self._is_there(one.name, kept)
        )

    def _write(self, one: File) -> None:
        target, part = self._path / one.name, self._path / PART
        with part.open("xb") as file:  # a new one: never what a link leads to
            file.write(one.body)
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)

    def _prune(self, folder: Path) -> None:
        while folder != self._path:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass  # it is gone already
            except OSError:
                return  # something is left in it
            folder = folder.parent


@contextmanager
def claimed(path: Path) -> Iterator[Folder]:
    """A folder to build in, made if it is not there; ours alone until the end.

    Raises:
        UsageError: it is a file, has no parent, or holds something else.
        StorageError: another program builds there, or it cannot be written to.
    """
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file; name a folder")
    if not path.resolve().parent.is_dir():
        raise UsageError(f"the folder {path.parent} does not exist; make it first")
    try:
        path.mkdir(exist_ok=True)
        with opened(path) as manifest:
            (path / PART).unlink(missing_ok=True)
            yield Folder(path, manifest)
            (path / PART).unlink(missing_ok=True)
    except OSError as fault:
        raise StorageError(
            f"{path}: {fault.strerror or fault}; what was written stays, "
            "run again to go on"
        ) from fault
