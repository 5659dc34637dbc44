"""A small internet on loopback: real servers, each with the manners it is given."""

import contextlib
import gzip
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MARKDOWN = "text/markdown; charset=utf-8"
JSON = "application/json"


@dataclass(frozen=True)
class Seen:
    """A request that a site was sent, and when (`time.monotonic`)."""

    path: str
    headers: dict[str, str]
    at: float


@dataclass
class Visit:
    """One connection, for a manner to answer on."""

    seen: Seen
    socket: socket.socket
    closing: threading.Event

    def send(self, data: bytes) -> None:
        """Send, if there is still somebody who listens."""
        with contextlib.suppress(OSError):
            self.socket.sendall(data)

    def head(self, status: int = 200, **headers: str) -> None:
        """Send the head of an answer."""
        lines = [f"HTTP/1.1 {status} Whatever", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {text}" for name, text in headers.items()]
        self.send("\r\n".join((*lines, "", "")).encode("latin1"))


Manner = Callable[[Visit], None]
"""How a path is answered."""


class Site:
    """A host: an address on loopback, and a manner for each of its paths.

    Whatever has no manner is not there (404), robots.txt included.
    """

    def __init__(self, address: str, tls: ssl.SSLContext | None = None) -> None:
        self._manners: dict[str, Manner] = {}
        self.seen: list[Seen] = []
        self._closing = threading.Event()
        site = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                site._answer(self.request)

        self._scheme = "https" if tls else "http"
        self._server = _Server((address, 0), Handler)
        if tls:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def base(self) -> str:
        """Where the site stands: `http://127.0.0.2:40123`."""
        address, port = self._server.server_address[:2]
        return f"{self._scheme}://{address}:{port}"

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def serve(self, path: str, *manners: Manner) -> "Site":
        """Answer a path and its query in these manners in turn, the last for good."""
        turns = iter(manners)
        current = [next(turns)]

        def in_turn(visit: Visit) -> None:
            manner = current[0]
            current[0] = next(turns, manner)
            manner(visit)

        self._manners[path] = in_turn
        return self

    def asked(self, path: str) -> list[Seen]:
        """The requests for one path, in their order."""
        return [seen for seen in self.seen if seen.path == path]

    def close(self) -> None:
        """End the site, and what still drips from it."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, connection: socket.socket) -> None:
        head = _head(connection)
        if not head:
            return
        first, *lines = head.decode("latin1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): text.strip() for name, _, text in pairs}
        seen = Seen(first.split(" ")[1], headers, time.monotonic())
        self.seen.append(seen)
        manner = self._manners.get(seen.path, status(404))
        manner(Visit(seen, connection, self._closing))


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that left: it was killed, or had heard enough."""


def _head(connection: socket.socket) -> bytes:
    data = b""
    with contextlib.suppress(OSError):
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return b""
            data += more
    return data.partition(b"\r\n\r\n")[0]


@dataclass
class Internet:
    """Hosts by origin; each gets a site on an address of its own when it is met."""

    sites: dict[str, Site] = field(default_factory=dict)

    def host(self, url: str) -> Site:
        """The site of an address's host."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self.sites:
            self.sites[origin] = Site(f"127.0.0.{2 + len(self.sites)}")
        return self.sites[origin]

    def host_over_tls(self, url: str, tls: ssl.SSLContext) -> Site:
        """The site of an address's host, spoken to over TLS."""
        parts = urlsplit(url)
        site = Site(f"127.0.0.{2 + len(self.sites)}", tls)
        self.sites[f"{parts.scheme}://{parts.netloc}"] = site
        return site

    def serve(self, url: str, *manners: Manner) -> Site:
        """Answer one address in these manners in turn."""
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return self.host(url).serve(path, *manners)

    @property
    def origins(self) -> dict[str, str]:
        """Where each host is read instead."""
        return {origin: site.base for origin, site in self.sites.items()}

    @property
    def seen(self) -> list[Seen]:
        """All requests to all hosts."""
        return [seen for site in self.sites.values() for seen in site.seen]


@contextlib.contextmanager
def internet() -> Iterator[Internet]:
    """An internet for the length of a block."""
    net = Internet()
    try:
        yield net
    finally:
        for site in net.sites.values():
            site.close()


def page(body: bytes, kind: str = JSON, **headers: str) -> Manner:
    """A page, whole."""

    def manner(visit: Visit) -> None:
        size = str(len(body))
        visit.head(200, Content_Type=kind, Content_Length=size, **headers)
        visit.send(body)

    return manner


def status(number: int, **headers: str) -> Manner:
    """A bare status."""

    def manner(visit: Visit) -> None:
        visit.head(number, Content_Length="0", **headers)

    return manner


def redirect(to: str) -> Manner:
    """A redirect."""
    return status(302, Location=to)


def silent(visit: Visit) -> None:
    """Take the request and never answer."""
    with contextlib.suppress(OSError):
        visit.socket.settimeout(30)
        visit.socket.recv(1)


def drip(visit: Visit) -> None:
    """Answer, a byte every tenth of a second, without an end."""
    visit.head(200, Content_Type=JSON, Content_Length="1000000")
    with contextlib.suppress(OSError):
        while not visit.closing.wait(0.1):
            visit.socket.sendall(b" ")


def truncated(body: bytes, kind: str = JSON) -> Manner:
    """A page that breaks off: half of what was announced."""

    def manner(visit: Visit) -> None:
        visit.head(200, Content_Type=kind, Content_Length=str(2 * len(body)))
        visit.send(body)

    return manner


def endless(body: bytes, kind: str = JSON) -> Manner:
    """A page that does not say how long it is, and ends with the connection."""

    def manner(visit: Visit) -> None:
        visit.head(200, Content_Type=kind)
        visit.send(body)

    return manner


def reset(visit: Visit) -> None:
    """Break the connection off, as a crashed server or a firewall does."""
    visit.socket.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    visit.socket.close()


def packed(body: bytes, kind: str = JSON) -> Manner:
    """A page packed with gzip."""
    return page(gzip.compress(body, 1), kind, Content_Encoding="gzip")


def chunks(*parts: bytes, kind: str = "text/html") -> Manner:
    """A page in chunks that breaks off before the last one."""

    def manner(visit: Visit) -> None:
        visit.head(200, Content_Type=kind, Transfer_Encoding="chunked")
        for part in parts:
            visit.send(b"%x\r\n%s\r\n" % (len(part), part))

    return manner


def garbage(visit: Visit) -> None:
    """Answer with something that is no HTTP."""
    visit.send(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
