"""What stands in a folder, and where the links of its pages lead."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

LINKS = {"href", "src", "action", "data-root"}
ASKED = ("models/", "changes/", "compare/")
"""Pages whose scripts answer a question in their address; without it they tell all."""
VOID = {"meta", "link", "input", "br", "img", "hr", "source", "col", "wbr", "area"}

QUIET = ("form", "script", "template", "svg")
"""What is in them is not compared."""


class Read(HTMLParser):
    """A page as its reader meets it.

    Attributes:
        links: every address that it names, with the element that does.
        anchors: every place in it that a link may lead to.
        words: its text, without what is in forms, scripts and pictures (a served
            picture ends today, one in a file with the month).
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.anchors: set[str] = set()
        self.words: list[str] = []
        self._quiet = 0
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """An element begins."""
        given = dict(attrs)
        self.links += [(tag, given[name] or "") for name in LINKS & given.keys()]
        self.anchors |= {given["id"]} if given.get("id") else set()
        if tag not in VOID:
            self._open.append(tag)
            self._quiet += tag in QUIET

    def handle_endtag(self, tag):
        """An element ends, and with it what was left open in it."""
        if tag in self._open:
            while self._open:
                closed = self._open.pop()
                self._quiet -= closed in QUIET
                if closed == tag:
                    break

    def handle_data(self, data):
        """Some text."""
        if not self._quiet and data.strip():
            self.words.append(" ".join(data.split()))


def files(folder: Path) -> dict[str, Path]:
    """Every file of a site, by its name, less its manifest."""
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*")}
    return {
        name: path
        for name, path in sorted(found.items())
        if path.is_file() and not name.startswith(".pricetrail-site")
    }


def hashes(folder: Path) -> dict[str, str]:
    """What is in each file."""
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in files(folder).items()
    }


def times(folder: Path) -> dict[str, int]:
    """When each file was written."""
    return {name: path.stat().st_mtime_ns for name, path in files(folder).items()}


def manifest(folder: Path) -> list[tuple[str, ...]]:
    """What a site remembers of its files."""
    with closing(sqlite3.connect(folder / ".pricetrail-site")) as opened:
        return opened.execute("SELECT * FROM files ORDER BY name").fetchall()


def pages(folder: Path) -> Iterator[tuple[str, Read]]:
    """Every page, by its address from the site's root."""
    for name, path in files(folder).items():
        if name.endswith(".html"):
            yield name.removesuffix("index.html"), Read(path.read_text("utf-8"))


def broken(folder: Path, prefix: str = "/some/where/") -> list[str]:
    """Links that lead nowhere, or away, if the folder is put at this path."""
    found = dict(pages(folder))
    known: dict[str, set[str]] = {f"{prefix}{name}": set() for name in files(folder)}
    known |= {f"{prefix}{name}": page.anchors for name, page in found.items()}
    wrong = []
    del found["404.html"]  # shown in the place of any page: see the tests of it
    for name, page in found.items():
        for tag, link in page.links:
            fault = _fault(f"{prefix}{name}", link, known)
            if fault:
                wrong.append(f"{name}: <{tag}> {link[:120]}: {fault}")
    return wrong


def _fault(base: str, link: str, known: dict[str, set[str]]) -> str:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return "" if parts.scheme == "https" else "leads elsewhere"
    if link.startswith("/"):
        return "holds only at the root of a host"
    if parts.query and not parts.path.endswith(ASKED):
        return "asks what no script answers"
    whole = urlsplit(urljoin(f"http://x{base}", link))
    path = unquote(whole.path)
    if path not in known:
        return "no such file"
    if whole.fragment and unquote(whole.fragment) not in known[path]:
        return "no such place on the page"
    return ""
