"""Charts of pages: pictures that need no script, and what makes them interactive.

Both come from the one specification that mail and `pricetrail chart` draw from. Its
colours are the style sheet's variables, so that one picture serves light and dark;
there are two of each, for desks and for phones, and the style sheet shows one.

Drawing takes longer than all the rest of a page. It is apart from what is read from
the database, so that other processes can do it: `gathered` reads, `drawn` draws.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from markupsafe import Markup

from tracker.asking import charting
from tracker.charts import words
from tracker.charts.bare import FEW, bare, lines_of, panels_of
from tracker.charts.frame import PAGE, PHONE
from tracker.charts.looks import OUTLINES
from tracker.charts.series import Series
from tracker.domain.money import NANO
from tracker.domain.offers import Offer
from tracker.reports.wording import harmless, short
from tracker.web.pictures import data_of, library, picture
from tracker.web.view import View

FORMS = {"desk": PAGE, "phone": PHONE}
"""The pictures there are of each chart; the names are classes of the style sheet."""

LINGERS = timedelta(days=7)
"""How much is drawn after the last change, so that it can be seen."""

MEANINGS = {
    "move": "a real move",
    "correction": "a correction: the data was wrong",
    "flap": "a flap: it went back soon",
    "held": "held for review",
    "other source": "another source is believed",
    "unjudged": "not judged yet",
}
"""What the shapes of changes mean."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is drawn: prices up to `now`, the end of a day."""

    series: tuple[Series, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table behind a chart: a price and how long it held.

    `until` is None while it holds; `source` is who stated it.
    """

    price_nano: int
    currency: str
    since: datetime
    until: datetime | None
    source: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart as numbers.

    Attributes:
        name: what it is called: a meter, or offer and meter if there are several.
        apart: what its colour stands for: the one or the other.
        per: what its prices are for: `1M tokens`, `image`.
        colour: 1 to 6, as in the style sheet.
        rows: its prices, the newest first.
    """

    name: str
    apart: str
    per: str
    colour: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One set of axes.

    Attributes:
        name: what is in it that is not in the others; empty if it is the only one.
        pictures: the same for desks and for phones.
        lines: what is drawn.
    """

    name: str
    pictures: tuple[Markup, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart on a page.

    Attributes:
        id: another one for each chart of a page.
        title: what it is of.
        words: what it shows, in a sentence or two.
        panels: its pictures, one below the other, and their numbers.
        key: outlines of the shapes in it, and what they mean.
        dashed: whether there are times in which nobody looked.
        library: the file that makes it interactive; empty if there is none.
        data: what that is told, as JSON.
    """

    id: str
    title: str
    words: str
    panels: tuple[Panel, ...]
    key: tuple[tuple[str, str], ...]
    dashed: bool
    library: str
    data: Markup

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines of all panels."""
        return tuple(line for panel in self.panels for line in panel.lines)

    @property
    def colours(self) -> dict[str, int]:
        """What each colour stands for, where pictures may have no room to say it."""
        found = {line.apart: line.colour for line in self.lines}
        return found if len(found) > 2 else {}


def chart_of(
    view: View,
    offers: Sequence[Offer],
    *,
    meters: Sequence[str] = (),
    until: datetime | None = None,
) -> Chart | None:
    """The chart of what some offers cost; None if there is nothing to draw.

    Args:
        view: the state.
        offers: what is drawn; of several, each meter has axes of its own.
        meters: keys; input and output if none is named.
        until: where it ends; a little after the last change if that is later. With the
            day if None.
    """
    found = gathered(view, offers, meters=meters, until=until)
    return drawn(found) if found else None


def gathered(
    view: View,
    offers: Sequence[Offer],
    *,
    meters: Sequence[str] = (),
    until: datetime | None = None,
) -> Gathered | None:
    """What there is to draw; None if there is nothing. The same prices are the same
    picture all day long, and as long as `until` is the same if that is given.

    Args:
        view: the state.
        offers: see `chart_of`.
        meters: see `chart_of`.
        until: see `chart_of`.
    """
    day = view.now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = day + timedelta(days=1)
    found = charting.drawing_of(view.store, offers, meters=meters, until=today).series
    if not found:
        return None
    if until is None:
        return Gathered(tuple(map(_tame, found)), today)
    end = max(until, _last(found, today) + LINGERS)
    seen = charting.drawing_of(view.store, offers, meters=meters, until=end).series
    return Gathered(tuple(map(_tame, seen)), end)


def _last(series: Sequence[Series], today: datetime) -> datetime:
    """When something happened last."""
    steps = [step for one in series for step in one.steps]
    marks = (mark.at for one in series for mark in one.marks)
    ended = (step.until for step in steps if step.until and step.until < today)
    return max(chain((step.since for step in steps), marks, ended))


def _tame(one: Series) -> Series:
    """The series under names that do no harm to what stands around them."""
    return replace(one, name=short(one.name), meter=harmless(one.meter))


def drawn(given: Gathered) -> Chart:
    """The chart of some prices. It needs nothing else, wherever it is drawn."""
    series, panels = given.series, panels_of(given.series)
    specs = {name: bare(panels, form, now=given.now) for name, form in FORMS.items()}
    data = data_of(specs)
    mark = f"chart-{hashlib.sha256(data.encode()).hexdigest()[:10]}"
    names = _names(panels)
    return Chart(
        id=mark,
        title=", ".join(dict.fromkeys(one.name for one in series)),
        words=f"{words.unit(series)}. {_sentence(words.state(series))}",
        panels=tuple(
            Panel(
                name,
                tuple(
                    picture(specs[form][n], _told(panel), mark=f"{mark}-{n}", form=form)
                    for form in FORMS
                ),
                tuple(_lines(panel, colours, by_name=_by_name(series))),
            )
            for n, (name, panel, colours) in enumerate(
                zip(names, panels, lines_of(panels), strict=True)
            )
        ),
        key=tuple(_key(series)),
        dashed=any(one.gaps for one in series),
        library=library(),
        data=data,
    )


def _by_name(series: Sequence[Series]) -> bool:
    """Whether lines are told apart by offer."""
    return len({one.name for one in series}) > 1


def _names(panels: Sequence[Sequence[Series]]) -> list[str]:
    """What tells the panels apart: their meter, or their unit."""
    if _by_name([one for panel in panels for one in panel]):
        return [panel[0].meter for panel in panels]
    units = [words.unit(panel) for panel in panels]
    return units if len(set(units)) > 1 else [""] * len(panels)


def _told(panel: Sequence[Series]) -> tuple[str, str]:
    """A panel's title and its lines in words, for those who don't see it."""
    named = _by_name(panel)
    names = ", ".join(dict.fromkeys(one.name for one in panel))
    meters = ", ".join(dict.fromkeys(one.meter for one in panel))
    lines = " ".join(words.line(one, named=named) for one in panel)
    return f"{meters} prices of {names} over time", lines


def _lines(
    panel: Sequence[Series], colours: Sequence[str], *, by_name: bool
) -> Iterator[Line]:
    for one in panel:
        rows = (
            Row(int(step.price * NANO), one.currency, step.since, step.until, source)
            for step in reversed(one.steps)
            for source in [step.source]
        )
        apart = one.name if by_name else one.meter
        name = f"{one.name} {one.meter}" if by_name else one.meter
        colour = colours.index(apart) % FEW + 1
        yield Line(name, apart, words.many(one.per), colour, tuple(rows))


def _key(series: Sequence[Series]) -> Iterator[tuple[str, str]]:
    met = {mark.verdict or "unjudged" for one in series for mark in one.marks}
    known = {verdict if verdict in OUTLINES else "unjudged" for verdict in met}
    return ((OUTLINES[v], MEANINGS[v]) for v in OUTLINES if v in known)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
