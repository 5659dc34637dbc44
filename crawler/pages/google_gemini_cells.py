"""The cells of Google's price page: several prices in one, and what each is for.

    $1.25, prompts <= 200k tokens $2.50, prompts > 200k tokens
    $0.75 (text) $3.00 or $0.005/min (audio)
    $0.15 starting January 1, 2027. $0.50 / 1,000,000 tokens per hour (storage price)

Each amount is followed by what it is for, in any order. What is not known there fails
the cell: it might be a condition.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from crawler.pages import amounts, periods
from crawler.pages.grid import plain
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import MILLION, tokens_number

_MARK = re.compile(r"\^\*{1,9}\^|\[\*{1,9}\]|\*{1,9}")
_LEADS = ("", "same as standard", "equivalent to")
_NEXT = re.compile(r"(?:[\s,.;(]+|^)(?:or|and|equivalent to|\()\s*$")

_PARTS = re.compile(
    r"""
    \s*(?:
      (?P<hourly>(?:/|per)\ ?1,000,000\ tokens\ per\ hour(?:\ \(storage\ price\))?)
    | (?P<tokens>(?:/|per)\ ?(?:1,000,000|1m)\ tokens\b)
    | (?:/|per)\ ?1,000\ (?P<each>(?:grounded\ |search\ )?(?:prompts|requests|queries))
        (?:\ for\ [a-z\ -]{1,60}\ grounding)?
    | per\ (?:(?P<size>[\d.]{1,5}k(?:/[\d.]{1,5}k)?)\ )?
        (?:resolution\ )?(?P<image>image)s?\b
    | per\ (?P<song>song)\b
    | (?P<same>(?:/\ ?|per\ )\d{0,4}\ ?(?:minutes?|min|seconds?|sec|s|frames?)\b
        (?:\ (?:of\ )?(?:audio|video))?)
    | \(?prompts?\ (?P<op><=|≤|<|>=|≥|>)\ ?(?P<count>\d{1,9}[km]?)(?:\ tokens?)?\)?
    | \((?P<kinds>(?:text|images?|video|audio|thinking|and|[ /,])+)\)
    | \((?P<sizes>(?:\d{3,4}p|\dk|and|[ /,])+)\)
    | \([^()]{0,60}\ not\ supported\)
    | [.,;)]
    )\s*
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Rate:
    """One amount of a cell.

    Attributes:
        amount: the number as decimal text.
        currency: its ISO code.
        unit: what it is for: `image`, `song`, `token`, `token_hour`, `query`,
            `prompt`; empty if the column's header says it.
        per: how many units it is for, where a unit is given.
        kinds: `text`, `image`, `audio`, `video`: of what kind of content.
        sizes: of pictures or films: `1k`, `720p`.
        above: tokens of the prompt above which it holds; 0 if always.
        same: set if it only restates another price in other units, as `/min`.
        effective_from, effective_to: the days it is stated for.
    """

    amount: str
    currency: str
    unit: str = ""
    per: int = 1
    kinds: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    above: int = 0
    same: str = ""
    effective_from: date | None = None
    effective_to: date | None = None


def unmarked(text: str) -> str:
    """Without the marks of footnotes."""
    return " ".join(_MARK.sub(" ", text).split()).replace(" ,", ",")


def rates(text: str, *, where: str, led: bool = False) -> list[Rate]:
    """Every amount of a cell with what is said of it.

    Args:
        text: the cell, without footnote marks.
        where: how errors name it.
        led: whether any words may stand before the first amount.

    Raises:
        UnreadableBody: something in it is not understood.
    """
    found = amounts.moneys(text)
    if not found:
        raise UnreadableBody(f"{where}: no price in {text[:80]!r}")
    if not led and plain(found[0].before) not in _LEADS:
        raise UnreadableBody(f"{where}: {found[0].before[:80]!r} is not understood")
    return [*_joined([(_rate(money, where), plain(money.after)) for money in found])]


def _rate(money: amounts.Money, where: str) -> Rate:
    if money.currency != "USD":
        raise UnreadableBody(f"{where}: a price in {money.currency}, not in USD")
    dated = periods.dated(money.after, where=where)
    rate = Rate(
        money.amount,
        money.currency,
        effective_from=dated.effective_from,
        effective_to=dated.effective_to,
    )
    text, at = _NEXT.sub("", plain(dated.text)), 0
    while at < len(text):
        part = _PARTS.match(text, at)
        if part is None:
            raise UnreadableBody(f"{where}: {text[at : at + 60]!r} is not understood")
        rate, at = replace(rate, **_said(part)), part.end()
    return rate


def _said(part: re.Match[str]) -> dict[str, Any]:
    """One thing that is said of an amount."""
    said: dict[str, Any] = {}
    if part["hourly"] or part["tokens"]:
        said.update(unit="token_hour" if part["hourly"] else "token", per=MILLION)
    elif part["each"]:
        said.update(unit="prompt" if "prompt" in part["each"] else "query", per=1000)
    elif part["image"] or part["song"]:
        said.update(unit=part["image"] or part["song"])
    elif part["op"]:
        over = part["op"][0] in ">≥"
        said.update(above=tokens_number(part["count"]) if over else 0)
    if part["same"]:
        said.update(same=part["same"])
    if part["kinds"]:
        said.update(kinds=_words(part["kinds"]))
    if part["size"] or part["sizes"]:
        said.update(sizes=_words(part["size"] or part["sizes"]))
    return said


def _words(text: str) -> tuple[str, ...]:
    """`text / images and thinking` as `text`, `image`."""
    words = (w for w in re.split(r"[ /,]+", text) if w and w != "and")
    singular = ("text" if w == "thinking" else w.removesuffix("s") for w in words)
    return tuple(dict.fromkeys(singular))


def _joined(found: list[tuple[Rate, str]]) -> Iterator[Rate]:
    """`$3.00 or $0.005/min (audio)`: what stands behind both holds for both, and a
    price restated further on is one of the same kind as before.
    """
    kinds: tuple[str, ...] = ()
    for number, (rate, after) in enumerate(found):
        if after.endswith("or") and number + 1 < len(found):
            kinds = rate.kinds or found[number + 1][0].kinds
        elif rate.kinds or not rate.same:
            kinds = rate.kinds
        yield replace(rate, kinds=kinds)
