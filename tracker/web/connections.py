"""Connections: who is silent for too long makes room for others, and there are never
more than can be open.
"""

import asyncio
import logging
import math
import time
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

SILENCE = 10.0
"""Seconds within which a reader has to finish asking; twice that at most."""
WAITING = 100
"""How many connections are taken at once; more wait until those are looked at."""
KEPT = 4 * WAITING + 100
"""Open files that are not for connections: the database's, and what has been taken
and is not closed yet. A connection that is one too many is taken in one round of the
loop and gone three later, and in each of them as many may come."""
LEAST = 20
"""Connections that there may be, however few files can be open."""
MINUTE = 60.0

_log = logging.getLogger("uvicorn.error")


class Hurried(H11Protocol):
    """A connection that is closed if nothing is asked on it for long. A reader who
    sends half a question, and a little more of it now and then, would hold it for
    ever, and only so many can be open.
    """

    told = -math.inf
    """When it was last said that there are too many."""
    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A reader is there."""
        super().connection_made(transport)
        if len(self.connections) > _most():
            transport.abort()
            self._tell()
        else:
            self._wait(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The reader is gone."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def _wait(self, seen: Any) -> None:
        self._look = self.loop.call_later(SILENCE, self._looked, seen)

    def _looked(self, seen: Any) -> None:
        """Close it if nothing is being answered, and nothing was asked since."""
        idle = self.cycle is None or self.cycle.response_complete
        if idle and self.cycle is seen:
            self.transport.close()  # what is still to be sent is sent first
        else:
            self._wait(self.cycle)

    def _tell(self) -> None:
        """Say that there are too many, once a minute."""
        now = time.monotonic()
        if now - Hurried.told > MINUTE:
            Hurried.told = now
            _log.warning(
                "%d connections are open, and no more are taken; raise the limit of "
                "open files (ulimit -n), or put a proxy in front",
                len(self.connections) - 1,
            )


def _most() -> int:
    """How many connections may be open."""
    try:
        import resource
    except ImportError:  # Windows knows no such limit
        return 10_000
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 10_000 if files == resource.RLIM_INFINITY else max(files - KEPT, LEAST)
