"""Models side by side: what they cost, what they can, and one chart of all."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from tracker.asking import catalogue
from tracker.asking.assortment import tokens
from tracker.asking.comparing import Talk, compare
from tracker.domain.errors import UsageError
from tracker.domain.offers import Offer
from tracker.reports.wording import short
from tracker.web.blank import blank
from tracker.web.catalogue.asked import CHOSEN
from tracker.web.catalogue.compare import other_rates, parts
from tracker.web.catalogue.search import LONGEST, NAMED, level, words
from tracker.web.catalogue.stock import TYPICAL, Stock, alike, stock
from tracker.web.charts import chart_of
from tracker.web.pages import Elsewhere, NoPage, Query
from tracker.web.rendering import Content, page
from tracker.web.view import View

PATH = "compare/"
NEAR = 5
"""So many offers are suggested for a name that is not known."""
MOST = 10**9
"""Tokens of a conversation."""
TALK = ("in", "out")
"""What a conversation takes, by the name in an address."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of the form: what was typed, and what became of it.

    Attributes:
        text: as it was typed; empty for a field that was left empty.
        offer: what is meant; None if that is not known.
        fault: why it is not compared.
        near: offers that could be meant.
        less: the question that leaves it out.
    """

    text: str = ""
    offer: Offer | None = None
    fault: str = ""
    near: tuple[tuple[Offer, str], ...] = ()
    less: str = ""

    @property
    def value(self) -> str:
        """What its field holds: the offer's own name, once it is known."""
        return self.offer.text if self.offer else self.text


def paths(_view: View) -> list[str]:
    """Its one page."""
    return [PATH]


def asks(path: str) -> Collection[str]:
    """The models, and the conversation."""
    return ("m", *TALK) if path == PATH else ()


def made(view: View, path: str, query: Query) -> Content:
    """The page; as a file it is a form that a script answers.

    Raises:
        Elsewhere: the slash at the end is missing.
        NoPage: another path.
    """
    if path == PATH.rstrip("/"):
        raise Elsewhere(PATH)
    if path != PATH:
        raise NoPage
    talk, typed, faults = _talk(query)
    choices = _choices(view, query, typed) if view.live else []
    shown = {
        "talk": typed,
        "faults": faults,
        "choices": _padded(choices),
        "less": {one.offer: one.less for one in choices},
        "left": max(0, len(_named(query)) - CHOSEN),
        "most": CHOSEN,
        "blank": None if view.live else blank(),
    }
    return page(view, path, "compare.html", {**shown, **_compared(view, choices, talk)})


def _compared(view: View, choices: Sequence[Choice], talk: Talk) -> dict[str, Any]:
    """The tables and the chart of what could be compared."""
    named = (one.offer for one in choices if one.offer and not one.fault)
    offers = list(dict.fromkeys(named))
    known = list(view.sold.values()) if offers else []
    found = compare(view.store, offers, talk, today=view.now.date(), known=known)
    return {
        "found": found,
        "parts": parts(found, talk) if found else [],
        "rates": other_rates(found),
        "chart": chart_of(view, offers) if offers else None,
    }


def _named(query: Query) -> list[str]:
    texts = (text.strip() for text in query.get("m", ()))
    return list(dict.fromkeys(text for text in texts if text))


def _padded(choices: Sequence[Choice]) -> list[Choice]:
    """The fields of the form: at least two, and one to add a model."""
    more = max(2 - len(choices), 1 if len(choices) < CHOSEN else 0)
    return [*choices, *([Choice()] * more)]


def _choices(view: View, query: Query, typed: Mapping[str, str]) -> list[Choice]:
    texts = _named(query)[:CHOSEN]
    held = stock(view)
    found = []
    for text in texts:
        others = [other for other in texts if other != text]
        one = meant(view, held, text)
        near = [(o, _question([*others, o.text], typed)) for o, _ in one.near]
        less = _question(others, typed)
        found.append(replace(one, near=tuple(near), less=less))
    return found


def _question(names: Iterable[str], typed: Mapping[str, str]) -> str:
    """What asks for these models, and the same conversation."""
    told = [("m", name) for name in names]
    told += [(name, text) for name, text in typed.items() if text]
    return f"?{urlencode(told, errors='replace')}" if told else "./"


def meant(view: View, held: Stock, text: str) -> Choice:
    """What is meant by a name; `static/naming.js` takes it for the same."""
    if len(text) > LONGEST:
        return Choice(text, fault=f"a name has at most {LONGEST} characters")
    offer = _known(view, text)
    if offer in view.sold:
        return Choice(text, offer)
    near = held.nearest(words(text), NEAR) if words(text) else []
    if offer is None and near and (level(near[0].name, words(text)) or 0) < NAMED:
        return Choice(text, near[0].offer)
    others = [entry.offer for entry in near] or alike(held, text)
    fault = "has no price today" if offer else "no model of this name"
    return Choice(text, offer, fault, tuple((other, "") for other in others))


def _known(view: View, text: str) -> Offer | None:
    """The offer of that name or key, as on the command line, but no guess: guessing
    takes long, and is done once.
    """
    with view.store.reading() as connection:
        found = catalogue.looked_up(connection, text)
    return found.offer if found else None


def _talk(query: Query) -> tuple[Talk, dict[str, str], dict[str, str]]:
    """The conversation asked for, as typed, and what is wrong with it by field."""
    typed = {name: "".join(query.get(name, [""])[-1:]).strip() for name in TALK}
    faults: dict[str, str] = {}
    numbers = {"in": TYPICAL.input, "out": TYPICAL.output}
    for name, text in typed.items():
        try:
            numbers[name] = _tokens(text) if text else numbers[name]
        except UsageError as fault:
            faults[name] = str(fault)
    if not any(numbers.values()):
        faults["in"] = "a conversation needs tokens"
        return TYPICAL, typed, faults
    return Talk(numbers["in"], numbers["out"]), typed, faults


def _tokens(text: str) -> int:
    number = tokens(short(text, 40))
    if number > MOST:
        raise UsageError(f"at most {MOST:,} tokens")
    return number
