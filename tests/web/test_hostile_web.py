"""Pages of a database in which every text means harm: they stay ours."""

import json
import pickle
import re
import unicodedata
from contextlib import closing
from urllib.parse import quote, unquote, urljoin, urlsplit
from xml.etree import ElementTree as ET

import pytest

from storage.unit_of_work import Store
from tests.support import maps, vandals
from tests.support.api import client_of
from tests.support.browsing import Watch
from tests.support.markup import Markup
from tests.support.vandals import CANARY, RUN, TEXTS
from tests.web.conftest import listening, now, trail_in, view_of
from tracker.asking.catalogue import nearest
from tracker.domain.addresses import model_path, provider_path, slug
from tracker.web import pages
from tracker.web.app import application
from tracker.web.catalogue.asked import CHOSEN
from tracker.web.catalogue.stock import alike, stock
from tracker.web.model.timeline import MOST

EVERY = 4
"""One in so many pages of models is looked at; their texts are on other pages, too."""
STEERING = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
OURS = "\n\t"
QUESTIONS = ("models/?q", "models/?provider", "models/?m", "models/?sort") + (
    *("models/?context", "compare/?m", "compare/?in", "changes/?provider"),
)


def _den(folder, *, harm):
    """A folder's database with texts in it."""
    trail = trail_in(folder)
    vandals.fill(trail, harm=harm)
    return trail


@pytest.fixture(scope="module")
def den(once):
    """A database of harmful texts, open."""
    folder = once("harm", lambda empty: _den(empty, harm=True))
    with closing(Store(trail_in(folder).url)) as store:
        yield store


def _kind(path):
    section, _, rest = path.partition("/")
    return f"{section}/…" if rest and section in ("models", "providers") else path


def _paths(view):
    """Every page but those of models, of which there is a part."""
    every = list(dict.fromkeys(p for s in pages.sections() for p in s.paths(view)))
    models = sorted(p for p in every if _kind(p) == "models/…")
    return [p for p in every if _kind(p) != "models/…"] + models[::EVERY]


def _made(store, *, live):
    """The bodies of pages, by path."""
    view = view_of(store, live=live)
    return {path: pages.made(view, path, {}) for path in _paths(view)}


@pytest.fixture(scope="module", params=["served", "files"])
def bodies(den, once, request):
    """The pages of harmful texts, as they are served and as files."""

    def make(folder):
        made = _made(den, live=request.param == "served")
        (folder / "pages").write_bytes(pickle.dumps(made))

    folder = once(f"harm-{request.param}", make)
    return pickle.loads((folder / "pages").read_bytes())  # noqa: S301 - our own bytes


@pytest.fixture(scope="module")
def marked(bodies):
    """Those that are HTML, taken apart."""
    html = {p: c for p, c in bodies.items() if c.media.startswith("text/html")}
    return {path: Markup(c.body.decode()) for path, c in html.items()}


@pytest.fixture(scope="module")
def shapes(once):
    """Of what elements pages of each kind are made, if nobody means harm."""

    def make(folder):
        with closing(Store(_den(folder, harm=False).url)) as meadow:
            (folder / "shapes").write_bytes(pickle.dumps(_shapes(meadow)))

    return pickle.loads((once("plain", make) / "shapes").read_bytes())  # noqa: S301 - our own


def _shapes(store):
    found: dict[str, set] = {}
    for live in (True, False):
        for path, content in _made(store, live=live).items():
            if content.media.startswith("text/html"):
                markup = Markup(content.body.decode())
                found.setdefault(_kind(path), set()).update(markup.shapes)
    return found


def test_no_text_becomes_an_element(marked, shapes):
    """Pages are made of the elements and attributes that they have anyway."""
    for path, markup in marked.items():
        assert markup.faults == [], path
        assert markup.shapes - shapes[_kind(path)] == set(), path


def test_texts_come_into_no_attribute_that_does_something(marked):
    """They are labels, values and parts of addresses: no ids, classes or styles."""
    harmless = {"href", "value", "title", "alt", "content", "action", "src"}
    harmless |= {"aria-label", "data-sellers"}
    for path, markup in marked.items():
        held = {name for _, name, value in markup.given if CANARY in value}
        assert held <= harmless, path


def test_links_stay_on_the_site_and_lead_somewhere(den, marked):
    """Whatever a name looks like, its link leads to a page that there is; only what
    begins with https:// leads away, and no address runs anything.
    """
    view = view_of(den)
    known = {p for s in pages.sections() for p in s.paths(view)}
    for path, markup in marked.items():
        for address in markup.addresses:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                assert address.startswith("https://"), (path, address)
                continue
            led = urlsplit(urljoin(f"http://x/{quote(path, safe='/~@')}", address))
            found = unquote(led.path.lstrip("/"))
            ours = found.startswith(("static/", "api/v1/"))
            assert found in known or ours, (path, address)


def test_nothing_that_steers_is_shown(marked):
    """No text turns the direction, leaves its line or is shown in full length."""
    for path, markup in marked.items():
        shown = "".join(markup.text)
        steering = [c for c in shown if unicodedata.category(c) in STEERING]
        assert set(steering) <= set(OURS), path
        assert "long" * 100 not in shown, path


def test_what_scripts_are_told_is_data(marked):
    """A chart's data, and what comparisons read of a file, are JSON, and hold nothing
    that could end them.
    """
    for path, markup in marked.items():
        assert len(markup.data) <= 2, path
        assert not any(set(block) & set("<>&") for block in markup.blocks), path


@pytest.mark.parametrize("first", range(0, 48, CHOSEN))
def test_names_in_a_chart_are_text(den, first):
    """A comparison draws names: in its picture, its data and its table they stay text,
    and its elements are those of any comparison.
    """
    view = view_of(den)
    names = [offer.text for offer in view.sold if len(offer.text) < 200]
    mine = names[first * 4 :: 4][:CHOSEN]
    markup = Markup(pages.made(view, "compare/", {"m": mine}).body.decode())
    usual = {"m": [f"acme/model-{n:02}" for n in (1, 7, 13, 19, 25, 31)]}
    plain = Markup(pages.made(view, "compare/", usual).body.decode())
    drawn = ("path", ("d", "fill", "stroke", "stroke-width", "transform"))
    assert markup.faults == []
    tags = {tag for tag, _ in markup.shapes}
    assert tags <= {tag for tag, _ in (*plain.shapes, drawn, ("strong", ()))}
    assert markup.data
    assert not any(set(block) & set("<>&") for block in markup.blocks)


def test_files_for_programs_are_well_formed(bodies):
    """Feeds, pictures and JSON can be read by any reader of theirs."""
    for path, content in bodies.items():
        if "json" in content.media:
            json.loads(content.body.decode())
        elif "xml" in content.media:
            ET.fromstring(content.body)  # noqa: S314 - we made it
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", content.body) or (
            content.media.startswith("text/html")
        ), path


def test_every_offer_is_found_by_the_address_of_its_page(den):
    """The API knows each by the name in its page's address, and says whose it is."""
    view = view_of(den)
    with client_of(den, now) as client:
        for offer in view.offers:
            said = client.get("/api/v1/history", params={"model": slug(offer)})
            assert said.status_code == 200, offer
            assert said.json()["offer"]["name"] == offer.text
            assert said.json()["offer"]["page"] == f"/{model_path(offer)}"


def test_lists_can_be_read_to_their_end(den):
    """Whatever is in a cursor, nothing is told twice or left out."""
    with client_of(den, now) as client:
        for list_, most in (("models", 50), ("changes", 400)):
            rows, more = [], f"?limit={most}"
            while more:
                answer = client.get(f"/api/v1/{list_}{more}")
                rows += [json.dumps(row) for row in answer.json()["rows"]]
                link = answer.headers.get("link", "")
                more = link[1 : link.index(">")] if link else ""
            assert len(rows) == len({*rows}) > most


@pytest.mark.parametrize("name", TEXTS)
def test_whatever_is_asked_is_answered(den, name):
    """Harmful texts as questions and as addresses: an answer or a plain no."""
    with client_of(den, now) as client:
        for path in (f"models/{name}", f"models/acme/{name}/", f"providers/{name}"):
            answer = client.get(f"/{quote(path)}", follow_redirects=False)
            assert answer.status_code in (200, 307, 404)
            assert urlsplit(answer.headers.get("location", "")).netloc == ""
        for question in QUESTIONS:
            answer = client.get(f"/{question}={quote(name[:300])}")
            assert answer.status_code == 200
            assert Markup(answer.text).faults == []
            assert f"<{CANARY}" not in answer.text


def test_no_script_runs(den, page):
    """In a browser, with all our scripts at work: filters, comparisons, live charts."""
    watch = Watch(page)
    view = view_of(den)
    names = [offer for offer in view.sold if len(offer.text) < 200]
    with listening(application(den, now)) as home:
        page.goto(f"{home}models/")
        page.locator(".catalogue.is-ready").wait_for()
        for text in TEXTS:
            page.locator("#q").fill(" ".join(text[:200].split()))
        page.locator("#q").fill("")
        for box in page.locator("#rows input[name=m]").all()[:3]:
            box.check()
        for path in ("", "changes/", "review/", provider_path("acme")):
            page.goto(home + path)
        for offer in names[:: len(names) // 5]:
            page.goto(home + quote(model_path(offer), safe="/~@"))
            plot = page.locator(".chart .plot").first
            plot.hover()
            plot.locator(".live svg").wait_for()
            plot.hover(position={"x": 300, "y": 90})
            assert page.evaluate("() => window.zqx") is None
        for some in (names[:CHOSEN], names[40 : 40 + CHOSEN], names[-CHOSEN:]):
            asked = "&".join(f"m={quote(offer.text)}" for offer in some)
            page.goto(f"{home}compare/?{asked}")
            plot = page.locator(".chart .plot").first
            plot.hover()
            plot.locator(".live svg").wait_for()
            for x in range(80, 800, 40):
                plot.hover(position={"x": x, "y": 90})
            page.locator("#vg-tooltip-element").wait_for(state="attached")
        assert page.evaluate("() => window.zqx") is None
        assert page.locator(CANARY).count() == 0
    assert RUN.startswith("window.zqx")
    assert watch.faults == []
    assert {host.partition(":")[0] for host in watch.hosts} == {"127.0.0.1"}


def test_those_alike_are_found_without_looking_at_all(view):
    """The few names that are looked at closely have those that are meant among them."""
    held = stock(view)
    for typed in ("gpt-4.1-mni", "modle-07", "transcribr", "gpt 41 mini 2025 0414"):
        near = [offer.text for offer in alike(held, typed)]
        assert near == nearest(typed, [entry.offer for entry in held.entries])
    assert alike(held, "zzzzzzzz") == []


def test_an_entry_with_thousands_of_fields_is_a_page(sqlite_trail):
    """What is too much for a page is counted, and left to the command line."""
    more = {f"odd{n}_x_cost_per_token": (n + 1) * 1e-7 for n in range(MOST + 200)}
    sqlite_trail.sync(maps.edited(maps.small_map(), **more), "2026-11-20")
    store = Store(sqlite_trail.url)
    html = pages.made(view_of(store), f"models/{maps.KEY}/", {}).body.decode()
    store.close()
    assert html.count('class="change"') == MOST
    assert "203 more are too many for a page" in html
    assert "1203 changes" in html


def _nothing(trail):
    trail("sources")


def _garbage(trail):
    trail.sync(b"no list at all", "2026-11-20")


def _held(trail):
    few = dict(list(maps.small_map().items())[:5])
    trail.sync(few, "2026-11-20")


def _once(trail):
    trail.sync(maps.small_map(), "2026-11-20")


@pytest.mark.parametrize("begun", [_nothing, _garbage, _held, _once])
def test_a_database_that_has_hardly_begun_has_all_pages(trail, begun):
    """Before the first good reading, and after the only one, each page is one."""
    begun(trail)
    store = Store(trail.url)
    view = view_of(store)
    with client_of(store, now) as client:
        for path in _paths(view)[:60]:
            answer = client.get(f"/{quote(path, safe='/~@')}")
            assert answer.status_code == 200, path
            if answer.headers["content-type"].startswith("text/html"):
                assert Markup(answer.text).faults == [], path
        for question in ("models", "changes", "sources"):
            assert client.get(f"/api/v1/{question}").status_code == 200
        for odd in ("compare/?m=a%00b", "models/a%00b/", "changes/?provider=%00"):
            assert client.get(f"/{odd}").status_code in (200, 404)
        home = client.get("/").text
    store.close()
    assert ("held for review</a>. <code>" in home) == (begun is _held)
    assert ("No price was read yet" in home) == (begun is not _once)
