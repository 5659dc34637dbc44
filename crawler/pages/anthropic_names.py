"""What stands in the first cell of a row on Anthropic's page.

A cell may name several models (`Claude Sonnet 4.6 / 4.5`), their status in brackets
(`deprecated`), the length of the prompts that a row is for, and the days on which it
holds.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from crawler.pages import periods
from crawler.pages.grid import plain
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import tokens_number

LENGTH = re.compile(
    r"(?:for prompts )?(?P<op>≤|<=|<|up to|>|≥|>=|over|above) ?"
    r"(?P<count>\d[\d,]{0,11}) ?(?P<scale>k|m)?(?: input)? tokens"
    r"(?: (?P<what>input|output))?"
)
"""`≤ 200k input tokens`, `for prompts over 100,000 tokens`, as `plain` gives it; in
a column's name also what is counted.
"""

_UP_TO = ("≤", "<=", "<", "up to")
_STATUS = re.compile(
    r"(deprecated|retired|limited availability|legacy|(?:research )?preview|beta|new)\b"
)
_NOTE = re.compile(r"\[\^\w{1,8}\]|(?<=MTok)\d{1,2}$")
_GROUP = re.compile(r"\(([^()]*)\)")
_NAME = re.compile(r"[a-z][a-z-]*(?: [a-z0-9.-]+)*", re.IGNORECASE)
_LONGEST = 60
_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4})?")
_SPLIT = re.compile(r" ?/ ?|, | and ")
_MENTIONED = re.compile(
    r"(?:Claude )?\b([A-Z][a-z]+ \d{1,4}(?:\.\d{1,4})?)(?![\d.]*\d)"
)
_OLD = re.compile(r"claude-(?P<family>[a-z]+)-(?P<version>3(?:-\d)?)")


@dataclass(frozen=True, slots=True)
class Names:
    """What the first cell of a row says.

    Attributes:
        models: display names, cleaned.
        status: `deprecated`, `retired`, ...; empty if none is stated.
        above: tokens of the prompt above which the row holds; 0 if always.
        days: for which the row is stated.
    """

    models: tuple[str, ...]
    status: str = ""
    above: int = 0
    days: periods.Dated = field(default_factory=lambda: periods.Dated(""))


def unmarked(text: str) -> str:
    """Without footnote marks that are not set apart: `[^1]`, `$0.25 / MTok1`."""
    return _NOTE.sub("", text).strip()


def names_of(text: str, *, where: str) -> Names:
    """Read the cell with the model's name.

    Raises:
        UnreadableBody: a part of it is not understood.
    """
    dated = periods.dated(unmarked(text), where=where)
    status, above = "", 0
    for group in _GROUP.findall(plain(dated.text)):
        length = LENGTH.fullmatch(group)
        if length:
            above = tokens_of(length)
        elif _STATUS.match(group):
            status = group.partition(",")[0]
        else:
            raise UnreadableBody(f"{where}: {text!r}: {group!r} is not understood")
    bare = " ".join(_GROUP.sub(" ", dated.text).split())
    return Names(tuple(_models(bare, where)), status, above, dated)


def _models(text: str, where: str) -> Iterator[str]:
    """`Claude Sonnet 4.6 / 4.5` and `Claude Opus 5 / Claude Opus 4.8` name two each."""
    family = ""
    for part in _SPLIT.split(text):
        name = f"{family} {part}" if _VERSION.fullmatch(part) else part
        if len(name) > _LONGEST or not _NAME.fullmatch(name):
            raise UnreadableBody(f"{where}: {text[:80]!r} is no model's name")
        if family.startswith("Claude") and not name.lower().startswith("claude "):
            name = f"Claude {name}"
        yield " ".join(word.capitalize() for word in name.split())
        family = " ".join(w for w in name.split() if not _VERSION.fullmatch(w))


def id_of(model: str) -> str:
    """The id in the API: `Claude Opus 4.8` is `claude-opus-4-8`, and up to version
    3 the number came before the family (`Claude Haiku 3.5` is `claude-3-5-haiku`).
    """
    slug = re.sub(r"[ .]", "-", model.lower())
    old = _OLD.fullmatch(slug)
    return f"claude-{old['version']}-{old['family']}" if old else slug


def mentioned(
    said: Iterable[str], models: AbstractSet[str], *, where: str
) -> tuple[str, ...]:
    """The models that the text before a table names, where the table names none.

    Raises:
        UnreadableBody: it names none, or two paragraphs name different ones, so that
            it is open whose prices they are.
    """
    named = set()
    for text in said:
        found = {f"Claude {name}" for name in _MENTIONED.findall(text)}
        named.add(tuple(sorted(found & models)))
    named.discard(())
    if len(named) != 1:
        raise UnreadableBody(f"{where}: whose prices they are is not clear")
    return named.pop()


def above(text: str, *, where: str) -> int:
    """Tokens of the prompt above which a row or column holds; 0 up to a length.

    Raises:
        UnreadableBody: the text names no length.
    """
    found = LENGTH.fullmatch(plain(text))
    if found is None:
        raise UnreadableBody(f"{where}: {text[:80]!r} is no length of a prompt")
    return tokens_of(found)


def tokens_of(found: re.Match[str]) -> int:
    """The same of what `LENGTH` found."""
    if found["op"] in _UP_TO:
        return 0
    return tokens_number(found["count"].replace(",", "") + (found["scale"] or ""))
