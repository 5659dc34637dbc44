"""Charts in a browser: what a reader who points at them sees."""

import pytest

from tests.support import showroom


@pytest.fixture(name="seen")
def _seen(page, live_server):
    """The page of a model whose price moved, and what the browser complains of."""
    complaints = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server}models/{showroom.MOVED}/")
    page.wait_for_load_state("networkidle")
    yield page, asked
    assert complaints == []


def live(page):
    """Point at the chart, and wait until it answers."""
    page.locator(".plot").first.hover()
    page.wait_for_selector(".plot .live svg", timeout=30_000)


def test_what_draws_is_loaded_when_one_points_at_a_chart(seen):
    """Until then a page costs no more than it shows."""
    page, asked = seen
    assert not [url for url in asked if "/vega." in url]
    live(page)
    assert len([url for url in asked if "/vega." in url]) == 1


def test_a_chart_answers_under_the_strict_policy(seen):
    """A price says since when it held, without a style or code that is forbidden, and
    nothing around the chart moves.
    """
    page, _ = seen
    place = "one => [one.offsetTop, one.offsetWidth, one.offsetHeight]"
    before = page.locator("figure.chart").evaluate(place)
    live(page)
    page.locator(".live:visible line[opacity='0']").first.hover(force=True)
    tip = page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    held = "output: $4.04 from 2026-08-17 until 2026-11-02, by litellm"
    assert tip.inner_text() == held
    assert page.locator("figure.chart").evaluate(place) == before


def test_the_live_chart_says_what_the_picture_says(seen):
    """The same words, at the same places."""
    page, _ = seen
    live(page)
    places = """(where) => [...document.querySelectorAll(where + ' text')].map((t) => {
        const box = t.getBoundingClientRect();
        return `${t.textContent} ${Math.round(box.x / 3)} ${Math.round(box.y / 3)}`;
    }).sort()"""
    picture = page.evaluate(places, ".plot > svg.desk")
    assert picture == page.evaluate(places, ".plot > .live.desk")
    assert len(picture) > 10


def test_a_keyboard_steps_through_a_chart(seen):
    """Arrow keys tell one price after the other, Escape ends that."""
    page, _ = seen
    plot = page.locator(".plot").first
    plot.focus()
    told = page.locator(".plot [role=status]").first
    page.keyboard.press("ArrowRight")
    assert "$1.01 from 2026-08-17" in told.inner_text() or "$4.04" in told.inner_text()
    page.keyboard.press("End")
    last = told.inner_text()
    assert "2026-11-02" in last
    page.keyboard.press("ArrowRight")
    assert told.inner_text() == last
    page.keyboard.press("Escape")
    assert told.inner_text() == ""
    page.wait_for_selector(".plot .live svg", timeout=30_000)


@pytest.mark.parametrize(("width", "form"), [(1280, "desk"), (390, "phone")])
def test_the_picture_fits_the_screen(seen, width, form):
    """One of the two is shown, within the page."""
    page, _ = seen
    page.set_viewport_size({"width": width, "height": 800})
    shown = page.locator(".plot > svg:visible")
    assert shown.first.get_attribute("class") == form
    assert page.evaluate("document.documentElement.scrollWidth") == width
