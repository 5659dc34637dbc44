"""Moves of a digest: old against told, sources that are not followed, fans."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.support.steps import DAY, digest, only, step
from tracker.reports.digest import compose
from tracker.reports.headline import subject_of
from tracker.reports.layout import laid_out
from tracker.reports.news import News
from tracker.reports.settings import Subscription


def test_several_steps_are_one_move():
    """From A over B to C is told as A to C."""
    later = step(2, 3, observed_at=DAY + timedelta(days=1))
    assert only(digest(step(1, 2), later)) == (1, 3)


def test_a_move_starts_at_what_was_told():
    """The value told last is the old one, whatever the source says it was."""
    assert only(digest(step(2, 3), told={("acme/m", "input"): 1})) == (1, 3)


def test_what_comes_back_to_what_was_told_is_no_news():
    """Gone and back is nothing, and not told later either."""
    found = digest(step(2, 1), told={("acme/m", "input"): 1})
    assert not found.is_news
    assert [item.price_nano for item in found.items] == [10**9]


def test_a_source_that_confirms_late_is_no_news():
    """What another source has said for long is known."""
    row = step(1, 2, source="models-dev", place=9)
    found = digest(row, believed=[(2, "litellm")])
    assert not found.cards
    assert not found.sections


def test_a_source_that_is_not_followed_is_told_apart():
    """A step away from what is believed is no move, and not hidden."""
    row = step(1, 2, source="models-dev", place=9)
    found = digest(row, believed=[(1, "litellm")])
    assert not found.cards
    assert [section.key for section in found.sections] == ["elsewhere"]


@pytest.mark.parametrize(
    ("least", "told"), [(9.9, True), (10, True), (10.1, False), (0, True)]
)
def test_the_least_step_is_inclusive(least, told):
    """Ten per cent are told to who asked for ten."""
    found = digest(step(1, 1.1), min_pct=least)
    assert bool(found.cards) is told
    assert found.small == (0 if told else 1)


def test_from_zero_is_always_told():
    """A free model that is charged for is news at any least step."""
    found = digest(step(0, 1), min_pct=1000)
    assert subject_of(found) == "1 price change: m from zero"


def test_a_mix_is_counted_exactly():
    """Dollars a month are the step times the tokens, without rounding."""
    mix = {"acme/m": {"input": Decimal(3_000_000), "output": Decimal(1)}}
    found = digest(step(1, 1.1), step(2, 3, meter="output"), mix=mix)
    assert found.effects == {"USD": Decimal("0.300001")}


def test_dated_names_of_one_model_are_told_together():
    """The same steps under two names are one entry; both names stand in it."""
    rows = [step(1, 2), step(1, 2, model="m-2026-01-01")]
    page = laid_out(digest(*rows), Subscription(name="s"), {})
    (block,) = page.blocks
    (entry,) = block.entries
    assert any(text.startswith("the same: acme/m") for text in entry.details)


def test_what_does_not_fit_is_counted_by_offers():
    """Nothing is cut in silence: shown and counted are all there is."""
    rows = [step(1, 1.5 + n, model=f"m{n}") for n in range(9)]
    found = digest(*rows, limit=4)
    page = laid_out(found, Subscription(name="s", limit=4), {})
    assert sum(len(b.entries) for b in page.blocks) + page.left == len(found.cards)


def test_every_change_is_told_once_and_remembered():
    """Each step stands in the items once, with the value in mind from then on."""
    rows = [step(1, 2), step(1, 2, source="models-dev", place=9)]
    items = digest(*rows).items
    assert sorted(item.change for item in items) == sorted(r["change"] for r in rows)
    assert {item.price_nano for item in items} == {2 * 10**9}


def test_a_name_of_the_subject_never_makes_a_header():
    """A model called like a header line stays on the subject's line."""
    found = digest(step(1, 2, model="m\r\nBcc: eve@example.org"))
    assert "\n" not in subject_of(found)
    assert "\r" not in subject_of(found)


def test_a_mix_in_another_currency_is_counted_in_it():
    """Nothing is converted: a month's bill in yuan changes by yuan."""
    mix = {"acme/m": {"input": Decimal(2_000_000), "output": Decimal(1_000_000)}}
    rows = [step(1, 2, currency="CNY"), step(3, 5, meter="output")]
    page = laid_out(digest(*rows, mix=mix), Subscription(name="s"), {})
    assert page.effect == "+2.00 CNY and +$2.00 a month"


def test_moves_the_other_way_are_not_called_small():
    """Who asks for rises is told how many falls are left out, as such."""
    found = digest(
        step(3, 1), step(1, 1.01, meter="output"), directions="up", min_pct=2
    )
    assert (found.small, found.opposite) == (1, 1)
    page = laid_out(found, Subscription(name="s"), {})
    assert "1 move in the direction you leave out." in page.intro


def test_a_model_is_named_once_in_a_subject_whoever_sells_it():
    """A reseller's name for a model is the maker's with more before it, and the one
    that is not resold comes first.
    """
    rows = [
        step(10, 2, model="openai/o3", provider="openrouter"),
        step(10, 2, model="o3", provider="openai"),
    ]
    found = digest(*rows)
    assert subject_of(found) == "2 price changes: o3 −80 %"
    assert [card.provider for card in found.cards] == ["openai", "openrouter"]


def test_a_fan_from_one_price_names_it_once():
    """Five offers from one price to another: the price stands once, with all names."""
    rows = [step(1, 2, model=f"m{n}", offer_id=n) for n in range(5)]
    page = laid_out(digest(*rows), Subscription(name="s"), {})
    (entry,) = page.blocks[0].entries
    assert entry.head == "5 acme offers"
    assert [(p.what, p.old, p.new) for p in entry.prices] == [
        ("input", "$1.00", "$2.00")
    ]
    assert set(entry.details[0].split(", ")) == {f"acme/m{n}" for n in range(5)}
    assert page.whole


def test_a_fan_from_different_prices_has_a_line_for_each():
    """Five offers that doubled from prices of their own stand with these prices."""
    rows = [step(n, 2 * n, model=f"m{n}", offer_id=n) for n in range(1, 6)]
    page = laid_out(digest(*rows), Subscription(name="s"), {})
    (entry,) = page.blocks[0].entries
    assert entry.head == "5 acme offers"
    lines = {(p.what, p.old, p.new, p.step) for p in entry.prices}
    assert ("acme/m3", "$3.00", "$6.00", "+100 %") in lines
    assert len(lines) == 5
    assert entry.details[0] == "for input"
    assert page.whole


def test_what_a_fan_does_not_spell_out_is_counted_as_cut():
    """Nine offers of which six are named: the others make the letter attach a table."""
    rows = [step(n, 2 * n, model=f"m{n}", offer_id=n) for n in range(1, 10)]
    page = laid_out(digest(*rows), Subscription(name="s"), {})
    assert (page.left, page.cut, page.whole) == (0, 3, False)
    assert "What is only counted below is in the attached table." in page.intro


def test_meters_of_a_card_beyond_six_are_named_and_cut():
    """A card of eight meters spells out six; the other two are in the table."""
    rows = [step(1, 2, meter=f"m{n}", meter_id=n) for n in range(8)]
    page = laid_out(digest(*rows), Subscription(name="s"), {})
    (entry,) = page.blocks[0].entries
    assert (len(entry.prices), entry.cut) == (6, 2)
    assert entry.details[0] == "also m6, m7"


def test_a_link_is_whole_or_is_not_there():
    """An address too long for a page is left out: a part of one leads nowhere."""
    for length, there in ((500, True), (3000, False)):
        url = f"https://example.org/{'a' * length}"
        page = laid_out(digest(step(1, 2, url=url)), Subscription(name="s"), {})
        assert ([link.to for link in page.blocks[0].entries[0].links] == [url]) is there


def test_one_week_is_no_weeks():
    """Evidence is said as a person would."""
    row = step(1, 2, evidence='{"stood": "1 weeks", "seen": "11 weeks"}')
    page = laid_out(digest(row), Subscription(name="s"), {})
    assert "(seen 11 weeks, stood 1 week)" in page.blocks[0].entries[0].details[-1]


def test_sources_agree_only_in_one_currency():
    """Two dollars are not confirmed by two yuan."""
    row = step(1, 2)
    stated = [
        {"source": name, "price_nano": 2 * 10**9, "currency": currency}
        for name, currency in (("one", "USD"), ("other", "CNY"))
    ]
    place = (row["offer_id"], row["meter_id"])
    news = News(DAY - timedelta(days=7), DAY, steps=[row], stated={place: stated})
    (card,) = compose(news, Subscription(name="s")).cards
    assert card.moves[0].agreeing == ("one",)
    assert [name for name, _, _ in card.moves[0].differing] == ["other"]
