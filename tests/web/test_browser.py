"""What a person does in a browser, on served pages and on the same pages as files."""

import re

import pytest

from tests.support import showroom
from tests.support.browsing import Watch, overflow, plain_host, violations
from tracker.domain.addresses import model_path
from tracker.domain.offers import Offer

MINI = f"models/openai/{showroom.STABLE}/"
MOVED = f"models/{showroom.MOVED}/"
HOSTILE = [model_path(Offer("acme", n.partition("/")[2])) for n in showroom.HOSTILE]
KINDS = (
    "",
    "models/",
    MINI,
    MOVED,
    f"models/{showroom.GONE}/",
    f"models/{showroom.HELD}/",
    f"models/{showroom.MINUTES}/",
    f"models/{showroom.UNPRICED}/",
    *HOSTILE,
    "changes/",
    "changes/2026-09/",
    "compare/",
    "providers/",
    "providers/acme/",
    "providers/subscription/",
    "sources/",
    "review/",
    "method/",
    "api/",
)
"""A page of each kind, and those of names that mean harm."""
FEWER = [path for path in KINDS if path not in HOSTILE[1:]]
SERVED = (
    "models/?q=model&sort=input&can=vision",
    f"compare/?m=openai/{showroom.STABLE}&m={showroom.MOVED}",
    "changes/?verdict=move",
    "nothing/here/",
)
"""Pages that only a server makes."""


@pytest.fixture(scope="session")
def files(written):
    """The address of the same pages as files, in a folder of a plain host."""
    with plain_host(written.parents[1]) as address:
        yield f"{address}some/where/"


@pytest.fixture(params=["served", "files"])
def home(request):
    """The site's root, served and as files in turn."""
    return request.getfixturevalue(
        "live_server" if request.param == "served" else "files"
    )


@pytest.fixture
def watched(page):
    """A page on which nothing may go wrong: no fault in the console, no answer that is
    none, nothing that the policy forbids, and no request to anybody else.
    """
    watch = Watch(page)
    yield page
    assert watch.faults == []
    assert {host.partition(":")[0] for host in watch.hosts} <= {"127.0.0.1", ""}


def test_a_model_is_found_and_its_prices_read(home, watched):
    """From the search of any page to the page of the model, by a part of its name."""
    watched.goto(home)
    watched.get_by_role("banner").get_by_label("Find a model").fill("4.1 mini")
    watched.keyboard.press("Enter")
    watched.wait_for_url(re.compile("models/[?]q=4.1"))
    watched.locator("main").get_by_role("link", name=showroom.STABLE).first.click()
    watched.wait_for_url(f"{home}{MINI}")
    told = watched.locator("main").inner_text()
    for words in ("$0.40", "$1.60", "stable", "32,768", "llm-prices"):
        assert words in told, words


def test_a_history_answers_to_who_points_at_it(home, watched):
    """The chart is a picture at first; pointed at, it tells each price, and by the
    keyboard the same.
    """
    watched.goto(f"{home}{MOVED}")
    plot = watched.locator(".chart .plot").first
    assert plot.locator("> svg").first.is_visible()
    plot.hover()
    plot.locator(".live svg").wait_for()
    plot.hover(position={"x": 200, "y": 80})
    watched.locator("#vg-tooltip-element.visible").wait_for()
    plot.focus()
    watched.keyboard.press("End")
    assert "$0.60" in plot.get_by_role("status").inner_text()
    watched.get_by_text("The numbers").click()
    assert watched.get_by_role("table", name="Prices of").is_visible()


def test_two_models_are_compared(home, watched):
    """Two names, typed in part, stand side by side with all their rates."""
    watched.goto(f"{home}compare/")
    watched.get_by_label("Model 1").fill(f"openai/{showroom.STABLE}")
    watched.get_by_label("Model 2").fill(showroom.MOVED)
    watched.get_by_role("button", name="Compare").click()
    watched.wait_for_url(re.compile("compare/[?]m="))
    side = watched.get_by_role("table", name="side by side")
    side.wait_for()
    told = side.inner_text()
    for words in (showroom.STABLE, "model-01", "$0.40", "$0.60", "1,047,576"):
        assert words in told, words


def test_a_change_is_followed_to_its_evidence(home, watched):
    """From the list of changes to the step on the model's page, and to what it rests
    on: who said so, when, and why it is believed.
    """
    watched.goto(f"{home}changes/")
    step = watched.locator("article").filter(has_text="model-01").first
    step.locator("a[href*='#change-']").first.click()
    watched.wait_for_url(re.compile(f"{MOVED}#change-"))
    opened = watched.locator("details.change[open]").first
    opened.wait_for()
    told = opened.inner_text()
    for words in ("Verdict", "move", "confidence", "litellm"):
        assert words in told, words


def test_changes_are_filtered(home, watched):
    """The filter shows the stories that are asked for, and no other."""
    watched.goto(f"{home}changes/2026-09/")
    watched.get_by_label("Verdict").select_option("correction")
    watched.get_by_role("button", name=re.compile("show|filter", re.IGNORECASE)).click()
    watched.wait_for_url(re.compile("verdict=correction"))
    seen = watched.locator("article:visible")
    assert seen.count() == 1
    assert "was-zero" in seen.first.inner_text()


def test_the_keyboard_is_enough(home, watched):
    """Without a pointer: past the navigation, to a model, into its chart and back."""
    watched.goto(home)
    watched.keyboard.press("Tab")
    assert watched.evaluate("document.activeElement.className") == "skip"
    watched.keyboard.press("Enter")
    assert watched.evaluate("document.activeElement.id") == "content"
    watched.goto(f"{home}models/?q=4.1+mini")
    watched.locator("main").get_by_role("link", name=showroom.STABLE).first.wait_for()
    _tab_to(watched, f"a[href$='{MINI}']")
    watched.keyboard.press("Enter")
    watched.wait_for_url(f"{home}{MINI}")
    _tab_to(watched, ".plot")
    watched.keyboard.press("ArrowRight")
    assert "$" in watched.locator(".plot").first.get_by_role("status").inner_text()
    _tab_to(watched, "summary")
    watched.keyboard.press("Enter")
    assert watched.locator("details[open]").count() == 1


def _tab_to(page, selector, most=80):
    """Press Tab until an element of this kind has the focus, and it can be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("css => document.activeElement.matches(css)", selector):
            break
    else:
        pytest.fail(f"no way to {selector} by keyboard")
    outline = "getComputedStyle(document.activeElement)"
    shown = page.evaluate(f"{outline}.outlineStyle + {outline}.boxShadow")
    assert shown != "nonenone", f"the focus on {selector} cannot be seen"


def test_the_look_is_kept(home, watched):
    """Light or dark as the reader chose it, on the next page too."""
    watched.goto(home)
    watched.get_by_role("button", name="Light or dark").click()
    assert watched.locator("html").get_attribute("data-look") == "dark"
    watched.goto(f"{home}method/")
    assert watched.locator("html").get_attribute("data-look") == "dark"


@pytest.mark.parametrize("path", KINDS)
def test_files_show_without_a_fault(files, watched, path):
    """Each page as a file loads all it needs, and fits a phone."""
    watched.set_viewport_size({"width": 320, "height": 640})
    watched.goto(f"{files}{path}")
    watched.wait_for_load_state("networkidle")
    assert watched.locator("h1").count() == 1
    assert overflow(watched) == []


@pytest.mark.parametrize("path", [*FEWER, *SERVED])
def test_everybody_can_read_it(live_server, page, path):
    """Of each kind of page, light on a phone and dark on a desk, axe finds nothing
    serious, and nobody has to scroll sideways.
    """
    page.goto(f"{live_server}{path}")
    page.wait_for_load_state("networkidle")
    found = {}
    for look, width in (("light", 320), ("dark", 1280)):
        # Colours that are still changing would be measured half way.
        page.emulate_media(color_scheme=look, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 800})
        assert overflow(page) == []
        found[look, width] = violations(page)
    assert {key: lines for key, lines in found.items() if lines} == {}


def test_a_phone_shows_the_way_and_the_prices(live_server, page):
    """On the narrowest phone every part of the site can be reached at a glance, two
    figures stand side by side, and no name in a table is a column of letters.
    """
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{live_server}{MINI}")
    links = page.get_by_role("navigation", name="Main").get_by_role("link")
    places = [one.bounding_box() for one in links.all()]
    assert len({round(box["y"]) for box in places}) == 1
    assert max(box["x"] + box["width"] for box in places) <= 320
    one, other = (page.locator(".fact").nth(n).bounding_box() for n in (0, 1))
    assert one["y"] == other["y"]
    for path in ("", MINI, "providers/", "sources/", "review/"):
        page.goto(f"{live_server}{path}")
        names = page.locator("tbody th[scope=row]:visible").all()
        assert min((one.bounding_box()["width"] for one in names), default=99) > 90, (
            path
        )


@pytest.mark.parametrize("path", ["", MINI, MOVED, "models/", "changes/", "providers/"])
def test_letters_may_be_twice_as_large(live_server, page, path):
    """With letters of twice the size nobody has to scroll sideways."""
    page.set_viewport_size({"width": 640, "height": 800})
    page.goto(f"{live_server}{path}")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert overflow(page) == []


def test_a_table_tells_that_it_goes_on(live_server, page):
    """What a row is of stays in sight while its figures are scrolled aside."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{live_server}{MINI}")
    table = page.get_by_role("region", name="All rates of")
    table.evaluate("one => one.scrollTo(500, 0)")
    assert table.evaluate("one => one.scrollLeft") > 50
    name = table.get_by_role("rowheader", name="Output", exact=False).first
    assert abs(name.bounding_box()["x"] - table.bounding_box()["x"]) < 1


_UNCOVERED = """(one) => {
    const { left, top, height } = one.getClientRects()[0];
    return one.contains(document.elementFromPoint(left + 5, top + height / 2));
}"""


@pytest.mark.parametrize("width", [768, 1280])
def test_a_long_page_says_where_one_is(live_server, page, width):
    """The headings of a long table, and the day of a long month, stay in sight and
    below the head of the page.
    """
    page.set_viewport_size({"width": width, "height": 500})
    for path, heading in (
        ("models/", "thead th"),
        ("changes/2026-09/", ".day .head h2"),
    ):
        page.goto(f"{live_server}{path}")
        page.mouse.wheel(0, 700)
        page.wait_for_function("scrollY > 300")
        found = page.locator(heading).evaluate_all(f"all => all.some({_UNCOVERED})")
        assert found, (path, width)


def test_what_is_jumped_to_is_not_hidden(live_server, page):
    """A link to a day or to a story shows its beginning, not covered by what stays."""
    page.goto(f"{live_server}changes/2026-09/")
    story = page.locator(".tale").last.get_attribute("id")
    page.goto(f"{live_server}changes/2026-09/#{story}")
    head = page.locator(f"[id='{story}'] h4")
    assert head.evaluate(_UNCOVERED)


@pytest.mark.parametrize("width", [320, 1280])
def test_what_has_the_focus_is_not_hidden(live_server, page, width):
    """Neither the headings that stay nor the tray cover what the keyboard reaches, on
    the way down a long table and on the way back.
    """
    page.set_viewport_size({"width": width, "height": 500})
    page.goto(f"{live_server}models/")
    page.wait_for_load_state("networkidle")
    page.locator("tbody .c-pick input").first.focus()
    for key in ["Tab"] * 50 + ["Shift+Tab"] * 40:
        page.keyboard.press(key)
        assert page.evaluate(f"({_UNCOVERED})(document.activeElement)"), page.evaluate(
            "document.activeElement.outerHTML"
        )


def test_it_is_printed_dark_on_white(live_server, page):
    """Paper is white, whatever the screen was, and holds nothing to be pressed."""
    page.emulate_media(color_scheme="dark")
    page.goto(f"{live_server}{MINI}")
    page.get_by_role("button", name="Light or dark").click()
    page.get_by_role("button", name="Light or dark").click()
    assert page.locator("html").get_attribute("data-look") == "dark"
    page.emulate_media(media="print", color_scheme="light")
    look = "getComputedStyle(document.body)"
    assert page.evaluate(f"{look}.backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(f"{look}.color") == "rgb(27, 31, 36)"
    assert not page.get_by_role("banner").is_visible()
    assert overflow(page) == []


@pytest.mark.parametrize("path", FEWER)
def test_without_scripts_it_tells_the_same(live_server, browser, path):
    """With JavaScript off every text of a page is there, and every picture."""
    told = []
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts)
        opened = context.new_page()
        opened.goto(f"{live_server}{path}", wait_until="load")
        told.append(_told(opened))
        context.close()
    with_scripts, without = told
    assert with_scripts <= without, with_scripts - without


_AGE = re.compile(r" ?read \d+ days? ago| ?read (to|yester)day")


def _told(page):
    """The texts of a page, less the age of what is shown: only scripts know today."""
    main = page.locator("main")
    lines = main.inner_text().splitlines()
    pictures = main.locator("svg[role=img]:visible").count()
    plain = {_AGE.sub("", line).strip() for line in lines}
    return plain | {f"{pictures} pictures"}
