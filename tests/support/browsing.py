"""Looking at pages: whether anything went wrong on them, and what axe finds."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

GRAVE = ("serious", "critical")


class Watch:
    """What happens on a page beside what is seen.

    Args:
        page: playwright's.
    """

    def __init__(self, page) -> None:
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", self._said)
        page.on("pageerror", lambda fault: self.faults.append(f"error: {fault}"))
        page.on("requestfailed", self._failed)
        page.on("request", lambda asked: self.hosts.add(urlsplit(asked.url).netloc))
        page.on("response", self._answered)

    def _said(self, message) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text}")

    def _failed(self, asked) -> None:
        # A page that is left stops loading what it no longer needs.
        if "ERR_ABORTED" not in (asked.failure or ""):
            self.faults.append(f"failed: {asked.url} {asked.failure}")

    def _answered(self, answer) -> None:
        if answer.status >= 400:
            self.faults.append(f"{answer.status}: {answer.url}")


class _Quiet(SimpleHTTPRequestHandler):
    """A plain server of files that keeps no log."""

    def log_message(self, *_: object) -> None:
        """Nothing is told."""


@contextmanager
def plain_host(folder: Path) -> Iterator[str]:
    """A folder served by a plain server of files; the address of its root."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join(20)


@cache
def _axe():
    from axe_playwright_python.sync_playwright import Axe

    return Axe()


def violations(page) -> list[str]:
    """What axe-core finds to be serious or critical on a page, one line each."""
    found = _axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def overflow(page) -> list[str]:
    """What makes a page wider than the window; nothing if it need not be scrolled
    sideways.
    """
    return page.evaluate(
        """() => {
            const wide = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= wide) return [];
            const out = [...document.querySelectorAll("body *")].filter(
                (one) => one.getBoundingClientRect().right > wide + 1);
            return ["", ...out.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))];
        }"""
    )
