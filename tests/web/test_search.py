"""Suggestions below the search of every page, served and as files."""

import re

import pytest

from storage.unit_of_work import Store
from tests.support import showroom, vandals
from tests.support.browsing import Watch, overflow, plain_host, violations
from tests.support.builds import built
from tests.support.program import Trail
from tracker.domain.addresses import model_path
from tracker.web.catalogue.stock import stock

MINI = f"models/openai/{showroom.STABLE}/"


@pytest.fixture(params=["served", "files"])
def home(request):
    """The site's root, served and as files in turn."""
    if request.param == "served":
        yield request.getfixturevalue("live_server")
        return
    folder = request.getfixturevalue("written")
    with plain_host(folder.parents[1]) as address:
        yield f"{address}some/where/"


@pytest.fixture
def watched(page):
    """A page on which nothing may go wrong; see `Watch`."""
    watch = Watch(page)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    yield page
    assert watch.faults == []
    assert {host.partition(":")[0] for host in watch.hosts} <= {"127.0.0.1", ""}


def typed(page, address, text):
    """Type into the head's search; the field, and what is suggested, once it is."""
    page.goto(address)
    field = page.locator("#find")
    field.focus()
    field.and_(page.get_by_role("combobox")).wait_for()
    field.fill(text)
    return field, page.locator("#find-near [role=option]")


def loads(page, name):
    """How often a file was asked for."""
    return len([url for url in page.asked if re.search(name, url)])


def test_models_are_suggested_in_the_order_of_the_catalogue(home, still, watched):
    """Up to eight, with who sells them and both prices, and how many there are."""
    _, options = typed(watched, f"{home}{MINI}", "model")
    found = stock(still).nearest("model", 10**6)
    assert options.count() == 8
    links = [one.get_attribute("href") for one in options.all()]
    assert links == [f"../../../{model_path(one.offer)}" for one in found[:8]]
    first = options.first.inner_text()
    assert first.startswith(f"{found[0].offer.provider}/{found[0].offer.model}")
    assert re.search(r"\$[\d.]+ in, \$[\d.]+ out", first)
    said = watched.locator("form.find").get_by_role("status").inner_text()
    assert said == f"8 of {len(found)} models; prices per 1M tokens."


def test_what_is_not_paid_by_the_token_has_its_price(home, watched):
    """A transcriber is paid by the second, and its suggestion says so."""
    _, options = typed(watched, f"{home}changes/", "transcriber")
    assert "$0.0001 per second" in options.first.inner_text()


def test_nothing_is_loaded_before_the_field_is_used(home, watched):
    """Then the catalogue comes once, however much is typed."""
    watched.goto(f"{home}method/")
    watched.wait_for_load_state("networkidle")
    assert loads(watched, r"catalogue\.json|/search\.|/offers\.") == 0
    field, _ = typed(watched, f"{home}method/", "gpt")
    field.fill("gpt 4")
    field.blur()
    field.focus()
    field.press("4")
    assert loads(watched, r"catalogue\.json") == 1
    assert loads(watched, r"/search\.\w+\.js") == 1


def test_the_keyboard_chooses(home, watched):
    """Arrows go round by way of the field, Enter follows, and it is told which."""
    field, options = typed(watched, f"{home}changes/", "gpt 4.1")
    assert field.get_attribute("aria-expanded") == "true"
    assert field.get_attribute("aria-activedescendant") is None
    last = options.count()
    field.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") == f"find-near-{last}"
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") is None
    (at,) = (n for n, one in enumerate(options.all()) if "mini" in one.inner_text())
    for _ in range(at + 1):
        field.press("ArrowDown")
    selected = options.and_(watched.locator("[aria-selected=true]"))
    assert selected.get_attribute("id") == f"find-near-{at + 1}"
    field.press("Enter")
    watched.wait_for_url(f"{home}{MINI}")


def test_enter_without_a_choice_searches_as_ever(home, watched):
    """The catalogue shows all that fits."""
    field, _ = typed(watched, f"{home}sources/", "4.1 mini")
    field.press("Enter")
    watched.wait_for_url(re.compile("models/[?]q=4.1"))
    assert watched.locator("main").get_by_role("link", name=showroom.STABLE).count()


def test_escape_and_leaving_close_the_list(home, watched):
    """What was typed stays; an arrow opens it again."""
    field, options = typed(watched, f"{home}review/", "model")
    field.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert field.input_value() == "model"
    assert not options.first.is_visible()
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "find-near-1"
    watched.mouse.click(1270, 890)
    assert field.get_attribute("aria-expanded") == "false"
    assert not options.first.is_visible()


def test_a_finger_chooses(home, browser):
    """A tap on a suggestion leads to the model; the list holds on a narrow phone."""
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    _, options = typed(page, home, "4.1 mini")
    assert overflow(page) == []
    assert all(one.bounding_box()["height"] >= 40 for one in options.all())
    options.first.tap()
    page.wait_for_url(f"{home}{MINI}")
    context.close()


def test_the_search_of_the_home_page_suggests_too(home, watched):
    """Both fields of one page, each with a list of its own."""
    watched.goto(home)
    field = watched.locator("main").get_by_label("Find a model")
    field.focus()
    field.and_(watched.get_by_role("combobox")).wait_for()
    field.fill("4.1 mini")
    watched.locator("main").get_by_role("option").first.click()
    watched.wait_for_url(f"{home}{MINI}")


def test_what_fits_nothing_is_told(home, watched):
    """No list, a sentence instead; an empty field has neither."""
    field, options = typed(watched, f"{home}method/", "zzzzzz")
    said = watched.locator("form.find").get_by_role("status")
    assert said.inner_text() == "No model fits; Enter looks for names like it."
    assert options.count() == 0
    assert field.get_attribute("aria-expanded") == "false"
    field.fill(" - ")
    assert not said.is_visible()


@pytest.mark.parametrize(("width", "look"), [(320, "light"), (1280, "dark")])
def test_everybody_can_use_the_list(home, watched, width, look):
    """Axe finds nothing serious in it, open and with a choice."""
    watched.set_viewport_size({"width": width, "height": 800})
    watched.emulate_media(color_scheme=look, reduced_motion="reduce")
    field, _ = typed(watched, f"{home}method/", "model")
    field.press("ArrowDown")
    assert violations(watched) == []
    assert overflow(watched) == []


def test_without_the_catalogue_the_field_stays_a_form(home, page):
    """What cannot be loaded takes nothing away."""
    page.route("**/catalogue.json", lambda route: route.abort())
    page.goto(f"{home}method/")
    page.locator("#find").fill("4.1 mini")
    page.locator("#find").press("Enter")
    page.wait_for_url(re.compile("models/[?]q=4.1"))


def test_hostile_names_stay_text(tmp_path, browser):
    """Whatever a name holds, it is shown as text, leads to a page, and runs nothing."""
    trail = Trail(f"sqlite:///{tmp_path / 'trail.db'}", tmp_path)
    vandals.fill(trail)
    store = Store(trail.url)
    built(store, tmp_path / "site")
    store.close()
    page = browser.new_page()
    with plain_host(tmp_path / "site") as address:
        page.goto(address)
        page.locator("#find").focus()
        page.locator("#find[role=combobox]").wait_for()
        for text in (
            vandals.CANARY,
            "script",
            "img src",
            "svg",
            "a",
            "m",
            "con",
            "b c",
        ):
            page.locator("#find").fill(text)
            assert page.locator(".near :not(a, span, div, p)").count() == 0, text
            assert "\u202e" not in page.locator(".near").inner_text()
        assert page.evaluate(f"window.{vandals.CANARY}") is None
        page.locator("#find").fill(vandals.CANARY)
        page.locator("#find").press("ArrowDown")
        page.locator("#find").press("Enter")
        page.wait_for_url(re.compile("/models/.+"))
        assert page.locator("h1").count() == 1
    page.close()


def test_a_key_is_answered_at_once(live_server, page):
    """Among so many offers as are really sold, a key takes less than a blink: the
    median of some is measured, as a machine has other things to do.
    """
    page.goto(f"{live_server}method/")
    took = page.evaluate(
        """async () => {
            const form = document.querySelector("form.find");
            const kit = await import(new URL(form.dataset.offers, document.baseURI));
            const few = await (await fetch("../catalogue.json")).json();
            const size = few.model.length;
            const many = (column) => Array.isArray(column) && column.length === size
                ? Array.from({ length: 7709 }, (_, n) => column[n % size]) : column;
            const whole = Object.fromEntries(
                Object.entries(few).map(([name, column]) => [name, many(column)]));
            whole.paths = {};
            const goods = new kit.Catalogue(whole);
            const spent = [];
            for (const text of ["g", "gp", "gpt", "gpt 4.1 mini", "model", "zz"]) {
                for (let n = 0; n < 5; n += 1) {
                    const before = performance.now();
                    goods.find(kit.words(text));
                    spent.push(performance.now() - before);
                }
            }
            return spent.sort((a, b) => a - b)[Math.floor(spent.length / 2)];
        }"""
    )
    assert took < 30
