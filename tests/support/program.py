"""Running the program: in this process for speed, or as a process of its own."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.support import maps
from tests.support.tables import Tables

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ran:
    """How a run of the program ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything that was printed."""
        return self.out + self.err


def cli(*words: str) -> Ran:
    """Run the program within this process."""
    from tracker.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", ["pricetrail", *words]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


def environment(**extra: str) -> dict[str, str]:
    """The environment of a process of the program, without the user's own database."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PRICETRAIL_")}
    return {**kept, "PYTHONPATH": str(CHECKOUT), **extra}


def command(*words: str) -> list[str]:
    """The command line that runs the program."""
    return [sys.executable, "-m", "tracker", *words]


def process(*words: str, cwd: Path, **extra: str) -> Ran:
    """Run the program as a process of its own."""
    done = subprocess.run(
        command(*words),
        cwd=cwd,
        env=environment(**extra),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@dataclass
class Trail:
    """A database that the program is run on, and what is in it."""

    url: str
    folder: Path
    run: Callable[..., Ran] = cli
    bodies: int = field(default=0)

    @property
    def tables(self) -> Tables:
        """Direct access to the tables, around the program."""
        return Tables(self.url)

    def __call__(self, *words: str) -> Ran:
        """Run one command on the database."""
        return self.run(*words, "--db", self.url)

    def file(self, said: Any, name: str | None = None) -> Path:
        """Write a body to a file: bytes as they are, anything else as JSON."""
        self.bodies += 1
        path = self.folder / (name or f"body-{self.bodies}.json")
        path.write_bytes(said if isinstance(said, bytes) else maps.body(said))
        return path

    def sync(self, said: Any, at: str, *words: str) -> Ran:
        """Sync a body as of an instant."""
        path = str(self.file(said))
        given = ("--source", "litellm", "--file", path, "--at", at)
        return self("sync", *given, *words)

    def backfill(self, bodies: dict[str, Any], *words: str) -> Ran:
        """Backfill from a folder of bodies, by file name."""
        self.bodies += 1
        folder = self.folder / f"bodies-{self.bodies}"
        folder.mkdir()
        for name, said in bodies.items():
            self.file(said, f"{folder.name}/{name}")
        return self("backfill", "litellm", "--from-dir", str(folder), *words)
