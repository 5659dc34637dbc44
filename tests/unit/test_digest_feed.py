"""The Atom feed of a digest: what feed readers rely on (RFC 4287)."""

import re
import xml.etree.ElementTree as ET

from tests.support.steps import DAY, digest, step
from tracker.domain.addresses import change_anchor
from tracker.reports.atom import feed_of

ATOM = "{http://www.w3.org/2005/Atom}"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def feed(*rows, **options):
    """The feed of the digest of these steps."""
    found = digest(*rows, **options)
    return ET.fromstring(feed_of(found, title="Pricetrail: s"))  # noqa: S314 - our own


def texts(entry, name):
    """The texts of children of a name."""
    return [child.text for child in entry.findall(f"{ATOM}{name}")]


def test_a_feed_and_its_entries_have_all_that_is_required():
    """Feed and entries have one id, title and instant each; an author stands above."""
    made = feed(step(1, 2), step(3, 4, model="n"), step(3, 5, model="o"))
    entries = made.findall(f"{ATOM}entry")
    assert len(entries) == 3
    for one in (made, *entries):
        for name in ("id", "title", "updated"):
            (text,) = texts(one, name)
            assert text
        assert INSTANT.fullmatch(texts(one, "updated")[0])
    assert made.find(f"{ATOM}author/{ATOM}name").text == "Pricetrail"
    assert all(texts(entry, "content") for entry in entries)


def test_ids_are_unique_and_stay():
    """No two entries share an id, and a feed made anew has the same ones."""
    rows = [step(1, 2, model=f"m{n}") for n in range(30)]
    first, second = feed(*rows), feed(*rows)
    ids = [texts(entry, "id")[0] for entry in first.findall(f"{ATOM}entry")]
    assert len({*ids, texts(first, "id")[0]}) == 31
    assert ids == [texts(entry, "id")[0] for entry in second.findall(f"{ATOM}entry")]
    assert all(re.fullmatch(r"tag:pricetrail,2026:[0-9a-f]{32}", id_) for id_ in ids)


def test_another_step_is_another_entry():
    """The same model moving again is news to a feed reader."""
    later = step(2, 3, observed_at=DAY.replace(day=19))
    ids = {texts(feed(s).find(f"{ATOM}entry"), "id")[0] for s in (step(1, 2), later)}
    assert len(ids) == 2


def test_an_empty_feed_is_a_feed():
    """Without moves the feed has no entries and is still valid."""
    made = feed()
    assert made.findall(f"{ATOM}entry") == []
    assert texts(made, "updated") == ["2026-01-12T00:00:00Z"]


def test_no_name_breaks_the_feed():
    """Markup and characters that XML cannot hold stay text, or are replaced."""
    names = ["<b>&", "]]>", "a\x00b", "a\x0bb", "a\ufffeb", "x" * 10_000]
    for name in names:
        (entry,) = feed(step(1, 2, model=name)).findall(f"{ATOM}entry")
        assert "+100 %" in texts(entry, "title")[0]
        assert len(texts(entry, "title")[0]) < 200


def test_entries_lead_to_the_web_page_if_there_is_one():
    """Each entry has one address, that of its change; without a page there is none."""
    rows = [step(1, 2), step(3, 4, model="n")]
    made = feed_of(digest(*rows), title="t", url="https://prices.example.org/")
    root = ET.fromstring(made)  # noqa: S314 - our own
    entries = root.findall(f"{ATOM}entry")
    links = [entry.findall(f"{ATOM}link") for entry in entries]
    anchors = {change_anchor(row["change"]): row["model"] for row in rows}
    for (link,), title in zip(links, (texts(e, "title") for e in entries), strict=True):
        page, _, anchor = link.get("href").partition("#")
        assert page == f"https://prices.example.org/models/acme/{anchors[anchor]}/"
        assert title[0].startswith(f"acme/{anchors[anchor]} ")
        assert (link.get("rel"), link.get("type")) == ("alternate", "text/html")
    assert root.find(f"{ATOM}link").get("href") == "https://prices.example.org/changes/"
    assert b"<link" not in feed_of(digest(*rows), title="t")
