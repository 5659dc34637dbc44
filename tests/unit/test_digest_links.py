"""Links of a digest to the web page, and to bodies where there is none."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest

from tests.support.steps import DAY, digest, step
from tracker.domain.addresses import change_anchor, story_anchor
from tracker.reports.links import Links
from tracker.reports.rendering import rendered
from tracker.reports.settings import Mail, Subscription

URL = "https://prices.example.org/llm/"
OWN = "https://acme.example/pricing"


def made(*rows, url=URL, **options):
    """The text and the HTML of the digest of these steps."""
    team = Subscription(name="team", **options)
    found = rendered(digest(*rows, **options), team, Mail(), {}, Links(url))
    return found.text, found.html


def hrefs(page):
    """Every address that a page links to, but that to stop it."""
    found = map(unescape, re.findall(r'href="([^"]*)"', page))
    return [to for to in found if not to.startswith("mailto:")]


def change_at(row):
    """Where the change of a row stands."""
    return f"{URL}models/acme/{row['model']}/#{change_anchor(row['change'])}"


def test_a_model_and_its_changes_are_linked():
    """The model leads to its page, each meter to its change, and the body that shows
    it to the evidence, in the HTML; the text has the latter.
    """
    rows = [step(1, 2), step(3, 4, meter="output")]
    text, page = made(*rows)
    first, second = map(change_at, rows)
    seller, month = f"{URL}providers/acme/", f"{URL}changes/2026-01/"
    model = f"{URL}models/acme/m/"
    assert hrefs(page) == [seller, model, first, second, first, month]
    assert re.findall(r"https://\S+", text) == [first, month]
    assert f"    evidence (body abababababab): {first}\n" in text


def test_without_a_web_page_the_body_itself_is_linked():
    """Its own address is shown, where it came from one that can be opened."""
    text, page = made(step(1, 2, url=OWN), url="")
    assert hrefs(page) == [OWN]
    assert "; evidence: body abababababab\n" in text
    assert f"    {OWN}\n" in text


@pytest.mark.parametrize("url", [None, "file:2026-01-12.json", "javascript:alert(1)"])
def test_what_cannot_be_opened_is_not_linked(url):
    """A file, a script or nothing is no link."""
    text, page = made(step(1, 2, url=url), url="")
    assert hrefs(page) == []
    assert "http" not in text


def test_offers_that_moved_alike_share_their_evidence():
    """A fan leads to its provider and to the story that it is; without a web page to
    the body it was read from.
    """
    rows = [step(1, 2, model=f"m{n}", url=OWN, story="acme/x2") for n in range(4)]
    text, page = made(*rows)
    told = f"{URL}changes/2026-01/#{story_anchor('acme/x2|move')}"
    assert told in hrefs(page)
    assert f"{URL}providers/acme/" in hrefs(page)
    assert f"evidence (body abababababab): {told}" in text
    assert OWN not in text
    assert hrefs(made(*rows, url="")[1]) == [OWN]


def test_offers_that_moved_from_prices_of_their_own_are_linked_each():
    """In a fan of several prices each line leads to the change of its offer."""
    rows = [step(1 + n, 2 + 2 * n, model=f"m{n}") for n in range(4)]
    _, page = made(*rows)
    assert set(map(change_at, rows)) <= set(hrefs(page))


def test_each_body_of_a_model_is_linked():
    """Meters that moved on different days are shown by different bodies."""
    later = DAY.replace(day=14)
    body = "cd" * 32
    rows = [step(1, 2), step(3, 4, meter="output", observed_at=later, sha256=body)]
    text, _ = made(*rows)
    assert f"evidence (body abababababab): {change_at(rows[0])}\n" in text
    assert f"evidence of output (body cdcdcdcdcdcd): {change_at(rows[1])}\n" in text


@pytest.mark.parametrize("verdict", ["correction", "flap"])
def test_what_was_no_move_has_evidence_too(verdict):
    """A correction and a flap of one model lead to the change; of several, to their
    story.
    """
    one = step(1, 2, verdict=verdict, story="one")
    many = [step(5, 2, model=f"n{n}", verdict=verdict, story="many") for n in range(2)]
    text, page = made(one, *many)
    story = f"{URL}changes/2026-01/#{story_anchor(f'many|{verdict}')}"
    for to in (change_at(one), story):
        assert to in hrefs(page)
        assert f"    evidence: {to}\n" in text


def test_no_name_leads_elsewhere():
    """Whatever a model is called, every address stays below the site, holds nothing
    that ends it, and is no longer than a mail program takes.
    """
    names = ["../../x", "a?b#c", "//evil.example/x", '"><b>', "x y", "模", "l/" * 5000]
    _, page = made(*(step(1 + n, 2 + n, model=m) for n, m in enumerate(names)))
    for to in hrefs(page):
        assert to.startswith(URL)
        assert ".." not in urlsplit(to).path
        assert re.fullmatch(r"[!#-;=?-\[\]_a-z~]+", to)
        assert len(to) < 1500
    assert "evil.example" not in {urlsplit(to).netloc for to in hrefs(page)}
