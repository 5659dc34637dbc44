"""The lines of a Markdown page that a person reads, with its components set apart.

Providers write their documentation in Markdown with components in between
(`<Tab title="Batch">`), indented, over several lines, or two on one line. What is left
out here is what nobody reads as text: front matter, blocks of code, comments, scripts,
and the attributes of components. Anything that begins and never ends fails the page,
since all that follows it would be lost.
"""

import html
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from operator import itemgetter

from crawler.pages.grid import squeezed
from tracker.domain.errors import UnreadableBody

MAX_LINES = 100_000
"""A documentation page has a few thousand lines; more is not read."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line, without the white space around it."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A component begins; `title` is empty where it has none."""

    number: int
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A component ends."""

    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What the component around it is called, if it has no title."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Markup:
    """A table in HTML, as it stands."""

    number: int
    source: str


Item = Line | Opened | Closed | Summary | Markup

_BREAK = re.compile(r"\r\n|\r|\n")
_FRONT = re.compile(
    r"---[ \t]*\n(?=[\w.-]+[ \t]*:)"
    r"(?:(?>[\w.-]+[ \t]*:|[ \t]|- |(?=\n))[^\n]*\n){0,200}?"
    r"---[ \t]*(?:\n|$)"
)
_FENCE = re.compile(
    r"(?:>[ \t]*|(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<run>`{3,}|~{3,})[^`]*"
)
_COMMENTS = {"<!--": "-->", "{/*": "*/}"}
_VERBATIM = ("script", "style", "pre", "textarea")
_SECTIONS = (
    *("div", "section", "article", "aside", "main", "details", "header", "footer"),
    *("figure", "center", "nav", "tab", "tabs"),
)
"""Elements in lower case that hold parts of a page; others stand within text."""

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w.:-]*)(?=[\s/>]|$)")
_STOP = re.compile(r"""["'`{}>]""")
_TICKS = re.compile(r"`+")
_TABLE = re.compile(r"<(?:table|TABLE)(?=[\s>])")  # `<Table>` is a component
_TABLE_END = re.compile(r"</table\s*>", re.IGNORECASE)
_TITLE = re.compile(
    r"""\b(?:title|label|value|tier)\s*=\s*(?:\{\s*)?"""
    r"""(?:"([^"]*)"|'([^']*)'|`([^`]*)`|([^\s"'`{}<>/]+))"""
)
_SUMMARY = re.compile(r"<summary\b[^>]*>(?P<text>.*?)</summary>", re.IGNORECASE)
_HEADING = re.compile(r"<h(?P<level>[1-6])\b[^>]*>(?P<text>.*)</h[1-6]>", re.IGNORECASE)
_TRIES = 50
"""Tags of one line that do not end, such as `a <b`, before the rest is left alone."""

_RULE = re.compile(r"[\s|:-]*")


def read(text: str, *, what: str) -> Iterator[Item]:
    """The page line by line.

    Args:
        text: the page.
        what: how errors name it.

    Raises:
        UnreadableBody: it is too long, or something in it does not end.
    """
    text = _BREAK.sub("\n", text.removeprefix("\ufeff"))
    lines = text.count("\n") + 1
    if lines > MAX_LINES:
        raise UnreadableBody(f"{what}: {lines} lines; too long to be a page")
    return _Reader(text, what).items()


def is_rule(line: str) -> bool:
    """Whether a line may stand between a table's header and its rows."""
    return "|" in line and "-" in line and _RULE.fullmatch(line) is not None


def is_row(line: str) -> bool:
    """Whether a line is a row of a table and nothing else, by its pipes."""
    return line.startswith("|") and line.count("|") > 1 and not line.startswith("||")


@dataclass(frozen=True, slots=True)
class _Tag:
    """One tag, from `start` to `end` of the text."""

    start: int
    end: int
    name: str
    close: bool
    source: str

    @property
    def empty(self) -> bool:
        return self.source.endswith("/>")

    @property
    def holds_a_part(self) -> bool:
        return self.name[0].isupper() or self.name in _SECTIONS

    @property
    def title(self) -> str:
        found = _TITLE.search(self.source)
        told = next(filter(None, found.groups()), "") if found else ""
        return squeezed(html.unescape(told))


class _Reader:
    def __init__(self, text: str, what: str) -> None:
        self._text = text
        self._what = what
        self._ends = [found.start() for found in re.finditer("\n|$", text)]

    def items(self) -> Iterator[Item]:
        front = _FRONT.match(self._text)
        at = front.end() if front and not _has_table(front[0]) else 0
        while at < len(self._text):
            end = self._ends[bisect_left(self._ends, at)]
            line = self._text[at:end]
            start = at + len(line) - len(line.lstrip())
            after = self._unread(start, line.strip())
            if after is None:
                after = yield from self._shown(start, end)
            elif _FENCE.match(line.strip()):
                yield Line(self._number(at), "")
            at = self._past_blank(after)

    def _shown(self, start: int, end: int) -> Generator[Item, None, int]:
        """A line that is read, and a table of HTML that begins in it."""
        table = _TABLE.search(self._text, start, end)
        if (
            table is None
            or self._text[start] == "|"
            or _within(_coded(self._text[start:end]), table.start() - start)
        ):
            return (yield from self._read(start, end))
        if table.start() > start:
            after = yield from self._read(start, table.start())
            if after > table.start():
                return after
        stop = _TABLE_END.search(self._text, table.end())
        if stop is None:
            raise self._endless(table.start(), "a table")
        self._check_swallowed(table.start(), stop.end())
        number = self._number(table.start())
        yield Markup(number, self._text[table.start() : stop.end()])
        return stop.end()

    def _number(self, at: int) -> int:
        return bisect_left(self._ends, at) + 1

    def _past_blank(self, at: int) -> int:
        """The next line, where nothing is left of this one."""
        end = self._ends[bisect_left(self._ends, at)]
        return at if self._text[at:end].strip() else end + 1

    def _unread(self, start: int, line: str) -> int | None:
        """Where a comment or block of code ends that begins here; None if none does."""
        for opening, closing in _COMMENTS.items():
            if line.startswith(opening):
                return self._after(closing, start + 2, "a comment")
        if fence := _FENCE.fullmatch(line):
            return self._after_fence(start, fence["run"])
        return None

    def _after(self, closing: str, start: int, kind: str) -> int:
        at = self._text.find(closing, start)
        if at < 0:
            raise self._endless(start, kind)
        return at + len(closing)

    def _after_fence(self, start: int, run: str) -> int:
        for number in range(self._number(start), len(self._ends)):
            line = self._text[self._ends[number - 1] + 1 : self._ends[number]]
            ticks = line.strip("> \t")
            if len(ticks) >= len(run) and not ticks.strip(run[0]):
                return self._ends[number]
        raise self._endless(start, "a block of code")

    def _endless(self, at: int, kind: str) -> UnreadableBody:
        number = self._number(at)
        return UnreadableBody(
            f"{self._what}: cut off in {kind}, which begins on line {number}"
        )

    def _read(self, start: int, end: int) -> Generator[Item, None, int]:
        """One line: its text and its components, in order; gives where to go on."""
        number, begin, last, said = self._number(start), start, start, False
        tags = list(self._tags(start, end))
        lone = _lone(tags)
        for place, tag in enumerate(tags):
            said = said or bool(self._text[last : tag.start].strip())
            last = tag.end
            drawn = tag.empty and tag.holds_a_part and not said
            if not drawn and (
                place not in lone or self._within_text(tag, end, said=said)
            ):
                continue
            yield from self._piece(number, begin, tag.start)
            if tag.name in _VERBATIM and not tag.close:
                return self._after(f"</{tag.name}>", tag.end, f"a <{tag.name}>")
            if tag.close:
                yield Closed(number, tag.name)
            elif not tag.empty:
                yield Opened(number, tag.name, tag.title)
            begin, said = tag.end, False
        if begin < end or begin == start:
            yield from self._piece(number, begin, end, blank=begin == start)
        return max(begin, last, end)

    def _within_text(self, tag: _Tag, end: int, *, said: bool) -> bool:
        """Whether a tag without its counterpart on the line is no component's."""
        if tag.name in _VERBATIM:
            return said or tag.close
        if not tag.holds_a_part:
            return True
        row = "|" in self._text[tag.end : end]
        return said and not tag.close and (row or not (tag.title or tag.name.islower()))

    def _piece(
        self, number: int, begin: int, end: int, *, blank: bool = False
    ) -> Iterator[Item]:
        text = self._text[begin:end].strip()
        if heading := _HEADING.fullmatch(text):
            yield Line(number, f"{'#' * int(heading['level'])} {heading['text']}")
        elif summary := _SUMMARY.fullmatch(text):
            yield Summary(number, summary["text"])
        elif text or blank:
            yield Line(number, text)

    def _tags(self, start: int, end: int) -> Iterator[_Tag]:
        """The tags of a line, the last of which may reach into others."""
        at, coded, tried = start, _coded(self._text[start:end]), 0
        while tried < _TRIES and (found := _TAG.search(self._text, at, end)):
            at = found.end()
            if _within(coded, found.start() - start):
                continue
            stop = _end_of(self._text, at, end)
            name, close = found["name"], bool(found["close"])
            if stop < 0 and (name[0].isupper() or name in (*_SECTIONS, *_VERBATIM)):
                stop = _end_of(self._text, at, len(self._text))
                self._check_swallowed(found.start(), stop)
            if stop < 0:
                tried += 1
                continue
            source = self._text[found.start() : stop]
            yield _Tag(found.start(), stop, name, close, source)
            at = stop

    def _check_swallowed(self, start: int, stop: int) -> None:
        """What is taken over several lines must end, and hold no row of a table."""
        if stop < 0:
            raise self._endless(start, "a tag")
        number = self._number(start)
        for line in self._text[start:stop].split("\n"):
            if is_rule(line) or is_row(line.strip()):
                raise UnreadableBody(
                    f"{self._what}: a table within the tag of line {number}"
                )


def _has_table(text: str) -> bool:
    return any(is_rule(line) for line in text.split("\n"))


def _lone(tags: list[_Tag]) -> set[int]:
    """Which tags have no counterpart among the others."""
    lone: set[int] = set()
    waiting: list[int] = []
    names: Counter[str] = Counter()
    for place, tag in enumerate(tags):
        if tag.empty:
            continue
        if not tag.close:
            waiting.append(place)
            names[tag.name] += 1
        elif not names[tag.name]:
            lone.add(place)
        else:
            while tags[opened := waiting.pop()].name != tag.name:
                names[tags[opened].name] -= 1
                lone.add(opened)
            names[tag.name] -= 1
    return lone.union(waiting)


def _within(spans: list[tuple[int, int]], place: int) -> bool:
    at = bisect_right(spans, place, key=itemgetter(0))
    return at > 0 and place < spans[at - 1][1]


def _coded(line: str) -> list[tuple[int, int]]:
    """Where code stands in a line, between equal runs of backticks."""
    spans, opened = [], None
    for ticks in _TICKS.finditer(line):
        if opened is None:
            opened = ticks
        elif len(ticks[0]) == len(opened[0]):
            spans.append((opened.start(), ticks.end()))
            opened = None
    return spans


def _end_of(text: str, at: int, limit: int) -> int:
    """Where a tag ends whose name ends at a place; -1 if not before the limit.

    What stands in quotes or braces does not end it. In braces a quote that is not
    closed on its line is an apostrophe.
    """
    depth = 0
    while found := _STOP.search(text, at, limit):
        at, sign = found.end(), found[0]
        if sign == ">" and not depth:
            return at
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth = max(depth - 1, 0)
        elif sign != ">":
            closing = _closing(text, sign, at, limit)
            if closing >= 0 and not (
                depth and sign != "`" and "\n" in text[at:closing]
            ):
                at = closing + 1
            elif not depth:
                return -1
    return -1


def _closing(text: str, quote: str, at: int, limit: int) -> int:
    """Where the same quote comes next that is not escaped."""
    found = text.find(quote, at, limit)
    while found > 0 and text[found - 1] == "\\":
        found = text.find(quote, found + 1, limit)
    return found
