"""Charts, bars and strips of pages."""

import gzip
import json
import pickle
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from parsel import Selector

from storage.reading import drawing
from storage.unit_of_work import Store
from tests.support import showroom
from tests.support.maps import edited, small_map
from tracker.domain.addresses import model_path
from tracker.domain.offers import Offer, readings_of
from tracker.web import pages, rendering, strips
from tracker.web.charts import chart_of, drawn, gathered
from tracker.web.pages import NoPage
from tracker.web.rendering import LIBRARY

TEMPLATE = '{% import "charts.html" as charts %}'
END = datetime(2026, 1, 1, tzinfo=UTC)


def shown(template, **given):
    """What a template shows that uses the charts' macros."""
    environment = rendering._environment()
    return Selector(environment.from_string(TEMPLATE + template).render(**given))


def figure(chart):
    """A chart as it stands in a page."""
    return shown("{{ charts.figure(chart) }}", chart=chart)


def offer(text):
    """An offer by its name."""
    return readings_of(text)[0]


def spoken(selected):
    """All words of something, with single spaces."""
    return re.sub(r"\s+", " ", " ".join(selected.css("::text").getall())).strip()


def test_a_figure_holds_picture_words_numbers_and_data(view):
    """A reader without a script and one who sees nothing get the same as all."""
    seen = figure(chart_of(view, [offer(showroom.MOVED)]))
    assert [one.attrib["class"] for one in seen.css(".plot svg")] == ["desk", "phone"]
    words = spoken(seen.css("figcaption p"))
    assert words == (
        "USD per 1M tokens. Changed 2 times since 2026-08-17, last on 2026-11-02."
    )
    assert seen.css("details caption::text").get() == "Prices of acme/model-01"
    rows = [spoken(row) for row in seen.css("tbody tr")]
    assert "2026-11-02 today $0.60 litellm" in rows
    assert "2026-08-17 2026-09-14 $1.01 litellm" in rows
    data = json.loads(seen.css("script::text").get())
    assert data["forms"].keys() == {"desk", "phone"}
    for spec in (one for form in data["forms"].values() for one in form):
        assert all(layer["data"]["name"] in data["datasets"] for layer in spec["layer"])


def test_a_picture_is_told_to_those_who_do_not_see_it(view):
    """Each has a name and a description that is in the page, under ids of its own."""
    one = figure(chart_of(view, [offer(showroom.MOVED)]))
    other = figure(chart_of(view, [Offer("openai", showroom.STABLE)]))
    ids = []
    for seen in (one, other):
        for picture in seen.css(".plot svg"):
            assert picture.attrib["role"] == "img"
            assert "prices of" in picture.attrib["aria-label"]
            described = picture.attrib["aria-describedby"]
            assert "$" in seen.css(f"#{described}::text").get()
        ids += seen.css("[id]::attr(id)").getall()
    assert len(set(ids)) == len(ids) == 6


def test_a_key_explains_shapes_and_dashes_only_where_they_are(view):
    """A stable price has no key; one with verdicts has, and a missed sync is named."""
    moved = spoken(figure(chart_of(view, [offer(showroom.MOVED)])).css(".chart-key"))
    flap = spoken(figure(chart_of(view, [offer(showroom.CORRECTED)])).css(".chart-key"))
    assert "a real move" in moved
    assert "correction" not in moved
    assert "a correction: the data was wrong" in flap


def test_several_offers_have_a_panel_for_each_meter(view):
    """Compared are like with like, each offer in its own colour."""
    offers = [
        offer(showroom.MOVED),
        Offer("openai", showroom.STABLE),
        offer(showroom.DISPUTED),
    ]
    seen = figure(chart_of(view, offers))
    assert seen.css("p.panel::text").getall() == ["output", "input"]
    assert len(seen.css(".chart-names li")) == 3
    assert "acme/model-01 output" in spoken(seen.css("tbody th"))


def test_an_offer_without_prices_has_no_chart(view):
    """There is nothing to draw of what was never priced."""
    assert chart_of(view, [Offer("nobody", "nothing")]) is None
    assert chart_of(view, [offer(showroom.MOVED)], meters=["reasoning"]) is None


@pytest.mark.parametrize("name", showroom.HOSTILE)
def test_hostile_names_stay_text(view, name):
    """No name ends an element, names an attribute, or steers the text around it."""
    sold = next(one for one in view.offers if one.text == name)
    others = [sold, Offer("openai", showroom.STABLE)]
    for chart in (chart_of(view, [sold]), chart_of(view, others)):
        text = figure(chart).get()
        assert "<script>alert" not in text
        assert "onmouseover" not in {
            a for e in figure(chart).css("*") for a in e.attrib
        }
        assert "\u202e" not in text
        assert len(text) < 60_000
        json.loads(figure(chart).css("script::text").get())


def test_the_day_not_the_hour_is_drawn(view):
    """A sync that changed nothing leaves the picture of the day as it was."""
    later = replace(view, now=view.now + timedelta(hours=9))
    one, other = (chart_of(v, [offer(showroom.MOVED)]) for v in (view, later))
    assert one == other


@pytest.mark.parametrize("name", [showroom.MOVED, f"openai/{showroom.STABLE}"])
def test_a_chart_that_ends_with_the_month_stays_for_the_month(view, name):
    """Where a page is written once a month, the day it is written on does not show;
    a change of the month does.
    """
    month = view.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    days = (view.now, view.now + timedelta(days=6))
    one, other = (
        chart_of(replace(view, now=day), [offer(name)], until=month) for day in days
    )
    assert one == other
    assert one != chart_of(view, [offer(name)])
    if name == showroom.MOVED:
        assert "last on 2026-11-02" in one.words


def test_another_process_can_draw_it(view):
    """What was gathered can be handed over, and what was drawn be handed back."""
    found = gathered(view, [offer(showroom.MOVED)])
    made = drawn(pickle.loads(pickle.dumps(found)))  # noqa: S301 - our own
    assert pickle.loads(pickle.dumps(made)) == drawn(found)  # noqa: S301 - our own


def test_without_what_draws_the_numbers_stay(view, monkeypatch):
    """A missing extra costs the picture, not the page."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    rendering.versioned.cache_clear()
    try:
        seen = figure(chart_of(view, [offer(showroom.MOVED)]))
    finally:
        rendering.versioned.cache_clear()
    assert not seen.css("svg")
    assert "data-library" not in seen.css("figure")[0].attrib
    assert "$0.60" in spoken(seen.css("table"))


def test_the_library_is_served_compressed_and_for_ever(served):
    """What makes charts interactive is loaded once, under a name that changes with it,
    and is not put together for whoever guesses names.
    """
    page = served.get(f"/{model_path(offer(showroom.MOVED))}")
    name = Selector(page.text).css("figure::attr(data-library)").get()
    answer = served.get(f"/{name}")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert "vegaEmbed" in answer.text[-200:]
    plain = served.get(f"/{name}", headers={"accept-encoding": "identity"})
    assert plain.text == answer.text
    assert served.get("/static/vega.0000000000.js").status_code == 404


def test_every_file_that_pages_load_can_be_had():
    """The site as files gets all of them, what draws charts among them."""
    names = rendering.statics()
    assert {"style.css", "chart.js", "charts.css", LIBRARY} <= names.keys()
    small = [name for name in names if name != LIBRARY]
    assert all(gzip.decompress(rendering.packed(n)) for n in small)


def test_bars_are_text_first():
    """The amount is there to read; the bar is its picture, and stays in its box."""
    items = [
        {"label": "<b>", "text": "$0.40", "share": 0.25, "colour": 2},
        {"label": "odd", "text": "$9", "share": 7, "colour": 1},
    ]
    seen = shown("{{ charts.bars(items) }}", items=items)
    assert [spoken(one) for one in seen.css("li")] == ["<b> $0.40", "odd $9"]
    assert seen.css("rect:last-child::attr(width)").getall() == ["25.0", "100"]
    assert seen.css("svg::attr(aria-hidden)").getall() == ["true", "true"]
    assert not seen.css("[style]")


def week(number):
    """The instant so many weeks before the end."""
    return END - timedelta(weeks=number)


def test_a_strip_marks_reads_and_missed_weeks():
    """A week without a read is marked; a few days late is not missed."""
    late = week(3) + timedelta(days=3)
    marks = strips.marks([week(9), week(8), week(5), week(4), late, week(2)], END)
    assert marks.missed == (week(7), week(6), week(1))
    assert len(marks.read) == 6


def test_a_strip_shows_one_year():
    """What was read before that counts only for what was missed at its start."""
    marks = strips.marks([week(100), week(50), week(50) + timedelta(hours=3)], END)
    assert marks.read == (week(50),)
    assert min(marks.missed) >= END - strips.YEAR
    assert len(marks.missed) == 51
    assert strips.marks([], END).missed == ()


def test_reads_of_a_source_come_from_its_captures(trail):
    """Whatever was applied or brought nothing new was read; what failed was not."""
    trail.sync(small_map(), "2026-01-04")
    trail.sync(small_map(), "2026-01-11")
    trail.sync(b"{", "2026-01-18")
    trail.sync(edited(small_map(), input_cost_per_token=2e-6), "2026-01-25")
    store = Store(trail.url)
    with store.reading() as connection:
        found = drawing.reads_of(connection, "litellm")
        nothing = drawing.reads_of(connection, "'; DROP TABLE sources; --")
    store.close()
    assert [at.day for at in found] == [4, 11, 25]
    assert nothing == []


def test_the_strip_of_a_source_is_a_picture_of_its_own(served, view):
    """It is shared by all pages, names its source, and can be had under its address."""
    seen = shown("{{ charts.strip('../../', 'litellm') }}").css("img")[0]
    assert seen.attrib["src"] == "../../syncs/litellm.svg"
    assert "litellm" in seen.attrib["alt"]
    answer = served.get("/syncs/litellm.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    drawn_strip = Selector(answer.text, type="xml")
    drawn_strip.remove_namespaces()
    assert drawn_strip.css("title::text").get() == "13 reads of litellm in a year"
    assert len(drawn_strip.css("circle")) == 1
    assert "syncs/litellm.svg" in pages.strips.paths(view)
    assert "viewBox" not in drawn_strip.attrib, "letters would shrink with the picture"


@pytest.mark.parametrize("path", ["syncs/nobody.svg", "syncs/", "syncs/../x.svg"])
def test_there_is_no_strip_of_what_is_no_source(view, path):
    """Names that are no source are no page."""
    with pytest.raises(NoPage):
        pages.made(view, path, {})
