"""Running the server."""

import contextlib
import errno
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from tracker.domain.errors import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from storage.unit_of_work import Store

MISSING = "the web page needs more packages; run: pip install 'pricetrail[web]'"
PATIENCE = 5
"""Seconds that answers under way may take when the server is stopped."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server listens.

    Attributes:
        host: a name or an address.
        port: 0 for any that is free.
        url: where readers reach it, with a slash at its end; may be empty.
    """

    host: str
    port: int
    url: str


def run(
    store: "Store",
    clock: Callable[[], datetime],
    place: Place,
    told: Callable[[str], None],
) -> None:
    """Serve until a signal ends it; then end without a fault.

    Args:
        store: the database.
        clock: tells now.
        place: where to listen.
        told: is given the line that says where it can be reached.

    Raises:
        UsageError: the extra `web` is not installed, or nothing can listen there.
    """
    with _ended_well(), listening(place) as listener:
        server = _server(store, clock, place)
        told(f"serving {store.name} at {_address(place, listener)} (Ctrl-C stops it)")
        server.run(sockets=[listener])


def _server(store: "Store", clock: Callable[[], datetime], place: Place) -> Any:
    try:
        import uvicorn

        from tracker.web.app import application
        from tracker.web.connections import WAITING, Hurried
    except ImportError:
        raise UsageError(MISSING) from None
    app: ASGIApp = application(store, clock, url=place.url)
    prefix = urlsplit(place.url).path.rstrip("/")
    if prefix:
        app = Prefixed(app, prefix)
    log_plainly()
    config = uvicorn.Config(
        app,
        http=Hurried,
        backlog=WAITING,
        log_config=None,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=PATIENCE,
    )
    return uvicorn.Server(config)


class Prefixed:
    """Takes requests with the path of the site's address before them, and without it:
    a proxy may have taken it off.
    """

    def __init__(self, app: "ASGIApp", prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on as if the site were all there is."""
        path = scope.get("path", "")
        if path == self._prefix or path.startswith(f"{self._prefix}/"):
            scope = {**scope, "path": path.removeprefix(self._prefix) or "/"}
        await self._app(scope, receive, send)


@contextlib.contextmanager
def _ended_well() -> Iterator[None]:
    """A signal that asks the program to stop is no fault, whenever it comes."""

    def stop(*_: object) -> NoReturn:
        raise SystemExit(0)

    asked = (signal.SIGINT, signal.SIGTERM)
    before = {sign: signal.signal(sign, stop) for sign in asked}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


@contextlib.contextmanager
def listening(place: Place) -> Iterator[socket.socket]:
    """A socket that takes connections.

    Raises:
        UsageError: nothing can listen there.
    """
    where = f"{place.host} port {place.port}"
    try:
        found = socket.getaddrinfo(
            place.host, place.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (socket.gaierror, UnicodeError):
        raise UsageError(f"no address of this machine is called {place.host}") from None
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(2048)
        except OSError as fault:
            raise UsageError(f"{where}: {_advice(fault)}") from None
        yield listener


def _advice(fault: OSError) -> str:
    if fault.errno == errno.EADDRINUSE:
        return "another program listens there; name another port with --port"
    if fault.errno == errno.EACCES:
        return "only root may listen there; name a port from 1024 on with --port"
    return f"{fault.strerror}; name another with --host and --port"


def _address(place: Place, listener: socket.socket) -> str:
    """Where a person on this machine finds it."""
    port = listener.getsockname()[1]
    host = f"[{place.host}]" if ":" in place.host else place.host
    return f"http://{host}:{port}/"


def log_plainly() -> None:
    """One line to standard error for each answer, and for each fault."""
    lines = logging.StreamHandler(sys.stderr)
    form = logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    form.converter = time.gmtime
    lines.setFormatter(form)
    for name, level in (("error", logging.WARNING), ("access", logging.INFO)):
        logger = logging.getLogger(f"uvicorn.{name}")
        logger.handlers = [lines]
        logger.setLevel(level)
        logger.propagate = False
    logging.getLogger("uvicorn.access").addFilter(_asked)


def _asked(record: logging.LogRecord) -> bool:
    """Make a line of an answer: who, what, how it went; questions are not logged."""
    if isinstance(record.args, tuple) and len(record.args) == 5:
        client, method, path, _, status = record.args
        plain = str(path).partition("?")[0]
        host = str(client).rpartition(":")[0]
        record.msg, record.args = f"{host} {method} {plain} {status}", ()
    return True
