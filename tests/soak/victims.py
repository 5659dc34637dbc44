"""Running the program in a process of its own that is killed at a chosen point.

The process is forked from one that has everything imported, so that a round takes
a tenth of a second and the kill falls into work instead of into imports. It is
killed with SIGKILL: nothing of it can tidy up.
"""

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
"""What every process takes for the present."""


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: its exit code; minus the signal if it was killed.
        events: how many statements and commits it had sent to the database.
        seconds: how long it worked, from its first connection on.
        said: what it printed.
    """

    code: int
    events: int
    seconds: float
    said: str


@dataclass(frozen=True)
class Around:
    """What surrounds a process.

    Attributes:
        now: what it takes for the present.
        settings: the configuration file it reads; None for none.
        says: by source, the file whose bytes the schedule reads as its page; a source
            that is not named cannot be read.
    """

    now: datetime = NOW
    settings: Path | None = None
    says: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Kill:
    """When to kill: at an event, exactly, or so many seconds into the work."""

    event: int | None = None
    seconds: float | None = None


def run(
    words: list[str], log: Path, kill: Kill | None = None, around: Around | None = None
) -> Ended:
    """Run the program with these words, and kill it where that is asked for."""
    kill, around = kill or Kill(), around or Around()
    hear, speak = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(hear)
        _work(log, lambda: _program(words, kill, speak, around))
    os.close(speak)
    began = _first_word(hear)
    if kill.seconds is not None and began:
        select.select([], [], [], kill.seconds)
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    took = time.perf_counter() - began if began else 0.0
    with os.fdopen(hear, "rb") as rest:
        marks = rest.read()
    said = log.read_text("utf-8", "replace")
    return Ended(os.waitstatus_to_exitcode(status), len(marks), took, said)


def _first_word(hear: int) -> float:
    """When the process first spoke to its database; 0 if it ended without."""
    return time.perf_counter() if os.read(hear, 1) else 0.0


def _work(log: Path, program: Callable[[], int]) -> None:
    """Be the process; never returns."""
    code = 1
    try:
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        code = program()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _program(words: list[str], kill: Kill, speak: int, around: Around) -> int:
    from tracker import wiring
    from tracker.cli.main import main

    wiring.now = lambda: around.now
    if around.settings is not None:
        os.environ["PRICETRAIL_CONFIG"] = str(around.settings)
    if around.says:
        _feed(around)
    _listen(kill, lambda: os.write(speak, b"."))
    sys.argv = ["pricetrail", *words]
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _feed(around: Around) -> None:
    """Let the schedule read files instead of the network."""
    from tests.support.scheduling import Feed
    from tracker import fetching

    def says(name: str) -> bytes | None:
        return around.says[name].read_bytes() if name in around.says else None

    feed = Feed(lambda: around.now, says)
    fetching.fetcher = lambda *_, **__: feed


def _listen(kill: Kill, mark: Callable[[], int]) -> None:
    """Count what is sent to the database; die at the event that is named."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    events = 0

    def seen(*_: object) -> None:
        nonlocal events
        events += 1
        mark()
        if events == kill.event:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, name, seen)
