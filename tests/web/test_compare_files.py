"""The comparison on a site of files: names, tables and charts as a server has them."""

import json
import re

import pytest

from tests.support import naming, showroom
from tests.support.browsing import Watch, overflow, plain_host, violations
from tracker.charts.bare import bare, panels_of
from tracker.charts.naming import called, shortened
from tracker.charts.scale import labels_of
from tracker.charts.series import Series
from tracker.domain.addresses import model_path
from tracker.domain.offers import Offer, readings_of
from tracker.web.charts import FORMS, chart_of, gathered
from tracker.web.model.whole import month_of
from tracker.web.pictures import data_of

MINI = f"openai/{showroom.STABLE}"
SETS = (
    (MINI,),
    (showroom.MOVED,),
    (MINI, showroom.MOVED),
    (showroom.MOVED, showroom.CORRECTED, showroom.FLAPPED, showroom.HELD),
    (showroom.FREE, showroom.CONFIRMED, MINI),
    (showroom.MINUTES, MINI),
    (showroom.HOSTILE[0], showroom.HOSTILE[1], showroom.HOSTILE[5]),
    tuple(f"{p}/model-{n:02}" for p, n in (("acme", 13), ("acme", 19), ("acme", 25))),
)
"""Models that are drawn together: one and several, with every kind of change."""

SPECS = """async (paths) => {
  const { beside, plots } = document.querySelector(".comparison").dataset;
  const part = (name) => import(new URL(name, document.baseURI));
  const [reader, tools] = [await part(beside), await part(plots)];
  const pages = await Promise.all(paths.map((path) => reader.read(`../${path}`)));
  const [series, end] = reader.together(pages);
  const kit = JSON.parse(document.getElementById("blank").textContent);
  const panels = tools.panelsOf(series, kit.few);
  const specs = Object.fromEntries(Object.keys(kit.forms)
    .map((form) => [form, tools.specsOf(panels, kit, form, end)]));
  return { end, specs, words: reader.sentence(series, tools) };
}"""


@pytest.fixture(scope="session")
def files(written):
    """The address of the site as files, in a folder of a plain host."""
    with plain_host(written.parents[1]) as address:
        yield f"{address}some/where/"


@pytest.fixture
def watched(page):
    """A page on which nothing may go wrong; see `Watch`."""
    watch = Watch(page)
    yield page
    assert watch.faults == []


def offer_of(view, text):
    """The offer of a name."""
    return next(one for one in readings_of(text) if one in view.by_slug.values())


def compared(page, files, names, more=""):
    """The comparison of some models, once all of it is there."""
    question = "&".join(f"m={name}" for name in names)
    page.goto(f"{files}compare/?{question}{more}")
    page.locator("figure.chart").wait_for(timeout=60_000)


def plain(spec):
    """A specification with its axes read."""
    told = json.loads(json.dumps(spec))
    for channel in told["encoding"].values():
        channel["axis"] = labels_of(channel["axis"])
    when = told["encoding"]["x"]["scale"]["domain"]
    when["expr"] = json.loads(when["expr"])
    return told


def expected(found):
    """The specifications that a server draws, by form, with their rows in them."""
    panels = panels_of(found.series)
    specs = {name: bare(panels, form, now=found.now) for name, form in FORMS.items()}
    data = json.loads(data_of(specs))
    for spec in (one for some in data["forms"].values() for one in some):
        for layer in spec["layer"]:
            layer["data"] = {"values": data["datasets"][layer["data"]["name"]]}
    return {
        form: [plain({**data["all"], **spec}) for spec in some]
        for form, some in data["forms"].items()
    }


@pytest.mark.parametrize(
    "names", SETS, ids=lambda names: f"{len(names)} {names[0]}"[:30]
)
def test_the_chart_is_the_one_that_a_server_draws(still, files, watched, names):
    """Of the same prices up to the same day, the script makes the same of them."""
    offers = [offer_of(still, name) for name in names]
    found = gathered(still, offers, until=month_of(still))
    watched.goto(f"{files}compare/")
    made = watched.evaluate(SPECS, [model_path(offer) for offer in offers])
    assert made["end"] == found.now.timestamp() * 1000
    assert {
        form: [plain(spec) for spec in some] for form, some in made["specs"].items()
    } == expected(found)
    chart = chart_of(still, offers, until=month_of(still))
    assert made["words"] == chart.words


CALLED = """async (names) => {
  const { plots } = document.querySelector(".comparison").dataset;
  const tools = await import(new URL(plots, document.baseURI));
  const told = tools.calledOf(names.map((name) => ({ name })));
  return [told, tools.shortened(told, 11)].map((found) => Object.fromEntries(found));
}"""
SOLD = (
    *("openai/gpt-4.1", "azure/gpt-4.1", "openai/gpt-4.1-mini-2025-04-14", "bare"),
    *("openai/gpt-4.1-nano-2025-04-14", "x/gpt-4.1-mini-2025-04-14", "/odd", "odd/"),
    *(
        "a/\U0001f600\U0001f600-one-of-many-2025",
        "a/\U0001f600\U0001f601-one-of-many-2025",
    ),
)


def test_lines_are_called_as_a_server_calls_them(files, watched):
    """By model, by seller where several sell it, and cut so that they stay apart."""
    watched.goto(f"{files}compare/")
    ours = called([Series(name, "input", "1M tokens", ()) for name in SOLD])
    assert watched.evaluate(CALLED, [*SOLD]) == [ours, shortened(ours, 11)]
    assert len({*shortened(ours, 11).values()}) == len(SOLD)


def test_files_show_what_a_server_shows(served, files, watched):
    """Every line of the tables, the moves and the numbers behind the chart included."""
    names = [MINI, showroom.MOVED, "acme/long-context"]
    compared(watched, files, names, "&in=1000&out=10")
    told = watched.content()
    question = "&".join(f"m={name}" for name in names)
    text = served.get(f"/compare/?{question}&in=1000&out=10").text
    ours, theirs = (lines(one.partition("<main")[2]) for one in (told, text))
    assert len(theirs) > 25
    assert [line for line in theirs if line not in ours] == []
    assert "last real move" in " ".join(ours).lower()
    assert "2026-11-02" in told


def lines(text):
    """The rows of all tables as text, less links that only differ in their order."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", text, re.DOTALL)
    plain_rows = (re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", row)) for row in rows)
    return [row.strip() for row in plain_rows]


def test_the_chart_answers_to_who_points_at_it(files, watched):
    """As on every page: the picture first, then the live one, and the keyboard."""
    compared(watched, files, [MINI, showroom.MOVED])
    plot = watched.locator(".chart .plot").first
    assert plot.locator("> svg:visible").count() == 1
    plot.hover()
    plot.locator(".live svg").wait_for(timeout=60_000)
    plot.focus()
    watched.keyboard.press("End")
    assert "$" in plot.get_by_role("status").inner_text()
    watched.get_by_text("The numbers").click()
    assert watched.get_by_role("table", name="Prices of").is_visible()


@pytest.mark.parametrize(("width", "look"), [(320, "light"), (1280, "dark")])
def test_everybody_can_read_the_comparison(files, watched, width, look):
    """Axe finds nothing serious in what the script made; nobody scrolls sideways."""
    watched.set_viewport_size({"width": width, "height": 800})
    watched.emulate_media(color_scheme=look, reduced_motion="reduce")
    compared(watched, files, [MINI, showroom.MOVED, showroom.FREE])
    assert overflow(watched) == []
    assert violations(watched) == []


def test_a_history_that_cannot_be_read_is_named(files, page):
    """A page that is not there costs the history of its model, and no other."""
    page.route(f"**/models/{showroom.MOVED}/", lambda route: route.abort())
    compared(page, files, [MINI, showroom.MOVED])
    told = page.locator("#histories").inner_text()
    assert "The history of acme/model-01 could not be read." in told
    assert page.locator("table.sides").first.locator("th[scope=col]").count() == 2
    (last,) = page.locator("tr", has_text="Last real move").all()
    assert last.locator("td").all_inner_texts() == ["none seen", "not read"]


def test_without_what_draws_the_numbers_are_there(files, page):
    """If the library does not come, the table stands where the picture would."""
    page.route("**/vega.*", lambda route: route.abort())
    compared(page, files, [MINI, showroom.MOVED])
    page.get_by_text("The numbers").click()
    assert "$0.80" in page.get_by_role("table", name="Prices of").inner_text()
    assert page.locator(".plot").count() == 0


def test_hostile_names_stay_text(files, page):
    """Names that mean harm are compared and drawn as what they are: text."""
    page.add_init_script("window.alert = () => { window.harmed = true; }")
    names = [name for name in showroom.HOSTILE if len(name) < 200][:6]
    page.goto(f"{files}compare/")
    question = page.evaluate(
        "names => `?${new URLSearchParams(names.map((name) => ['m', name]))}`", names
    )
    page.goto(f"{files}compare/{question}")
    page.locator("figure.chart .plot svg").first.wait_for(timeout=60_000)
    assert page.locator("table.sides").first.locator("th[scope=col]").count() == 6
    assert "<script>alert(1)</script>" in page.locator("main").inner_text()
    assert "\u202e" not in page.locator("main").inner_text()
    assert page.evaluate("window.harmed") is None
    assert page.locator("main [onmouseover]").count() == 0


def test_names_mean_what_a_server_takes_them_for(view, files, watched):
    """Models, offers, keys of sources, and people's spellings: some hundred of each."""
    odd = ["x" * 201, "é", "?", "gtp-4.1", showroom.MISSPELT.partition("/")[2]]
    texts = [*naming.names_of(view, 400), showroom.GONE, *odd]
    watched.goto(f"{files}compare/")
    assert watched.evaluate(naming.READ, texts) == naming.served(view, texts)


def test_a_key_of_a_source_names_its_offer(files, watched):
    """`azure/eu/…` is how litellm names what is sold in a region."""
    compared(watched, files, [showroom.REGIONAL])
    assert watched.get_by_label("Model 1").input_value() == "azure/gpt-4o-2024-08-06@eu"


def test_what_has_no_price_is_told_as_a_server_tells_it(files, watched):
    """With the way to its page, and to what could be meant instead."""
    watched.goto(f"{files}compare/?m={showroom.GONE}&m=gpt-4.1-mimi-2025-04-14")
    fault = watched.locator("#m1-fault")
    fault.wait_for()
    assert "has no price today; its page has its past." in fault.inner_text()
    assert (
        fault.locator("a")
        .first.get_attribute("href")
        .endswith("models/hooli/model-05/")
    )
    assert (
        "no model of this name. Instead: openai/gpt-4.1-mini-2025"
        in watched.locator("#m2-fault").inner_text()
    )
    assert "Nothing is compared yet" in watched.locator("#outcome").inner_text()


def test_more_than_fit_are_told(files, page):
    """As many as a server takes, and how many were left out."""
    names = [f"model-{n:02}" for n in range(10, 19)]
    page.goto(f"{files}compare/?{'&'.join(f'm={name}' for name in names)}")
    note = page.locator("#outcome .note")
    note.wait_for()
    assert "Only 6 models fit side by side; 3 more were left out." in note.inner_text()


def test_only_files_hold_what_the_script_reads(served, still):
    """A server's pages are not made heavier by what only files need."""
    from tracker.web.pages import made

    path = model_path(Offer("openai", showroom.STABLE))
    assert 'id="beside"' not in served.get(f"/{path}").text
    assert b'id="beside"' in made(still, path, {}).body
    assert 'id="blank"' not in served.get("/compare/").text
