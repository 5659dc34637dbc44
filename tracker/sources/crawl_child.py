"""The crawler's process: started in a session of its own, and never left behind."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from crawler.pages import bundle

_AT_ONCE = 4096
_TO_END = 2.0
"""Seconds that a crawler which has told everything has to end by itself."""

_ROOT = Path(bundle.__file__).parents[2]
_OURS = "PRICETRAIL_"


class Child:
    """A running crawler.

    Args:
        process: with pipes on its standard input and output. Its input stays open
            as long as we live: the crawler ends when it is closed, so that it does
            not outlive us even if we are killed.
        until: the instant (`time.monotonic`) at which it is given up.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", until: float) -> None:
        self._process = process
        self._until = until

    def follow(self, sources: set[str], told: Callable[[str], None]) -> bool:
        """Hear of each source as it is done, until all are, or the time is up.

        Returns:
            Whether the crawler ended by itself.
        """
        waiting = set(sources)
        for name in self._lines():
            if name in waiting:
                waiting.remove(name)
                told(name)
            if not waiting:
                self._until = min(self._until, time.monotonic() + _TO_END)
        return time.monotonic() < self._until

    def _lines(self) -> Iterator[str]:
        rest = b""
        for heard in self._heard():
            *lines, rest = (rest + heard).split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in lines)

    def _heard(self) -> Iterator[bytes]:
        output = self._process.stdout
        if output is None:
            return
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            while selector.select(max(self._until - time.monotonic(), 0.0)):
                heard = os.read(output.fileno(), _AT_ONCE)
                if not heard:
                    return
                yield heard

    def end(self) -> None:
        """Kill the crawler and all that it started; it is gone when this returns."""
        # Not waited for before: until then its number belongs to no one else.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def running(request: Path, log: Path, *, until: float) -> Iterator[Child]:
    """The crawler, for the length of a block.

    Args:
        request: the file that says what to do.
        log: where its log and its faults go.
        until: the instant (`time.monotonic`) at which it is given up.
    """
    with log.open("wb") as errors, _started(request, errors.fileno()) as process:
        child = Child(process, until)
        try:
            yield child
        finally:
            child.end()


def _started(request: Path, errors: int) -> "subprocess.Popen[bytes]":
    # Not the current folder, which may hold anything, but the one we came from.
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-P", "-m", "crawler.run", str(request.resolve())],
        env={**kept, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
    )
