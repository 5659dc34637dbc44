"""A page's HTML taken apart: of what it is made, and whether it is well made."""

import json
from collections import Counter
from html.parser import HTMLParser

from tests.support.sites import VOID

ADDRESSES = {"href", "src", "action", "formaction"} | {
    f"data-{what}" for what in ("root", "json", "lib")
}


class Markup(HTMLParser):
    """The elements of a page.

    Attributes:
        shapes: each element with the names of its attributes.
        given: every attribute, as element, name and value.
        blocks: what stands in the script elements, as it was read.
        text: what is shown.
        faults: what is wrong with it.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shapes: set[tuple[str, tuple[str, ...]]] = set()
        self.given: list[tuple[str, str, str]] = []
        self.blocks: list[str] = []
        self.text: list[str] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> is left open" for tag in self._open]
        ids = Counter(value for _, name, value in self.given if name == "id")
        self.faults += [f"{many} times {one}" for one, many in ids.items() if many > 1]

    @property
    def addresses(self) -> list[str]:
        """Where its links, forms and files lead."""
        return [value for _, name, value in self.given if name in ADDRESSES]

    @property
    def data(self) -> list[object]:
        """What it tells its scripts."""
        return [json.loads(block) for block in self.blocks if block.strip()]

    def handle_starttag(self, tag, attrs):
        """An element begins."""
        names = [name for name, _ in attrs]
        if len({*names}) < len(names):
            self.faults.append(f"<{tag}> has {names}")
        self.shapes.add((tag, tuple(sorted(names))))
        self.given += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """An element without content, as SVG has them."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        """An element ends: the one that began last."""
        if tag not in self._open:
            self.faults.append(f"</{tag}> ends nothing")
        elif self._open.pop() != tag:
            self.faults.append(f"</{tag}> ends another one")

    def handle_data(self, data):
        """Some text."""
        inside = self._open[-1] if self._open else ""
        (self.blocks if inside == "script" else self.text).append(data)

    def handle_comment(self, data):
        """Our pages have no comments."""
        self.faults.append(f"a comment: {data[:60]}")

    def handle_pi(self, data):
        """Nor instructions."""
        self.faults.append(f"an instruction: {data[:60]}")

    def unknown_decl(self, data):
        """Nor sections."""
        self.faults.append(f"a section: {data[:60]}")
