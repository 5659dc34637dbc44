"""A place on loopback where a supervisor can ask whether the scheduler is well."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tracker.domain.errors import UsageError

HOST = "127.0.0.1"
LATE = timedelta(minutes=10)
"""How long after its last beat a scheduler that is not at work counts as hung."""


class Pulse:
    """How the scheduler is, written by it and read by whoever asks."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._beat, self._busy, self._fault = clock(), False, ""
        self._notices: tuple[str, ...] = ()

    def begins(self) -> None:
        """A tick begins; it may take long."""
        with self._lock:
            self._beat, self._busy = self._clock(), True

    def ends(self, fault: str = "", notices: tuple[str, ...] = ()) -> None:
        """A tick ended: well, or with a fault."""
        with self._lock:
            self._beat, self._busy = self._clock(), False
            self._fault, self._notices = fault, notices

    def answer(self) -> tuple[int, dict[str, Any]]:
        """The status for a supervisor (200 or 503), and what is behind it."""
        with self._lock:
            late = not self._busy and self._clock() - self._beat > LATE
            well = not (self._fault or late)
            return 200 if well else 503, {
                "status": "ok" if well else "failing",
                "last_tick": f"{self._beat:%Y-%m-%dT%H:%M:%SZ}",
                "working": self._busy,
                "fault": self._fault or ("no tick for too long" if late else None),
                "notices": list(self._notices),
            }


@contextmanager
def served(pulse: Pulse, port: int | None) -> Iterator[int | None]:
    """`/healthz` on loopback for the length of a block; the port that it has.

    Args:
        pulse: what is told.
        port: where; 0 for any that is free, None for no server.

    Raises:
        UsageError: the port is taken.
    """
    if port is None:
        yield None
        return
    try:
        server = ThreadingHTTPServer((HOST, port), _answering(pulse))
    except OSError as fault:
        raise UsageError(
            f"--health-port {port} is not to be had ({fault.strerror}); name another"
        ) from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answering(pulse: Pulse) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5
        server_version, sys_version = "pricetrail", ""

        def do_GET(self) -> None:
            """Answer /healthz, and nothing else."""
            if self.path != "/healthz":
                self.send_error(404)
                return
            status, said = pulse.answer()
            body = json.dumps(said).encode() + b"\n"
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A question every few seconds is no event."""

    return Handler
