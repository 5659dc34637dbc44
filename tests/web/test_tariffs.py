"""What the catalogue tells of what is not paid by the token."""

import re

import pytest

from tracker.domain.offers import Offer
from tracker.web.catalogue.tariffs import tariffs


@pytest.mark.parametrize(
    ("rates", "told"),
    [
        ([("output.image", 40)], "$0.04 per image"),
        ([("input.image", 10), ("output.second", 80)], "$0.08 per second"),
        (
            [("output.image;size=a", 40), ("output.image;size=b", 20)],
            "from $0.02 per image",
        ),
        ([("output.second+batch", 10), ("input.second", 30)], "$0.03 per second"),
        ([("input.query", 0)], "$0.00 per query"),
        ([("input.query", 7), ("input.query", 5)], "$0.005 per query"),
    ],
)
def test_the_price_that_says_most_is_told(rates, told):
    """What is made before what is taken, the lowest of several sizes, what is free
    last, and of one meter the word of the best source.
    """
    offer = {"provider": "acme", "model": "x", "region": ""}
    price = {"quantum": 1, "currency": "USD"}
    rows = [
        {
            **offer,
            **price,
            "meter": meter,
            "unit": re.split(r"[.;+]", meter)[1],
            "price_nano": thousandths * 10**6,
        }
        for meter, thousandths in rates
    ]
    assert tariffs(rows) == {Offer("acme", "x"): told}
