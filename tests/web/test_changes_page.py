"""The timeline as pages: a month each, told as stories, with nothing left out."""

import re
from datetime import UTC, datetime

import pytest
from parsel import Selector

from storage.reading import telling
from storage.stamp import stamp
from storage.unit_of_work import Store
from tests.support import showroom
from tests.support.maps import edited, small_map, without
from tracker.domain.addresses import model_path
from tracker.domain.offers import Offer
from tracker.web import pages
from tracker.web.model.anchors import anchor_of
from tracker.web.pages import NoPage, changes
from tracker.web.view import View


def seen(store, month):
    """The changes of a month, as they are stored."""
    with store.reading() as connection:
        return telling.seen(connection, *changes.bounds(month))


def shown(view, path, **asked):
    """A page, read."""
    made = pages.made(view, path, {name: [value] for name, value in asked.items()})
    return Selector(made.body.decode())


def stories(page, **named):
    """The stories of a page, by their data."""
    where = "".join(f"[data-{name}='{value}']" for name, value in named.items())
    return page.css(f".tale{where}")


@pytest.fixture(name="fresh")
def _fresh(trail):
    """A view of a database of either kind, made anew each time it is asked for."""
    stores = []

    def view(*, live=True):
        stores.append(Store(trail.url))
        with stores[-1].reading() as connection:
            found = stamp(connection)
        return View(stores[-1], showroom.NOW, found, live=live)

    yield view
    for store in stores:
        store.close()


def test_every_month_with_a_change_has_a_page(view):
    """August to November were read; the newest one is also the page of changes."""
    months = [f"changes/2026-{month:02}/" for month in range(8, 12)]
    assert changes.paths(view) == ["changes/", *months]
    newest = shown(view, "changes/")
    assert newest.css("h1::text").get() == "Price changes in 2026-11"
    links = newest.css(".months a::attr(href)").getall()
    assert links == [f"../{month}" for month in reversed(months)]


@pytest.mark.parametrize("month", ["2026-08", "2026-09", "2026-10", "2026-11"])
def test_nothing_of_a_month_is_left_out(view, store, month):
    """Every change stands in a story, and links to where it stands on its model's
    page; of large stories each offer does.
    """
    page = shown(view, f"changes/{month}/")
    links = set(page.css(".lines a::attr(href)").getall())
    for row in seen(store, month):
        offer = Offer(row["provider"], row["model"], row["region"])
        home = f"../../{model_path(offer)}#"
        if row["verdict"]:
            assert f"{home}{anchor_of(row)}" in links
        else:
            assert any(link.startswith(home) for link in links)
    told = page.css("h1 + p::text").get()
    assert told.startswith(f"{len(seen(store, month))} changes")


def test_a_story_says_what_moved_and_how_far(view):
    """The offer, its meter, both prices, the step, the verdict and the days."""
    page = shown(view, "changes/2026-09/")
    (story,) = [
        story
        for story in stories(page, verdict="move", sellers="acme")
        if "model-01" in story.get()
    ]
    told = " ".join(story.css("::text").getall())
    assert re.search(r"input\s+\$1\.01\s+→\s+\$0\.80", told)
    assert "−21 %" in told
    assert story.css("small time::attr(datetime)").get() == "2026-09-07"


def test_a_correction_says_why(view):
    """What the judge found is told in words."""
    page = shown(view, "changes/2026-09/")
    told = " ".join(stories(page, verdict="correction").css("p::text").getall())
    assert "The first price that is not zero; zero stood for unknown." in told


def test_moves_come_first_in_a_day(view):
    """On the day of a move its seller stands before those with launches only."""
    page = shown(view, "changes/2026-11/")
    day = page.css("#day-2026-11-02, #day-2026-11-09")
    for one in day:
        verdicts = one.css(".tale::attr(data-verdict)").getall()
        assert verdicts == sorted(verdicts, key=lambda verdict: verdict != "move")


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"verdict": "move"}, {"move"}),
        ({"verdict": "flap"}, {"flap"}),
        ({"kind": "withdrawn"}, {""}),
        ({"verdict": "move", "provider": "acme"}, {"move"}),
    ],
)
def test_a_served_page_answers_what_it_is_asked(view, asked, wanted):
    """Only stories that fit are shown; the form says what was asked for."""
    page = shown(view, "changes/2026-09/", **asked)
    found = stories(page)
    assert set(found.css("::attr(data-verdict)").getall()) == wanted
    if "provider" in asked:
        assert set(found.css("::attr(data-sellers)").getall()) == {"acme"}
    for name, value in asked.items():
        chosen = page.css(f"select[name={name}] option[selected]")
        assert value in chosen.css("::text, ::attr(value)").getall()
    assert "Show all" in page.css("[role=status] a::text").getall()


def test_a_question_that_nothing_fits_is_answered(view):
    """No story of a seller that there is not, and no fault of ours."""
    page = shown(view, "changes/", provider="<b>nobody</b>", verdict="rumour")
    assert not stories(page)
    assert "Nothing of this month fits." in page.get()
    assert "<b>nobody" not in page.get()


def test_files_hold_everything_and_are_sifted_by_a_script(still, view):
    """No server answers questions of files: the form waits for its script, which is
    told by data what each story is.
    """
    page = shown(still, "changes/2026-09/", verdict="move")
    assert len(stories(page)) == len(stories(shown(view, "changes/2026-09/")))
    assert page.css("form.sift[hidden]")
    assert any("changes." in src for src in page.css("script::attr(src)").getall())
    assert not shown(view, "changes/").css("form.sift[hidden]")


@pytest.mark.parametrize(
    "path", ["changes/2025-01/", "changes/2026-13/", "changes/2026-9/", "changes/x/"]
)
def test_a_month_without_changes_has_no_page(view, path):
    """It is missing, and nothing is made up."""
    with pytest.raises(NoPage):
        pages.made(view, path, {})


def test_pages_are_linked_in_their_order(view):
    """Each month leads to the one before and after it."""
    turns = shown(view, "changes/2026-09/").css(".turn a::attr(href)").getall()
    assert turns[0].endswith("changes/2026-08/")
    assert turns[-1].endswith("changes/2026-10/")


def test_hostile_names_stay_text(view):
    """A name from a price list is never markup, and never leaves its line."""
    html = shown(view, "changes/2026-08/").get()
    assert "<script>alert" not in html
    assert "\u202e" not in html
    assert not Selector(html).css("[onmouseover], article script")
    assert len(max(html.splitlines(), key=len)) < 10_000


def test_an_empty_database_says_what_to_do(sqlite_trail):
    """There is a page even before the first sync."""
    sqlite_trail("db", "upgrade")
    store = Store(sqlite_trail.url)
    with store.reading() as connection:
        empty = View(store, showroom.NOW, stamp(connection))
    assert "pricetrail sync" in shown(empty, "changes/").get()
    assert changes.paths(empty) == ["changes/"]
    assert changes.marks(empty).keys() == {"changes/"}
    store.close()


def moved(said, price):
    """The map with another price of one model."""
    return edited(said, "acme/model-01", input_cost_per_token=price)


def test_only_months_whose_data_changed_are_made_anew(trail, fresh):
    """A sync in a later month leaves the marks of earlier ones alone, but for the one
    before it, which gets a link to the new one.
    """
    said = small_map()
    for month in (1, 2, 3):
        said = moved(said, month * 1e-6)
        trail.sync(said, f"2026-{month:02}-04")
    before = changes.marks(fresh())
    trail.sync(moved(said, 4e-6), "2026-04-05")
    after = changes.marks(fresh())
    same = {path for path in before if before[path] == after[path]}
    assert same == {"changes/2026-01/", "changes/2026-02/"}
    assert after.keys() - before.keys() == {"changes/2026-04/"}


def test_a_verdict_taken_back_is_told_and_marked(trail, fresh):
    """What was called a move and came back within eight weeks is a flap: its month is
    made anew, and says what it was called first.
    """
    said = small_map()
    trail.sync(said, "2026-03-01")
    trail.sync(moved(said, 5e-7), "2026-03-29")
    path = "changes/2026-03/"
    before = changes.marks(fresh())[path]
    page = shown(fresh(), path)
    assert stories(page, verdict="move")
    trail.sync(said, "2026-04-05")
    assert changes.marks(fresh())[path] != before
    told = " ".join(
        stories(shown(fresh(), path), verdict="flap").css("::text").getall()
    )
    assert "First called a move; taken back on" in told


def test_what_came_and_went_is_told_as_stories(trail, fresh):
    """Offers listed first, gone and back again, each as one story of their seller."""
    said = small_map()
    trail.sync(said, "2026-01-04")
    trail.sync(edited(said, "acme/new-one", input_cost_per_token=1e-6), "2026-01-11")
    fewer = without(said, "acme/model-07")
    trail.sync(fewer, "2026-01-18")
    trail.sync(moved(fewer, 5e-7), "2026-01-25")
    trail.sync(moved(said, 5e-7), "2026-02-01")
    january = shown(fresh(), "changes/2026-01/")
    phrases = " ".join(january.css(".tale h4 span::text").getall())
    assert "1 offer listed for the first time" in phrases
    assert "no longer listed" in phrases
    assert "there at this source's first reading" in phrases
    february = shown(fresh(), "changes/2026-02/")
    assert "listed again" in " ".join(february.css(".tale h4 span::text").getall())


def test_months_end_where_the_next_begins():
    """December is followed by January of the next year."""
    assert changes.bounds("2026-12") == (
        datetime(2026, 12, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    )
