"""What a comparison needs of a model that the catalogue does not hold: its history, its
last move, and every rate. On a site of files it stands in the model's page, where the
script of the comparison reads it (`static/beside.js`).
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from tracker.asking.comparing import Rate, stated
from tracker.charts.changes import size_of
from tracker.charts.series import Mark, Series, Step
from tracker.domain.meters import meter_place
from tracker.domain.money import NANO
from tracker.domain.offers import Offer
from tracker.web.catalogue.compare import MAIN, moved
from tracker.web.catalogue.words import paid
from tracker.web.charts import Gathered
from tracker.web.model.naming import titled
from tracker.web.pictures import embedded
from tracker.web.view import View

Json = dict[str, Any]

AFTER = 100
"""Added to the place of a rate that is not a plain one."""


def beside(view: View, offer: Offer, found: Gathered | None) -> Markup:
    """It as JSON. Instants are milliseconds since 1970, prices nano-units.

    Args:
        view: the state.
        offer: what is sold.
        found: what its chart is drawn from; None if there is none.
    """
    with view.store.reading() as connection:
        rates, move = stated(connection, offer)
    last = moved(move)
    return embedded(
        {
            "until": _ms(found.now) if found else None,
            "series": [_series(one) for one in found.series] if found else [],
            "moved": [last.text, last.note],
            "rates": [_rate(one) for one in rates],
        }
    )


def _series(one: Series) -> Json:
    return {
        "name": one.name,
        "meter": one.meter,
        "per": one.per,
        "currency": one.currency,
        "steps": [_step(step) for step in one.steps],
        "marks": [_mark(mark) for mark in one.marks],
        "gaps": [[_ms(begin), _ms(end)] for begin, end in one.gaps],
    }


def _step(step: Step) -> list[Any]:
    until = None if step.until is None else _ms(step.until)
    return [_ms(step.since), until, _nano(step.price), step.source]


def _mark(mark: Mark) -> list[Any]:
    """A change, with how large it was and what is made of it."""
    said = [_ms(mark.at), _nano(mark.old), _nano(mark.new), _nano(mark.place)]
    return [*said, *size_of(mark), mark.verdict, mark.reason]


def _rate(rate: Rate) -> list[Any]:
    """A rate: its place in a list, whether it is among the first, its meter in words,
    and what it costs.
    """
    odd, first, meter = meter_place(rate.meter)
    text = paid(rate.price_nano, rate.currency, rate.per)
    usd = None if rate.usd is None else rate.price_nano
    place = AFTER * odd + first
    return [place, meter, meter in MAIN, titled(meter), text, usd, rate.per]


def _nano(price: Decimal | None) -> int | None:
    return None if price is None else int(price * NANO)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
