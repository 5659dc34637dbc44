"""JavaScript literals as values: what `crawler.pages.jsx` reads a table with."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

MAX_DEPTH = 40
"""How deep values may lie in each other; pages have four levels."""

MAX_VALUES = 200_000
"""Values of one literal; the largest table seen has some hundreds."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Markup:
    """A fragment or element used as a value, as HTML: `<>{"$"}0.95</>` is `$0.95`."""

    source: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; what the function does is for each page to know."""

    name: str
    arguments: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """An expression that is no literal."""

    source: str


Value = (
    str
    | bool
    | Number
    | Markup
    | Call
    | Opaque
    | Sequence["Value"]
    | Mapping[str, "Value"]
    | None
)


class Broken(Exception):
    """What was met is no literal; `at` is where."""

    def __init__(self, reason: str, at: int) -> None:
        super().__init__(reason)
        self.at = at


_SPACE = re.compile(r"\s*+")
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*")
_PROPERTY = re.compile(r"[\w$]+")
_ATTRIBUTE = re.compile(r"[A-Za-z_:@][\w:.-]*")
_TEXT = {
    quote: re.compile(rf"{quote}((?:[^{quote}\\]++|\\.)*+){quote}", re.DOTALL)
    for quote in ('"', "'", "`")
}
_HEX = "[0-9a-fA-F]"
_ESCAPE = re.compile(
    rf"\\(?:u\{{({_HEX}{{1,6}})\}}|u({_HEX}{{4}})|x({_HEX}{{2}})|(.))", re.DOTALL
)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", **dict.fromkeys("bfv0\n", "")}
_WORDS: dict[str, Value] = {
    "null": None,
    "undefined": None,
    "true": True,
    "false": False,
}
_TAG_NAME = re.compile(r"</?[A-Za-z][\w.:-]*|<>|</>")
_CLOSERS = {"{": "}", "[": "]", "(": ")"}


class Reader:
    """A place in a text and what may be read from it."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self.count = 0
        self.depth = 0

    def attributes(self) -> dict[str, Value]:
        """What stands between a component's name and the end of its tag."""
        found: dict[str, Value] = {}
        while True:
            self._space()
            if self._take("/>") or self._take(">"):
                return found
            if self._peek() == "{":  # a spread, or a comment
                self._skip_braces()
                continue
            name = self._match(_ATTRIBUTE, "an attribute")
            self._space()
            if not self._take("="):
                found[name[0]] = True
                continue
            self._space()
            found[name[0]] = self._attribute_value()

    def value(self) -> Value:
        """One literal."""
        self.count += 1
        self.depth += 1
        if self.depth > MAX_DEPTH or self.count > MAX_VALUES:
            self._fail("nested too deeply, or too long, to be a table")
        self._space()
        value = self._value()
        self.depth -= 1
        return value

    def _value(self) -> Value:
        first = self._peek()
        if first == "[":
            return list(self._listed("]"))
        if first == "{":
            return dict(self._pairs())
        if first in _TEXT:
            return self._quoted(first)
        if first == "<":
            return Markup(self._markup())
        if number := _NUMBER.match(self.text, self.at):
            self.at = number.end()
            return Number(number[0])
        return self._named()

    def _named(self) -> Value:
        """`null`, `name`, `name(arguments)`."""
        name = self._match(_NAME, "a value")[0]
        if name in _WORDS:
            return _WORDS[name]
        self._space()
        if self._peek() != "(":
            return Opaque(name)
        return Call(name, tuple(self._listed(")")))

    def _listed(self, end: str) -> Iterator[Value]:
        """Values with commas between them and perhaps after the last."""
        self.at += 1
        while True:
            self._space()
            if self._take(end):
                return
            yield self.value()
            self._space()
            if not self._take(",") and self._peek() != end:
                self._fail("a comma is missing")

    def _pairs(self) -> Iterator[tuple[str, Value]]:
        self.at += 1
        while True:
            self._space()
            if self._take("}"):
                return
            first = self._peek()
            name = (
                self._quoted(first)
                if first in ('"', "'")
                else self._match(_PROPERTY, "a property")[0]
            )
            self._space()
            if not self._take(":"):
                self._fail("a colon is missing")
            yield name, self.value()
            self._space()
            if not self._take(",") and self._peek() != "}":
                self._fail("a comma is missing")

    def _quoted(self, quote: str) -> str:
        found = _TEXT[quote].match(self.text, self.at)
        if found is None:
            self._fail("a text does not end")
        if quote == "`" and "${" in found[1]:
            self._fail("a template is no literal")
        self.at = found.end()
        return _unescaped(found[1]) if "\\" in found[1] else found[1]

    def _attribute_value(self) -> Value:
        """A text, or an expression in braces; one that is no literal is opaque."""
        first = self._peek()
        if first in ('"', "'"):
            # JSX knows no escapes in attributes, so the text ends at the next quote.
            end = self.text.find(first, self.at + 1)
            if end < 0:
                self._fail("a text does not end")
            text, self.at = self.text[self.at + 1 : end], end + 1
            return text
        if first != "{":
            self._fail("an attribute without a value")
        start, depth = self.at, self.depth
        self.at += 1
        try:
            value = self.value()
            self._space()
            if self._take("}"):
                return value
        except Broken as fault:
            if fault.at >= len(self.text):
                raise  # read to the end of the text; once is enough
            # Some other expression: where it ends is seen below.
        self.at, self.depth = start, depth
        self._skip_braces()
        return Opaque(self.text[start : self.at])

    def _markup(self) -> str:
        """From `<` to the tag that closes it, as HTML."""
        parts: list[str] = []
        open_tags = 0
        while True:
            if self._peek() == "<":
                tag, opens = self._tag()
                open_tags += opens
                parts.append(tag)
                if open_tags <= 0:
                    return "".join(parts)
            elif self._peek() == "{":
                parts.append(self._embedded())
            else:
                end = _next(self.text, self.at, "<{")
                if end < 0:
                    self._fail_at_end("an element does not end")
                parts.append(self.text[self.at : end])
                self.at = end

    def _tag(self) -> tuple[str, int]:
        """One tag as HTML (fragments have none), and how much it opens."""
        name = self._match(_TAG_NAME, "a tag")[0]
        if name == "<>":
            return "", 1
        if name == "</>":
            return "", -1
        attributes = self.attributes() if not name.startswith("</") else {}
        if name.startswith("</"):
            self._space()
            if not self._take(">"):
                self._fail("a tag does not end")
            return f"{name}>", -1
        closed = self.text[self.at - 2] == "/"
        link = attributes.get("href")
        shown = f' href="{link}"' if isinstance(link, str) and '"' not in link else ""
        return f"{name}{shown}>", 0 if closed else 1

    def _embedded(self) -> str:
        """`{"$"}` between tags: the text it draws."""
        self.at += 1
        self._space()
        if self._take("}"):
            return ""  # a comment
        value = self.value()
        self._space()
        if not self._take("}"):
            self._fail("a brace is missing")
        if isinstance(value, str):
            return value.replace("&", "&amp;").replace("<", "&lt;")
        if isinstance(value, Number):
            return value.text
        if isinstance(value, Markup):
            return value.source
        if value is None or isinstance(value, bool):
            return ""
        return self._fail("an expression in an element is no text")

    def _skip_braces(self) -> None:
        """Past the brace that closes the one here, whatever stands between."""
        closing: list[str] = []
        while True:
            at = _next(self.text, self.at, "\"'`{}[]()/")
            if at < 0:
                self._fail_at_end("a brace does not end")
            char, self.at = self.text[at], at
            if char in _TEXT:
                self._match(_TEXT[char], "the end of a text")
            elif char == "/":
                self._comment()
                self.at = max(self.at, at + 1)
            elif char in _CLOSERS:
                self.at += 1
                closing.append(_CLOSERS[char])
            else:
                self.at += 1
                if closing and char == closing[-1]:
                    closing.pop()
                if not closing:
                    return

    def _space(self) -> None:
        """Past white space and comments."""
        while True:
            self._match(_SPACE, "")
            if not self._comment():
                return

    def _comment(self) -> bool:
        if self.text.startswith("//", self.at):
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
            return True
        if self.text.startswith("/*", self.at):
            end = self.text.find("*/", self.at + 2)
            if end < 0:
                self._fail_at_end("a comment does not end")
            self.at = end + 2
            return True
        return False

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self, text: str) -> bool:
        if not self.text.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def _match(self, pattern: re.Pattern[str], wanted: str) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        if found is None:
            self._fail(f"{wanted} is missing")
        self.at = found.end()
        return found

    def _fail_at_end(self, reason: str) -> NoReturn:
        self.at = len(self.text)
        self._fail(reason)

    def _fail(self, reason: str) -> NoReturn:
        raise Broken(reason, self.at)


def _next(text: str, at: int, chars: str) -> int:
    """Where the next of these characters stands; -1 if none does."""
    found = re.compile(f"[{re.escape(chars)}]").search(text, at)
    return found.start() if found else -1


def _unescaped(text: str) -> str:
    read = _ESCAPE.sub(_character, text)
    # Two halves of one character become it; half a one cannot be stored.
    return read.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(found: re.Match[str]) -> str:
    number = found[1] or found[2] or found[3]
    if number:
        code = int(number, 16)
        return chr(code) if code < 0x110000 else "\ufffd"
    return _ESCAPED.get(found[4], found[4])
