"""What mails and feeds link to stands there: on the pages of the same database."""

import re
from collections import defaultdict
from datetime import timedelta
from html import unescape

import pytest

from tests.support import showroom
from tracker.reports.atom import feed_of
from tracker.reports.preparing import preview
from tracker.reports.selecting import Window
from tracker.reports.settings import Mail, Subscription

URL = "https://prices.example.org/llm/"


@pytest.fixture(name="told", scope="module")
def _told(store):
    """A digest of all that the filled database has to tell, week by week."""
    team = Subscription(name="team", limit=500)
    ends = [showroom.NOW - timedelta(weeks=week) for week in range(showroom.WEEKS)]
    windows = [Window(at - timedelta(weeks=1), at, fresh=True) for at in ends]
    mail = Mail(charts=False)
    return [preview(store, team, mail, w, showroom.NOW, url=URL) for w in windows]


@pytest.fixture(name="links", scope="module")
def _links(told):
    """Every address in text, HTML and feed, by page; with what is looked for there."""
    found = defaultdict(set)
    for one in told:
        feed = feed_of(one.digest, title="t", url=URL).decode()
        marked = re.findall(r'href="([^"]*)"', one.rendered.html + feed)
        plain = re.findall(r"https://\S+", one.rendered.text)
        for to in (*map(unescape, marked), *plain):
            if not to.startswith("mailto:"):
                page, _, place = to.partition("#")
                found[page].add(place)
    return found


def test_every_link_leads_to_a_page_and_to_its_place_on_it(links, served):
    """No link of a mail or a feed is broken: the page is there, and so is the element
    that a change or a story has on it, hostile names included.
    """
    kinds = set()
    for page, places in links.items():
        assert page.startswith(URL)
        answer = served.get(f"/{page.removeprefix(URL)}")
        assert answer.status_code == 200, page
        ids = {"", *re.findall(r'\bid="([^"]+)"', answer.text)}
        assert places <= ids, (page, places - ids)
        kinds |= {place.partition("-")[0] for place in places}
    assert kinds == {"", "change", "story"}
    told = {page.removeprefix(URL).partition("/")[0] for page in links}
    assert told == {"models", "providers", "changes", "review", "sources"}


def test_the_evidence_of_a_move_is_the_very_change(links, served):
    """Behind the link of a move stand its old and new price, and its verdict."""
    page = f"{URL}models/{showroom.MOVED}/"
    shown = served.get(f"/{page.removeprefix(URL)}").text
    (anchor, *_) = sorted(place for place in links[page] if place)
    _, _, after = shown.partition(f'id="{anchor}"')
    element = after.partition("</details>")[0]
    assert "0.80" in element or "0.60" in element
    assert "move" in element
