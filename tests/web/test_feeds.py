"""The feeds: valid, the same through a rebuild, and honest when a verdict turns."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import datetime

import pytest
from freezegun import freeze_time

from storage.stamp import stamp
from storage.unit_of_work import Store
from tests.support import showroom
from tests.support.maps import edited, small_map
from tracker.web import pages
from tracker.web.pages import NoPage, changes, feeds
from tracker.web.view import View

ATOM = "{http://www.w3.org/2005/Atom}"
URL = "https://prices.example/"
AT = "2026-03-01"


def now_of(trail, url=""):
    """The newest state of a database, and its store."""
    store = Store(trail.url)
    with store.reading() as connection:
        return store, View(store, showroom.NOW, stamp(connection), url=url)


def atom(view):
    """The Atom feed, parsed."""
    return ET.fromstring(pages.made(view, "changes.atom", {}).body)  # noqa: S314 - ours


def fed(view):
    """The JSON feed, parsed."""
    return json.loads(pages.made(view, "changes.json", {}).body)


def entries_of(trail):
    """The entries of both feeds, by id."""
    store, view = now_of(trail)
    told = {
        entry.findtext(f"{ATOM}id"): entry for entry in atom(view).iter(f"{ATOM}entry")
    }
    assert list(told) == [item["id"] for item in fed(view)["items"]]
    store.close()
    return told


def words(entry):
    """Title and content of an entry."""
    return f"{entry.findtext(f'{ATOM}title')} {entry.findtext(f'{ATOM}content')}"


def price(key, dollars, said=None):
    """A map with another input price."""
    return edited(said or small_map(), key, input_cost_per_token=dollars)


@pytest.fixture(name="whole", scope="module")
def _whole(store):
    with store.reading() as connection:
        return View(store, showroom.NOW, stamp(connection), url=URL)


@pytest.mark.parametrize("live", [True, False])
def test_the_atom_feed_is_valid(store, live):
    """What RFC 4287 asks for: one id, title and date of each, an author, content, and
    ids that no two entries share.
    """
    with store.reading() as connection:
        feed = atom(View(store, showroom.NOW, stamp(connection), live=live))
    for one in (feed, *feed.iter(f"{ATOM}entry")):
        assert re.fullmatch(r"tag:pricetrail,2026:\w+", one.findtext(f"{ATOM}id"))
        assert one.findtext(f"{ATOM}title").strip()
        assert datetime.fromisoformat(one.findtext(f"{ATOM}updated")).tzinfo
        assert len(one.findall(f"{ATOM}id")) == len(one.findall(f"{ATOM}updated")) == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Pricetrail"
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) > 3
    for entry in feed.iter(f"{ATOM}entry"):
        assert entry.find(f"{ATOM}content").attrib["type"] == "html"
        assert entry.find(f"{ATOM}link").attrib["rel"] == "alternate"


def test_addresses_are_whole_where_the_site_has_one(whole, view):
    """With a URL every link is absolute and the feed says where it is; without one
    they are relative to the feed, which is valid, and it says nothing false.
    """
    links = [link.attrib for link in atom(whole).iter(f"{ATOM}link")]
    assert all(link["href"].startswith(URL) for link in links)
    assert [link["href"] for link in links if link["rel"] == "self"] == [
        f"{URL}changes.atom"
    ]
    links = [link.attrib for link in atom(view).iter(f"{ATOM}link")]
    assert all(link["href"].startswith("changes/") for link in links)
    assert "self" not in {link["rel"] for link in links}


def test_links_lead_to_stories_that_are_there(whole):
    """The element that an entry points at is on that month's page."""
    for entry in atom(whole).iter(f"{ATOM}entry"):
        link = entry.find(f"{ATOM}link").attrib["href"].removeprefix(URL)
        path, _, story = link.partition("#")
        assert f'id="{story}"' in pages.made(whole, path, {}).body.decode()


def test_the_json_feed_is_valid(whole, view):
    """What JSON Feed 1.1 asks for; no addresses where the site has none."""
    feed = fed(whole)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert (feed["home_page_url"], feed["feed_url"]) == (URL, f"{URL}changes.json")
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["content_html"].startswith("<p>")
        assert item["url"].startswith(URL)
        assert datetime.fromisoformat(item["date_published"]).tzinfo
    bare = fed(view)
    assert not {"home_page_url", "feed_url"} & bare.keys()
    assert not any("url" in item for item in bare["items"])


def test_only_real_moves_are_told(whole):
    """No correction, flap, launch or hold is an entry."""
    titles = " ".join(item["title"] for item in fed(whole)["items"])
    assert "acme/model-01" in titles
    for name in (showroom.CORRECTED, showroom.FLAPPED, showroom.NEW, showroom.HELD):
        assert name not in titles


def test_hostile_names_are_text_in_feeds(whole):
    """The HTML of an entry holds no markup that a name brought with it."""
    told = [item["content_html"] for item in fed(whole)["items"]]
    assert any("&lt;script&gt;" in html for html in told)
    assert not any("<script" in html for html in told)


def test_an_empty_feed_is_a_feed(sqlite_trail):
    """Before the first move there is nothing to tell, and that is valid."""
    sqlite_trail("db", "upgrade")
    store, view = now_of(sqlite_trail)
    assert atom(view).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"
    assert fed(view)["items"] == []
    store.close()


def test_other_paths_are_no_feeds(view):
    """They are left to others."""
    assert feeds.paths(view) == ["changes.atom", "changes.json"]
    with pytest.raises(NoPage):
        feeds.made(view, "changes.rss", {})


def test_a_rebuild_leaves_every_entry_as_it_was(trail):
    """Ids and dates come from what happened, not from rows: nothing is told anew."""
    showroom.fill(trail)
    store, view = now_of(trail)
    before = pages.made(view, "changes.atom", {}).body
    store.close()
    assert trail("rebuild").code == 0
    store, view = now_of(trail)
    assert pages.made(view, "changes.atom", {}).body == before
    store.close()


def test_what_one_seller_moved_alike_is_one_entry(trail):
    """Four offers cheaper by a third are a line of the feed, with all four in it."""
    said = small_map()
    keys = [key for key in said if key.startswith("acme/model-")][:4]
    trail.sync(said, AT)
    for key in keys:
        cost = said[key]["input_cost_per_token"] * 0.7
        said = edited(said, key, input_cost_per_token=cost)
    trail.sync(said, "2026-03-29")
    told = entries_of(trail)
    assert len(told) == 1
    (entry,) = told.values()
    assert entry.findtext(f"{ATOM}title") == "4 acme offers input −30 %"
    assert words(entry).count("<li>") == 4


def test_a_verdict_taken_back_is_told_to_subscribers(trail):
    """A move that turns out to be a flap is the same entry with a later date, and says
    so; what was told first is not told again as news.
    """
    trail.sync(small_map(), AT)
    with freeze_time("2026-03-15T06:00:00Z"):
        trail.sync(price("acme/model-01", 5e-7), "2026-03-15")
    (before,) = entries_of(trail).items()
    with freeze_time("2026-03-29T06:00:00Z"):
        trail.sync(small_map(), "2026-03-29")
    (after,) = entries_of(trail).items()
    assert after[0] == before[0]
    assert before[1].findtext(f"{ATOM}updated") == "2026-03-15T00:00:00Z"
    assert after[1].findtext(f"{ATOM}updated") == "2026-03-29T00:00:00Z"
    assert after[1].findtext(f"{ATOM}published") == "2026-03-15T00:00:00Z"
    assert words(after[1]).startswith("Taken back: acme/model-01 input")
    assert "is a flap (left and taken again within eight weeks" in words(after[1])


def test_history_filled_in_later_takes_nothing_back(trail):
    """What was judged long after it happened was never news: a verdict on it that
    changes moves nothing up.
    """
    names = {"2026-01-04_1.1.0.json": small_map()}
    names["2026-02-01_1.2.0.json"] = price("acme/model-01", 5e-7)
    trail.backfill(names)
    trail.backfill({"2026-03-01_1.3.0.json": small_map()})
    told = entries_of(trail)
    assert not any("Taken back" in words(entry) for entry in told.values())


def test_a_move_that_was_doubted_first_is_told_when_it_is_one(trail):
    """A story of the feed keeps the day on which it was seen."""
    trail.sync(small_map(), AT)
    trail.sync(price("acme/model-01", 5e-7), "2026-03-29")
    trail.sync(price("acme/model-01", 4e-7), "2026-04-26")
    told = list(entries_of(trail).values())
    dates = [entry.findtext(f"{ATOM}published")[:10] for entry in told]
    assert dates == ["2026-04-26", "2026-03-29"]


def test_a_served_feed_has_its_media_type(served):
    """Readers know feeds by it; the page names the feed in its head."""
    answer = served.get("/changes.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert "json" in served.get("/changes.json").headers["content-type"]
    assert 'type="application/atom+xml"' in served.get("/method/").text


def test_an_entry_is_on_the_newest_page_of_changes(whole):
    """The newest entry's month has a page."""
    newest = next(atom(whole).iter(f"{ATOM}entry")).findtext(f"{ATOM}published")
    assert f"changes/{newest[:7]}/" in changes.paths(whole)
