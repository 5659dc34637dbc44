"""The footnotes of DeepSeek's page: other names of a model, ends and beginnings of
prices, hours of the day. Prose, so only what is certain is taken from it.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone

from lxml import etree
from parsel import Selector

from crawler.pages.grid import Cell, squeezed

_MARKS = re.compile(r"\((\d{1,2})\)")
_NOTE = re.compile(r"\((?P<mark>\d{1,2})\)\s?(?P<text>.{1,4000})")
_NEW_LINE = ("p", "div", "li", "br")
_ENDS_NOTES = ("hr", "h1", "h2", "h3", "h4")
_NOT_SAID = ("table", "script", "style", "head")

_SENTENCE = re.compile(r"\.(?=\s|$)|[。；]")
_NAME = re.compile(r"\bdeepseek-[a-z0-9][a-z0-9.-]{0,60}")
_SAME_MODEL = ("compatib", "legacy name", "still accepted", "兼容", "旧模型名")
"""Words of a footnote that gives other names of the model it belongs to."""

_YMD = re.compile(r"\b(20\d\d)\s?[/年-]\s?(\d{1,2})\s?[/月-]\s?(\d{1,2})(?!\d)")
_MDY = re.compile(r"\b([A-Z][a-z]{2})[a-z]{0,6}\.?\s(\d{1,2}),\s?(20\d\d)\b")
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):(\d\d)(?![\d:])")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_SHORT = {name: number for number, name in enumerate(_MONTHS, start=1)}
_BEIJING = timezone(timedelta(hours=8))

_UNTIL = re.compile(r"\b(?:until|through)\b|延长至|持续至|截止至?|有效期至")
_FROM = re.compile(
    r"\b(?:take|takes|taking)\seffect\b|\beffective\b|生效", re.IGNORECASE
)

_PEAK = re.compile(r"(?<![a-z-])peak hours are\s(?P<said>[^()]{5,200})", re.IGNORECASE)
_OFF_PEAK = re.compile(r"\boff-peak hours are\s(?P<said>[^()]{5,200})", re.IGNORECASE)
_OTHERS = re.compile(r"(?:all other hours|其余)[^()（）]{2,200}", re.IGNORECASE)


def footnotes(tree: Selector) -> dict[str, str]:
    """The text of each footnote by its number; what follows on its own line, too."""
    notes: dict[str, str] = {}
    current = ""
    for line in _lines(tree):
        found = _NOTE.fullmatch(line)
        if found:
            current = found["mark"]
            notes.setdefault(current, found["text"])
        elif not line:
            current = ""
        elif current:
            notes[current] = f"{notes[current]} {line}"[:4000]
    return notes


def _lines(tree: Selector) -> list[str]:
    """The lines of the page outside of tables; an empty one for a heading or rule."""
    lines: list[list[str]] = [[]]
    walk = etree.iterwalk(tree.root, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event != "start":
            lines[-1].append(node.tail or "")
        elif node.tag in _NOT_SAID:
            walk.skip_subtree()
        else:
            if node.tag in _ENDS_NOTES:
                lines.append(["\0"])
            if node.tag in (*_NEW_LINE, *_ENDS_NOTES):
                lines.append([])
            lines[-1].append(node.text or "")
    texts = (squeezed("".join(line)) for line in lines)
    return [text.strip("\0") for text in texts if text]


def of_cell(cell: Cell, notes: Mapping[str, str]) -> list[str]:
    """The footnotes a cell points at."""
    marks = _MARKS.findall(" ".join(cell.notes))
    return [notes[mark] for mark in marks if mark in notes]


def sentences(text: str) -> list[str]:
    """The sentences of a text; a full stop within a number or a name ends none."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def other_names(text: str, listed: set[str]) -> list[str]:
    """Names that a footnote says stand for the model it belongs to."""
    if not any(word in text.casefold() for word in _SAME_MODEL):
        return []
    found = (name.rstrip(".-") for name in _NAME.findall(text))
    return [name for name in dict.fromkeys(found) if name not in listed]


def ends(text: str) -> date | None:
    """The first whole day (UTC) after "until ...", if that is a full date."""
    day = _only_day(text, _UNTIL)
    return None if day is None else _day_after(day, last=True)


def begins(text: str) -> date | None:
    """The first whole day (UTC) of what "takes effect on ...", likewise."""
    day = _only_day(text, _FROM)
    return None if day is None else _day_after(day, last=False)


def _only_day(text: str, words: re.Pattern[str]) -> date | datetime | None:
    """The one moment, or day, that the sentences with these words name."""
    said = [s for s in sentences(text) if words.search(s)]
    days = {_moment(sentence) for sentence in said}
    return days.pop() if len(days) == 1 else None


def _moment(sentence: str) -> date | datetime | None:
    """A day, or a moment if its time zone is said; None if it is not certain."""
    days = [(int(y), int(m), int(d)) for y, m, d in _YMD.findall(sentence)]
    named = _MDY.findall(sentence)
    days += [(int(y), _SHORT.get(month, 0), int(d)) for month, d, y in named]
    clocks = _CLOCK.findall(sentence)
    if len(days) != 1 or len(clocks) > 1:
        return None
    try:
        day = date(*days[0])
        if not clocks:
            return day
        at = time(int(clocks[0][0]), int(clocks[0][1]))
    except ValueError:
        return None
    if "UTC" in sentence:
        return datetime.combine(day, at, UTC)
    if "Beijing" in sentence or "北京" in sentence:
        return datetime.combine(day, at, _BEIJING).astimezone(UTC)
    return None


def _day_after(moment: date | datetime, *, last: bool) -> date:
    """The next midnight. A change within a day is dated at the next one, so that
    nothing announced is taken for current before it is.
    """
    one = timedelta(days=1)
    if not isinstance(moment, datetime):
        return moment + one if last else moment
    return moment.date() + (one if moment.time() != time() else timedelta())


def hours(notes: Mapping[str, str]) -> dict[str, str]:
    """What the footnotes say of the hours of each window, by its name."""
    said: dict[str, str] = {}
    for text in notes.values():
        for sentence in sentences(text):
            _hours_of(sentence, said)
    return said


def _hours_of(sentence: str, said: dict[str, str]) -> None:
    if others := _OTHERS.search(sentence):
        said.setdefault("off_peak", others[0].strip(" ,，"))
    if not _CLOCK.search(sentence):
        return
    if found := _OFF_PEAK.search(sentence):
        said["off_peak"] = found["said"].strip(" ,")
    elif found := _PEAK.search(sentence):
        said.setdefault("peak", found["said"].strip(" ,"))
    elif "高峰时段" in sentence:
        said.setdefault("peak", sentence.partition("（其余")[0])
