"""The sources' health, what is held, and the method: told from the tables."""

import json
import re
from datetime import datetime

import pytest
from parsel import Selector

from storage.stamp import stamp
from storage.unit_of_work import Store
from tests.support import showroom
from tests.support.maps import edited, small_map, without
from tracker.domain.gate import REASONS as HELD
from tracker.domain.judge import REASONS
from tracker.sources.registry import SOURCES
from tracker.web import pages
from tracker.web.pages import NoPage, method, review, sources
from tracker.web.view import View


def shown(view, path):
    """A page, read."""
    return Selector(pages.made(view, path, {}).body.decode())


def text(selected):
    """What it says, on one line."""
    return re.sub(r"\s+", " ", " ".join(selected.css("::text").getall())).strip()


@pytest.fixture(name="fresh")
def _fresh(trail):
    """A view of a database of either kind, made anew each time it is asked for."""
    stores = []

    def view():
        stores.append(Store(trail.url))
        with stores[-1].reading() as connection:
            return View(stores[-1], showroom.NOW, stamp(connection))

    yield view
    for store in stores:
        store.close()


def test_every_source_is_on_the_page(view):
    """Those that were read, with what they said; the others by what they would say."""
    page = shown(view, "sources/")
    named = page.css("section[id]::attr(id), tr[id]::attr(id)").getall()
    assert sorted(named) == sorted(SOURCES)
    read = page.css("section.sheet[id]::attr(id)").getall()
    assert read == ["litellm", "llm-prices", "openrouter"]
    assert all(name in sources.WHAT for name in SOURCES)


def test_a_source_tells_how_it_is(view):
    """When it was read, how much it states, what is held of it, and its last runs."""
    page = shown(view, "sources/")
    litellm = text(page.css("#litellm"))
    assert "Last read well 2026-11-16 , 7 days ago" in litellm
    assert "1.113.0" in litellm
    assert page.css("#litellm a[href='../review/#litellm']")
    assert "13 fetched, 0 failed" in litellm
    rows = page.css("#litellm table:last-of-type tbody tr")
    assert len(page.css("#litellm .chips li")) == showroom.WEEKS - 1
    assert rows


def test_a_source_that_lost_its_say_is_marked(view):
    """Its badge is a word, and not only a colour."""
    page = shown(view, "sources/")
    assert "stale" in page.css("#openrouter h2 .badge::text").get()
    assert not page.css("#litellm h2 .badge")


def test_names_that_are_away_are_told(trail, fresh):
    """What the newest list does not have waits for the next one, by name."""
    trail.sync(small_map(), "2026-03-01")
    trail.sync(without(small_map(), "acme/model-07"), "2026-03-08")
    litellm = text(shown(fresh(), "sources/").css("#litellm"))
    assert "1 name missing from its newest list" in litellm
    assert "acme/model-07 since 2026-03-08" in litellm


def test_a_failed_run_is_told(trail, fresh):
    """The outcome and the note of the last run stand in the open."""
    trail.sync(small_map(), "2026-03-01")
    trail.sync(b"no map at all", "2026-03-08")
    page = shown(fresh(), "sources/")
    glance = text(page.css("section[aria-labelledby=every] tbody"))
    assert "last run failed" in glance
    assert "failed" in text(page.css("#litellm table"))


def test_freshness_is_a_small_file_of_its_own(view):
    """By source when it was read and whether it counts, for pages that must not be
    made anew for that.
    """
    said = json.loads(pages.made(view, "freshness.json", {}).body)
    assert said["newest"] == "2026-11-16T00:00:00Z"
    assert said["sources"]["litellm"] == {"read": said["newest"], "stale": False}
    assert said["sources"]["openrouter"] == {"read": None, "stale": True}


def test_what_is_held_stands_with_both_prices(view):
    """The price that stands, the one that waits, why, how it ends, and the command."""
    page = shown(view, "review/")
    (row,) = page.css("#litellm tbody tr")
    assert row.css("th a::attr(href)").get() == f"../models/{showroom.HELD}/"
    told = text(row)
    assert "$1.04 $104.00" in told
    assert "Moved by a factor of 30 or more" in told
    assert re.search(r"pricetrail review accept [0-9a-f]{8} or reject", told)
    assert row.css("time::attr(datetime)").get() == "2026-11-16"
    ends = text(page.css("#litellm > p"))
    assert "let in when the source says the same in a body with other bytes" in ends


def test_a_body_held_as_a_whole_is_told(view):
    """It is named by its hash, and says that a person decides."""
    held = text(shown(view, "review/").css("#openrouter"))
    assert "The whole body" in held
    assert "Fewer offers than the source ever has" in held
    assert "waits for a person" in held


def test_the_command_that_is_shown_is_the_one_that_works(trail, fresh):
    """Accepting by the name on the page lets the value in, and the page tells who
    decided what, and why.
    """
    said = small_map()
    trail.sync(said, "2026-03-01")
    trail.sync(
        edited(said, "acme/model-01", input_cost_per_token=1.01e-4), "2026-03-08"
    )
    name = shown(fresh(), "review/").css(".todo::text").get().split()[-1]
    assert trail("review", "accept", name, "--note", "they said so").code == 0
    page = shown(fresh(), "review/")
    assert "Nothing waits." in text(page)
    decided = text(page.css("section[aria-labelledby=decided]"))
    assert "acme/model-01" in decided
    assert "accept $101.00 they said so person" in decided


def test_a_value_that_is_no_price_can_only_be_rejected(trail, fresh):
    """What cannot be read is shown as it was written, and no acceptance is offered."""
    said = small_map()
    trail.sync(said, "2026-03-01")
    wrong = {"input_cost_per_token": "a lot"}
    odd = edited(said, "acme/model-01", **wrong)
    trail.sync(odd, "2026-03-08")
    held = text(shown(fresh(), "review/").css("#litellm"))
    assert "a lot" in held
    assert "pricetrail review reject" in held
    assert "accept" not in held
    assert "can be read as a price" in held


def test_what_a_parser_may_have_misread_needs_somebody_else():
    """Repetition releases nothing that our own parser would repeat."""
    plain = {"scope": "rate", "key": "k", "meter": "input", "raw": "1"}
    told = {
        name: review._ends(
            review.HeldRow(
                source=source,
                reason=reason,
                price_nano=1,
                currency="USD",
                held_at=datetime.fromisoformat("2026-03-01T00:00:00Z"),
                status="pending",
                sha256="",
                **plain,
            ),
            unreadable=False,
        )
        for name, source, reason in (
            ("page", "openai", "one_ratio"),
            ("map", "litellm", "one_ratio"),
            ("jump", "openai", "jump"),
        )
    }
    assert "another source states the same price" in told["page"]
    assert told["map"] == told["jump"]
    assert "other bytes" in told["map"]


def test_steps_that_the_judge_holds_are_told(trail, fresh):
    """A drop to zero that nobody confirms is in the timeline, and here."""
    said = small_map()
    trail.sync(said, "2026-03-01")
    zero = edited(said, "acme/model-01", input_cost_per_token=0)
    for day, n in (("2026-03-08", 0), ("2026-03-15", 1), ("2026-03-22", 2)):
        trail.sync(edited(zero, "acme/model-07", max_tokens=n), day)
    doubted = text(shown(fresh(), "review/").css("section[aria-labelledby=doubted]"))
    assert "acme/ model-01" in doubted
    assert "to zero" in doubted


def test_the_method_explains_every_verdict_there_is(view):
    """No reason that the judge gives is without a word of explanation, and the page
    shows the words that the other pages use.
    """
    assert {reason for _, reason in method.EXPLAINED} == set(REASONS)
    page = text(shown(view, "method/"))
    for words in REASONS.values():
        assert words[1:] in page


def test_the_method_counts_what_is_stored(view, room):
    """Steps, moves and holds are those of the tables."""
    page = text(shown(view, "method/"))
    (counts,) = room.tables.rows(
        "SELECT COUNT(*) AS steps, SUM(verdict = 'move') AS moves "
        "FROM price_changes WHERE verdict IS NOT NULL"
    )
    assert f"Of {counts['steps']} steps between two prices" in page
    assert f", {counts['moves']} (" in page
    for row in room.tables.rows("SELECT DISTINCT reason FROM holds"):
        assert HELD[row["reason"]] in page


def test_the_method_shows_real_examples(view):
    """Each example links to a change that is there."""
    page = shown(view, "method/")
    links = page.css(".case a::attr(href)").getall()
    assert any(showroom.CORRECTED in link for link in links)
    assert any(showroom.FLAPPED in link for link in links)
    assert all("#change-" in link for link in links)


def test_the_method_names_the_gaps(view):
    """A source that was not read for more than three weeks has a gap, with its days."""
    rows = shown(view, "method/").css("table:first-of-type tbody tr")
    told = {row.css("th a::text").get(): text(row) for row in rows}
    assert told["litellm"].endswith("7 days none")
    assert "21 days" in told["llm-prices"]


@pytest.mark.parametrize("path", ["sources/", "review/", "method/", "freshness.json"])
def test_an_empty_database_has_these_pages(sqlite_trail, path):
    """Nothing is told, and nothing fails."""
    sqlite_trail("db", "upgrade")
    store = Store(sqlite_trail.url)
    with store.reading() as connection:
        empty = View(store, showroom.NOW, stamp(connection))
    assert pages.made(empty, path, {}).body
    store.close()


def test_pages_are_the_same_on_both_databases(trail, fresh, view):
    """What is told does not hang on where it is stored."""
    showroom.fill(trail)
    mine = fresh()
    for path in ("sources/", "review/", "method/", "changes/2026-09/"):
        told = text(shown(mine, path).css("main"))
        same = text(shown(view, path).css("main"))
        runs = re.compile(r"\d{4}-\d\d-\d\d backfill")  # dated by the clock
        assert runs.sub("", told) == runs.sub("", same)


@pytest.mark.parametrize("section", [sources, review, method])
def test_other_paths_are_left_to_others(view, section):
    """A section makes its own pages only."""
    for path in section.paths(view):
        assert section.made(view, path, {}).body
    with pytest.raises(NoPage):
        section.made(view, "elsewhere/", {})
