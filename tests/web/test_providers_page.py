"""The providers' pages: all that each sells, its moves, and what it withdrew."""

import html
import re

import pytest

from storage.reading import selling
from tests.support import maps, showroom
from tests.support.maps import KEY, edited, without
from tracker import wiring
from tracker.domain.addresses import model_path, provider_path
from tracker.domain.offers import Offer
from tracker.web.catalogue.sellers import sellers
from tracker.web.catalogue.tariffs import tariffs
from tracker.web.pages import providers
from tracker.web.view import View, Views

LINK = re.compile(
    r'<th scope="row" class="c-model"><a class="offer" href="../../([^"]*)"'
)


def test_each_provider_is_listed_with_what_it_sells(served, view):
    """Number of offers, kind, and who reads its prices."""
    text = served.get("/providers/").text
    rows = re.findall(r'<th scope="row" class="c-name"><a href="../([^"]+)"', text)
    names = {offer.provider for offer in view.sold}
    assert sorted(rows) == sorted(provider_path(name) for name in names)
    assert rows[0] == "providers/openai/"
    line = text.partition('href="../providers/acme/"')[2].partition("</tr>")[0]
    assert ">reseller or other</td>" in line
    assert "litellm, llm-prices" in line
    assert "2026-1" in line


def test_every_offer_is_on_its_providers_page(served, view):
    """Together the pages list everything that is sold, without a script."""
    found = []
    for name in sellers(view):
        found += LINK.findall(served.get(f"/{provider_path(name)}").text)
    assert sorted(found) == sorted(model_path(offer) for offer in view.sold)


def test_a_page_has_its_moves_and_what_left(served):
    """Real moves only, newest first; what was withdrawn is counted and listed."""
    text = html.unescape(served.get("/providers/acme/").text)
    moves = re.findall(r"<li><time[^>]*>([\d-]+)</time> <a [^>]*>([^<]+)<", text)
    assert ("2026-11-02", "model-01") in moves
    assert [day for day, _ in moves] == sorted((d for d, _ in moves), reverse=True)
    assert "−25 %" in text
    gone = served.get("/providers/hooli/").text
    assert "1 offer had a price once and has none today." in gone
    assert 'href="../../models/hooli/model-05/"' in gone
    corrected = served.get("/providers/globex/").text
    assert "was-zero" not in corrected.partition('id="mode-1"')[0]


def test_who_sells_no_chat_model_is_not_asked_for_its_cheapest(served):
    """No empty figure stands at the head of a page."""
    assert "Cheapest conversation" in served.get("/providers/acme/").text
    text = served.get("/providers/subscription/").text
    assert "Offers today" in text
    assert "Cheapest conversation" not in text


def test_offers_are_grouped_by_mode(served):
    """Chat first; what is billed otherwise has a table of its own."""
    text = served.get("/providers/acme/").text
    heads = re.findall(r'<h2 id="mode-\d+">([^<]+?) <span', text)
    assert heads == ["Chat", "Audio transcription"]


def test_a_provider_that_is_not_known_has_no_page(served):
    """A wrong name is a page of its own; a missing slash is put right."""
    assert served.get("/providers/nobody/").status_code == 404
    answer = served.get("/providers/acme", follow_redirects=False)
    assert answer.status_code == 307


def test_marks_change_with_what_is_shown(own_room):
    """A page is made anew when its provider's data changed, and only then."""
    before = _marks(own_room)
    assert set(before) == {p for p in before if p.startswith("providers/")}
    body = showroom.weeks()
    newest = body[max(body)]
    own_room.sync(newest, "2026-11-22")
    assert _marks(own_room) == before
    moved = edited(newest, KEY, input_cost_per_token=5.5e-07)
    own_room.sync(moved, "2026-11-23")
    after = _marks(own_room)
    changed = {path for path in after if after[path] != before[path]}
    released = "providers/umbrella/"  # other bytes confirm the rate that was held
    assert changed == {"providers/acme/", released}


def _marks(trail):
    with wiring.opened(trail.url) as store:
        view = Views(store, lambda: showroom.NOW).current()
        return providers.marks(view)


@pytest.fixture(name="shop")
def _shop(trail):
    """Two syncs: a price moved and an offer left, on each kind of database."""
    first = maps.small_map()
    trail.sync(first, "2026-01-04")
    cut = {"input_cost_per_token": 5.05e-7, "output_cost_per_token": 2.02e-6}
    moved = without(edited(first, KEY, **cut), "globex/model-02")
    trail.sync(moved, "2026-01-11")
    trail.sync(edited(moved, "openai/model-06", max_input_tokens=9), "2026-01-18")
    return trail


def test_what_is_read_is_the_same_on_both_databases(shop):
    """Births, readers, moves and what left, as plain rows."""
    with wiring.opened(shop.url) as store, store.reading() as connection:
        seen = selling.first_seen(connection)
        assert seen["acme", "model-01", ""] == wiring.instant("2026-01-04")
        assert len(seen) == maps.SIZE + 1
        assert selling.readers(connection)["acme"] == ["litellm"]
        moves = selling.latest_moves(connection, most=5)
        assert [(m["model"], m["meter"], m["new_price_nano"]) for m in moves] == [
            ("model-01", "input", 505000000),
            ("model-01", "output", 2020000000),
        ]
        assert len(selling.latest_moves(connection, most=1)) == 1
        otherwise = tariffs(selling.otherwise(connection))
        assert otherwise == {Offer("hooli", "model-59"): "$0.40 per image"}
        (gone,) = selling.gone(connection)
        assert (gone["model"], gone["valid_to"]) == (
            "model-02",
            wiring.instant("2026-01-11"),
        )


def test_a_seller_is_the_same_on_both_databases(shop):
    """A page's data: offers in order, one move of two rates, one offer withdrawn."""
    with wiring.opened(shop.url) as store:
        view: View = Views(store, lambda: wiring.instant("2026-01-20")).current()
        found = sellers(view)
        (move,) = found["acme"].moves
        assert (move.offer, len(move.steps)) == (Offer("acme", "model-01"), 2)
        assert found["acme"].chats[0].offer.model == "model-01"
        assert [one.offer.model for one in found["globex"].gone] == ["model-02"]
        assert next(iter(found)) == "openai"
