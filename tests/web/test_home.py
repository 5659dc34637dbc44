"""The front page: what moved, whose first, what is new, what ends, and how fresh."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from parsel import Selector

from storage.stamp import stamp
from storage.unit_of_work import Store
from tests.support import showroom
from tests.support.maps import edited, small_map
from tracker.domain.addresses import model_path
from tracker.domain.offers import Offer
from tracker.web import pages
from tracker.web.model.anchors import anchor_of
from tracker.web.news.headlines import once, pieces
from tracker.web.news.telling import is_own
from tracker.web.pages import NoPage, home
from tracker.web.upkeep import ago
from tracker.web.view import View

AT = datetime(2026, 11, 1, tzinfo=UTC)


def shown(view):
    """The front page, read."""
    return Selector(pages.made(view, "", {}).body.decode())


def text(selected):
    """What it says, on one line."""
    return re.sub(r"\s+", " ", " ".join(selected.css("::text").getall())).strip()


def section(page, name):
    """The part of the page that has this heading."""
    return page.css(f"section[aria-labelledby={name}]")


@pytest.fixture(name="front", scope="module")
def _front(view):
    return shown(view)


def test_the_front_page_has_a_large_search(front):
    """One form of its own leads to the catalogue, beside the one in the head."""
    form = front.css(".hero form")
    assert form.attrib["action"] == "./models/"
    assert form.css("input[name=q]").attrib["type"] == "search"
    assert front.css(f"label[for={form.css('input').attrib['id']}]")


def test_only_the_root_is_the_front_page(view):
    """Another path is another section's."""
    assert home.paths(view) == [""]
    with pytest.raises(NoPage):
        home.made(view, "changes/", {})


def test_real_moves_lead_to_their_evidence(front, store):
    """The newest move of a model: both prices, the step, and a link to the change."""
    moved = text(front.css(".front"))
    assert "model-01" in moved
    assert re.search(r"input \$0\.80 → to \$0\.60 ▼ down −25 %", moved)
    links = front.css(".front .meter::attr(href)").getall()
    home_of = f"./{model_path(Offer('acme', 'model-01'))}#change-"
    assert any(link.startswith(home_of) for link in links)


def test_corrections_and_flaps_are_no_news(front):
    """A placeholder that was filled and a flap are not among the moves."""
    moved = text(front.css(".front"))
    assert "was-zero" not in moved
    assert "initech" not in moved


def test_the_window_ends_with_the_newest_reading(front):
    """Thirty days, by the data and not by the clock; its dates are told."""
    days = front.css("main > .head time::attr(datetime)").getall()
    assert days == ["2026-10-17", "2026-11-16"]


def test_what_is_new_and_what_ends_is_told(front):
    """Offers that nobody had before, and those whose source gives an end within sixty
    days.
    """
    assert "Resellers listed 1 more offer: acme 1" in text(section(front, "new"))
    ending = text(section(front, "ending"))
    assert "2027-01-14 in 52 days" in ending
    assert showroom.STABLE in ending


def test_the_counts_are_those_of_the_tables(front, room):
    """Offers, rates and changes as they are stored."""
    (counts,) = room.tables.rows(
        "SELECT (SELECT COUNT(*) FROM price_changes) AS changes, "
        "(SELECT COUNT(*) FROM rates WHERE valid_to IS NULL) AS rates, "
        "(SELECT COUNT(*) FROM price_changes WHERE verdict = 'move') AS moves"
    )
    figures = [text(one) for one in front.css(".fact dd")]
    assert figures[1].startswith(f"{counts['rates']} ")
    assert figures[2].startswith(f"{counts['changes']} ")
    assert figures[3].startswith(f"{counts['moves']} ")
    assert "since 2026-08-17" in text(front.css(".facts"))


def test_it_says_how_fresh_it_is(front):
    """Each source with its age; those without a say are marked, others are named."""
    fresh = text(section(front, "fresh"))
    assert "litellm read 2026-11-16 , 7 days ago" in fresh
    assert "openrouter never read well stale" in fresh
    assert "anthropic" in fresh.partition("Never read here")[2]


def test_names_are_harmless(front):
    """No name is markup."""
    assert not front.css("main script, main [onmouseover]")


def test_an_empty_database_has_a_front_page(sqlite_trail):
    """It says what to do."""
    sqlite_trail("db", "upgrade")
    store = Store(sqlite_trail.url)
    with store.reading() as connection:
        page = shown(View(store, showroom.NOW, stamp(connection)))
    store.close()
    assert "pricetrail sync" in page.css(".note").get()


def test_the_front_page_is_the_same_on_both_databases(trail, front):
    """What is told does not hang on where it is stored."""
    showroom.fill(trail)
    store = Store(trail.url)
    with store.reading() as connection:
        view = View(store, showroom.NOW, stamp(connection))
    assert text(shown(view).css("main")) == text(front.css("main"))
    store.close()


def test_a_verdict_taken_back_is_told(trail):
    """What was called a move, and is a flap, stands among what was put right."""
    said = small_map()
    gone = edited(said, "acme/model-01", input_cost_per_token=5e-7)
    for day, body in (("2026-03-01", said), ("2026-03-15", gone), ("2026-03-29", said)):
        trail.sync(body, day)
    store = Store(trail.url)
    with store.reading() as connection:
        page = shown(View(store, showroom.NOW, stamp(connection)))
    store.close()
    put_right = text(section(page, "minds"))
    assert "move → flap acme/model-01" in put_right
    assert "2 prices came back where they had been" in put_right


def row(source="litellm", day=0, place=20, **said):
    """A move as the timeline has it."""
    at = AT + timedelta(days=day)
    plain = {
        "provider": "openai",
        "model": "gpt-x",
        "region": "",
        "source": source,
        "source_key": "gpt-x",
        "meter": "input",
        "kind": "changed",
        "old_price_nano": 2 * 10**9,
        "new_price_nano": 10**9,
        "currency": "USD",
        "observed_at": at,
        "previous_seen_at": at - timedelta(days=7),
        "effective_at": None,
        "verdict": "move",
        "reason": "",
        "story": f"{source}/openai/{at:%Y-%m-%d}/x0.5",
        "place": place,
    }
    return plain | said


def test_a_move_that_others_see_too_is_told_once():
    """The best source of the first day tells it; the others stand beside it."""
    rows = [row(), row("openai", place=0), row("models-dev", 7, 30)]
    (move,) = once(rows)
    assert (move.row["source"], move.also) == ("openai", ("litellm", "models-dev"))


def test_the_same_price_much_later_is_another_move():
    """A price that comes again after months is news."""
    assert len(once([row(), row("models-dev", 90)])) == 2
    assert len(once([row(), row(day=14)])) == 2


def test_two_names_of_one_offer_are_one_move():
    """Keys of one source that mean one offer move at once."""
    assert len(once([row(), row(source_key="openai/gpt-x")])) == 1


def test_other_verdicts_are_no_moves():
    """Only what was judged to be real is told."""
    assert once([row(verdict="correction"), row(verdict="flap")]) == []


def test_what_a_seller_moved_alike_is_told_as_one():
    """Twelve offers by one ratio are a line; one with its own ratio another."""
    rows = [
        row(provider="novita", model=f"m{n}", source_key=f"novita/m{n}")
        for n in range(12)
    ]
    rows.append(row(provider="novita", model="odd", new_price_nano=10**8))
    (piece,) = pieces(once(rows))
    assert [len(group.offers) for group in piece.groups] == [1, 12]
    assert piece.offers == 13
    assert not piece.is_own


def test_makers_come_before_resellers_on_a_day_and_newer_days_first():
    """The day counts most, then whose price it is."""
    rows = [
        row(provider="novita", new_price_nano=1),
        row(),
        row(provider="azure", day=7),
    ]
    told = [piece.provider for piece in pieces(once(rows))]
    assert told == ["azure", "openai", "novita"]


def test_input_and_output_are_told_before_other_meters():
    """What most people pay stands first, whatever moved further."""
    rows = [row(meter="cache_read", new_price_nano=1), row(meter="output"), row()]
    ((group,),) = [piece.groups for piece in pieces(once(rows))]
    assert [move.meter for move in group.moves] == ["input", "output", "cache_read"]
    assert group.lead.meter in ("input", "output")


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("openai/gpt-5", True),
        ("deepseek/deepseek-chat", True),
        ("tencent/deepseek-v4", False),
        ("perplexity/openai/gpt-5", False),
        ("vertex_ai/gemini-2.5-pro", False),
        ("novita/gpt-oss", False),
        ("mistral/codestral", True),
    ],
)
def test_makers_sell_each_others_models_too(name, own):
    """A maker's own is what it sells under its own family's name."""
    provider, _, model = name.partition("/")
    assert is_own(Offer(provider, model)) is own


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "today"), (1, "yesterday"), (11, "11 days ago"), (1200, "1,200 days ago")],
)
def test_ages_are_told_in_days(days, words):
    """By the calendar, as people count."""
    assert ago(AT - timedelta(days=days), AT) == words
    assert ago(None, AT) == "never"


def test_a_move_from_zero_is_told_without_a_fault(view):
    """What was free and costs something has no ratio, and is told in words."""
    (move,) = once([row(old_price_nano=0)])
    assert move.size > 0
    assert pieces([move])[0].groups[0].lead is move
    assert anchor_of(move.row) == move.anchor


@pytest.mark.parametrize(("days", "told"), [(17, False), (18, True)])
def test_a_site_that_fell_silent_says_so(store, days, told):
    """Where nothing was read for more than two weeks and a half, what is shown may be
    wrong, and that stands at its head.
    """
    later = datetime(2026, 11, 16, tzinfo=UTC) + timedelta(days=days)
    with store.reading() as connection:
        view = View(store, later, stamp(connection))
    for path in ("", "sources/"):
        page = pages.made(view, path, {}).body.decode()
        assert ("Nothing was read since" in page) is told
