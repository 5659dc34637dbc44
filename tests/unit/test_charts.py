"""Charts of prices over time: what their specification says, and what is drawn."""

import json
import re
import struct
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from tracker import charts
from tracker.asking.charting import gaps_between
from tracker.charts import Mark, Series, Step
from tracker.charts import files as charts_as_files
from tracker.charts.bare import bare, lines_of, panels_of
from tracker.charts.frame import PAGE, PHONE
from tracker.charts.inline import inline
from tracker.charts.naming import called, shortened
from tracker.charts.scale import (
    axis_of_time,
    ceiling,
    dates,
    labels_of,
    money,
    said,
    spread,
    ticks,
)
from tracker.charts.words import line as told
from tracker.charts.words import state
from tracker.domain.errors import UsageError

START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def day(number):
    """So many days after the start."""
    return START + timedelta(days=number)


def line(*prices, name="openai/gpt", meter="input", every=100, **more):
    """A series that takes another price every so many days."""
    steps = [
        Step(day(n * every), day((n + 1) * every), Decimal(str(p)), "litellm")
        for n, p in enumerate(prices)
    ]
    steps[-1] = Step(steps[-1].since, None, steps[-1].price, "litellm")
    return Series(name, meter, "1M token", tuple(steps), **more)


def walked(node):
    """Every dict within a specification."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walked(value)
    elif isinstance(node, list):
        for value in node:
            yield from walked(value)


def values(spec, *names):
    """The data rows that have all of these fields."""
    return [row for row in walked(spec) if all(name in row for name in names)]


def texts(spec):
    """What is written into a chart, in order."""
    return [row["text"] for row in values(spec, "line", "text")]


def test_a_price_that_never_moved_is_called_stable():
    """Flat lines carry their price and the word, and the chart says since when."""
    spec = charts.spec([line(1.6, meter="output"), line(0.4)], now=NOW)
    assert texts(spec) == ["output $1.60 · stable", "input $0.40 · stable"]
    assert "stable since it was first seen on 2025-01-01" in spec["title"]["subtitle"]
    assert values(spec, "verdict") == []


def test_a_step_is_joined_and_marked():
    """A line goes up where the price does, and says by how much and why."""
    mark = Mark(day(100), Decimal(1), Decimal(2), "move")
    spec = charts.spec([line(1, 2, marks=(mark,))], now=NOW)
    corners = [(r["at"][:10], r["price"]) for r in values(spec, "part", "price")]
    dates = ["2025-01-01", "2025-04-11", "2025-04-11", "2026-01-01"]
    assert corners[:4] == list(zip(dates, (1.0, 2.0, 2.0, 2.0), strict=True))
    assert len({row["part"] for row in values(spec, "part")}) == 1
    (point,) = values(spec, "verdict", "told")[:1]
    assert point["told"] == "openai/gpt input: $1.00 to $2.00 on 2025-04-11, move"
    assert point["step"] == "+100 %"
    assert "changed once, on 2025-04-11" in spec["title"]["subtitle"]


def test_a_withdrawal_leaves_the_line_open():
    """Nothing is drawn while nothing was sold, and the parts are not joined."""
    steps = (Step(START, day(50), Decimal(1)), Step(day(90), None, Decimal(1)))
    spec = charts.spec([Series("o/m", "input", "1M token", steps)], now=NOW)
    assert len({row["part"] for row in values(spec, "part")}) == 2


def test_what_is_no_longer_sold_says_until_when():
    """The last price of an offer that is gone is not shown as today's."""
    steps = (Step(START, day(50), Decimal(1)),)
    spec = charts.spec([Series("o/m", "input", "1M token", steps)], now=NOW)
    assert texts(spec) == ["input $1.00 until 2025-02-20"]


def test_a_missed_sync_is_dashed():
    """Where nobody looked the line is another part, the time shaded and named."""
    spec = charts.spec([line(1, gaps=((day(10), day(40)),))], now=NOW)
    seen = {(r["at"][:10], r["seen"]) for r in values(spec, "seen", "until")}
    wanted = {("2025-01-01", True), ("2025-01-11", False), ("2025-02-10", True)}
    assert seen == wanted
    assert any(m.get("type") == "rect" for m in walked(spec))
    assert any(m.get("title") == "dashed: no sync in this time" for m in walked(spec))


def test_shaded_is_only_what_no_line_saw():
    """A time in which one of the sources was read is not shaded."""
    one = line(1, name="a/x", gaps=((day(10), day(40)),))
    other = line(2, name="b/y", gaps=((day(30), day(60)),))
    spec = charts.spec([one, other], now=NOW)
    (band,) = [r for r in values(spec, "at", "until") if "price" not in r]
    assert (band["at"][:10], band["until"][:10]) == ("2025-01-31", "2025-02-10")


def test_models_side_by_side_have_a_panel_for_each_meter():
    """Several offers are told apart by colour, their meters by panel."""
    series = [
        line(price, name=name, meter=meter)
        for name, price in (("openai/gpt", 4), ("deepseek/chat", 1))
        for meter in ("output", "input")
    ]
    spec = charts.spec(series, now=NOW)
    assert [p["title"]["text"] for p in spec["vconcat"]] == ["output", "input"]
    assert texts(spec)[:2] == ["gpt $4.00 · stable", "chat $1.00 · stable"]
    assert "2 of 2" not in spec["title"]["subtitle"]


def test_panels_of_one_specification_share_no_layer():
    """Layers of one name would share their scales: a line of one panel would be
    pointed at where it stands in another.
    """
    series = [
        line(price, name=name, meter=meter, marks=(Mark(day(9), None, Decimal(1)),))
        for name, price in (("openai/gpt", 4), ("deepseek/chat", 1))
        for meter in ("output", "input")
    ]
    panels = charts.spec(series, now=NOW)["vconcat"]
    names = [layer["name"] for p in panels for layer in p["layer"] if "name" in layer]
    assert len(set(names)) == len(names)


def test_a_change_that_is_not_believed_is_marked_on_the_price_that_is():
    """A unit error does not stretch the scale; its mark stands on the line."""
    wrong = Mark(day(50), Decimal(1000), Decimal(1), "correction", "unit_error", 1)
    spec = charts.spec([line(1, marks=(wrong,))], now=NOW)
    (point,) = values(spec, "verdict", "told")[:1]
    assert (point["price"], point["step"]) == (1.0, "")
    assert point["told"].endswith("correction (unit_error)")
    assert spec["encoding"]["y"]["scale"]["domain"][1] < 2
    shown = [m.get("text") for m in walked(spec) if m.get("type") == "text"]
    assert "correction" in shown


def test_since_cuts_the_picture_not_the_history():
    """A chart may begin later; a move before that is not drawn."""
    mark = Mark(day(100), Decimal(9), Decimal(2), "move")
    spec = charts.spec([line(9, 2, marks=(mark,))], now=NOW, since=day(200))
    assert values(spec, "verdict", "told") == []
    assert min(row["at"] for row in values(spec, "part")) >= "2025-07-20"
    assert spec["encoding"]["y"]["scale"]["domain"][1] < 3


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ([], "nothing to draw"),
        ([Series("o/m", "input", "1M token", ())], "nothing to draw"),
        ([line(1, meter=f"m{n}") for n in range(9)], "too many"),
        ([line(1), line(1, meter="output", currency="EUR")], "share one scale"),
    ],
    ids=["nothing", "no steps", "too many", "two currencies"],
)
def test_what_cannot_be_drawn_is_refused(series, message):
    """One clear line says what is wrong with what was asked for."""
    with pytest.raises(UsageError, match=message):
        charts.spec(series, now=NOW)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_png_is_an_image_of_twice_the_size(look):
    """PNG is rendered without a browser, for paper by day and by night."""
    image = charts.png(charts.spec([line(1, 2)], now=NOW, look=look))
    assert image.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", image[16:24])
    assert width > 1500
    assert height > 600


def test_an_svg_escapes_names():
    """What a price list calls a model is text in the picture, never markup."""
    evil = "<script>alert(1)</script>"
    drawn = charts.svg(charts.spec([line(1, name=f"o/{evil}")], now=NOW))
    assert drawn.startswith("<svg")
    assert evil not in drawn


def test_a_page_loads_nothing_and_cannot_be_broken_out_of():
    """The page holds its own scripts, forbids all others, and escapes names."""
    evil = "</script><script>alert(1)</script>"
    light = charts.spec([line(1, name=f"o/{evil}")], now=NOW)
    dark = charts.spec([line(1)], now=NOW, look="dark")
    page = charts.html(light, dark=dark)
    assert evil not in page
    assert "default-src 'none'" in page
    assert "src=" not in page.replace("script-src", "").split("<script", 1)[0]
    assert page.count("</script>") == 2
    assert "prefers-color-scheme: dark" in page
    assert '"background": "#14171c"' in page


def test_a_chart_without_the_extra_says_what_to_install(monkeypatch):
    """A missing converter is one line with the command that helps."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(UsageError, match=r"pip install 'pricetrail\[charts\]'"):
        charts.png({})


def test_a_specification_is_plain_json():
    """Whoever likes can render it elsewhere."""
    spec = charts.spec([line(1, 2)], now=NOW)
    assert json.loads(json.dumps(spec)) == spec


@pytest.mark.parametrize(
    ("highest", "top"),
    [("0", 1), ("0.4", 0.5), ("1.6", 2), ("10", 12), ("15", 20), ("0.042", 0.05)],
)
def test_a_scale_ends_with_a_round_number(highest, top):
    """There is air above the highest line, and its end and marks are round."""
    assert float(ceiling(Decimal(highest))) == pytest.approx(top)
    assert ticks(ceiling(Decimal(highest)))[-1] == pytest.approx(top)


def test_labels_move_apart_and_stay_inside():
    """Labels keep their distance and order, and none leaves the scale."""
    placed = spread([0.0, 0.1, 9.9, 10.0], least=1, top=10)
    assert placed == sorted(placed)
    assert max(placed) <= 10
    gaps = [b - a for a, b in pairwise(placed)]
    assert min(gaps) >= 1 - 1e-9


@pytest.mark.parametrize(
    ("days", "unit"), [(7, "day"), (200, "month"), (900, "month"), (4000, "month")]
)
def test_the_time_axis_fits_its_span(days, unit):
    """Days for weeks, months for years."""
    axis = axis_of_time(START, day(days), labels=True)
    assert axis["tickCount"]["interval"] == unit


def test_money_is_written_as_people_write_it():
    """At least two places, no exponent, its own currency where it is another."""
    assert money(Decimal("0.4")) == "$0.40"
    assert money(Decimal("0.0000125")) == "$0.0000125"
    assert money(Decimal(1200)) == "$1,200.00"
    assert money(Decimal(3), "EUR") == "3.00 EUR"


def test_a_gap_is_longer_than_a_missed_week():
    """Two weeks between reads are no gap, three are; the end of the chart counts."""
    days = [day(0), day(14), day(35), day(42)]
    assert gaps_between(days, day(50)) == ((day(14), day(35)),)
    assert gaps_between(days, day(70))[-1] == (day(42), day(70))
    assert gaps_between([], NOW) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1", "0.5", "−50 %"),
        ("1", "15", "×15"),
        ("0.4", "4", "×10"),
        ("0.04", "40", "×1000"),
        ("2", "0", "free"),
        (None, "1", ""),
    ],
)
def test_how_large_a_change_was_is_said_briefly(old, new, said):
    """Per cent, a factor where that says more, a word where it became free."""
    mark = Mark(day(100), None if old is None else Decimal(old), Decimal(new), "move")
    spec = charts.spec([line(old or 3, new, marks=(mark,))], now=NOW)
    assert values(spec, "verdict", "step")[0]["step"] == said


def bare_of(*series, form=PAGE):
    """The specifications of a page's pictures."""
    return bare(panels_of(series), form, now=NOW)


def placed(svg, *, x=0.0, y=0.0):
    """Every text of a drawing with the place it stands at, from the corner."""
    for one in svg:
        moved = re.search(r"translate\(([-\d.]+),([-\d.]+)\)", one.get("transform", ""))
        dx, dy = map(float, moved.groups()) if moved else (0.0, 0.0)
        dx, dy = dx + float(one.get("x", 0)), dy + float(one.get("y", 0))
        tag = one.tag.rpartition("}")[2]
        if tag == "text":
            said = "".join(one.itertext())
            yield (said, round(x + dx), round(y + dy))
        else:
            yield from placed(one, x=x + dx, y=y + dy)


def moving():
    """A line that moves, was not looked at for a time, and has an odd mark."""
    marks = (
        Mark(day(100), Decimal(1), Decimal("2.5"), "move"),
        Mark(day(150), Decimal("2.5"), Decimal(9), "flap", "flap", Decimal("2.5")),
        Mark(day(200), Decimal("2.5"), Decimal("0.4"), "correction", "unit_error"),
    )
    return line(1, 2.5, 0.4, marks=marks, gaps=((day(220), day(260)),))


@pytest.mark.parametrize("form", [PAGE, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    "series",
    [
        [line(1.6, meter="output"), line(0.4)],
        [moving(), line(0.42, 0.07, 3, meter="output+batch")],
        [line(0.5, every=3), line(0, meter="output")],
        [line(1200, currency="CNY")],
        [line(1, name="a/x"), line(2, name="b/<y>"), line(3, name=f"c/{'z' * 90}")],
    ],
    ids=["stable", "moving", "new", "yuan", "several"],
)
def test_a_quick_picture_says_the_same_at_the_same_places(series, form):
    """Drawn without measuring letters, every text stands where it stood."""
    for spec in bare_of(*series, form=form):
        whole = ET.fromstring(charts.svg(spec))  # noqa: S314 - our own
        assert sorted(placed(inline(spec))) == sorted(placed(whole))


@pytest.mark.parametrize("form", [PAGE, PHONE], ids=["desk", "phone"])
def test_a_quick_picture_draws_the_same_lines(form):
    """Lines and marks are where they are without the short cut; only what is there to
    be pointed at is left out.
    """
    (spec,) = bare_of(moving(), line(0.42, 0.07, meter="output"), form=form)
    quick = ET.tostring(inline(spec), encoding="unicode")
    whole = charts.svg(spec)
    for shape in re.findall(r' d="(M[^"]+L[^"]+)"', quick):
        assert rounded(shape) in {
            rounded(d) for d in re.findall(r' d="([^"]+)"', whole)
        }
    assert quick.count("<path") > 6
    assert 'opacity="0"' in whole
    assert 'opacity="0"' not in quick


def rounded(shape):
    """A path with whole numbers."""
    return re.sub(r"-?\d+\.?\d*", lambda found: f"{float(found[0]):.0f}", shape)


def test_a_picture_in_a_page_has_no_style_names_or_roles():
    """What is inline in a page leaves that to the page: its policy forbids styles, and
    names of classes and ids are its own.
    """
    (spec,) = bare_of(moving())
    names = {name for one in inline(spec).iter() for name in one.attrib}
    assert not names & {"class", "id", "style", "role", "font-family"}
    assert not [name for name in names if name.startswith(("aria", "on", "{"))]


def test_colours_of_a_page_are_its_own():
    """One picture serves light and dark: no colour is written out."""
    (spec,) = bare_of(moving(), line(2, meter="output"))
    text = ET.tostring(inline(spec), encoding="unicode")
    assert not re.findall(r'="#[0-9a-fA-F]{3,8}"', text)
    assert 'stroke="var(--line-2)"' in text
    assert 'fill="var(--word-2, var(--line-2))"' in text


@pytest.mark.parametrize("form", [PAGE, PHONE], ids=["desk", "phone"])
def test_the_size_of_a_picture_is_what_was_asked_for(form):
    """However long its names are, a picture is as wide as its form."""
    specs = bare_of(line(1), line(123456.789, name="o/" + "x" * 500), form=form)
    for spec in specs:
        assert inline(spec).get("viewBox").startswith(f"0 0 {form.width} ")
        assert spec["width"] > form.width * 0.4


def test_what_cannot_share_axes_has_its_own():
    """Units and currencies have panels of their own, and many lines share them."""
    tiers = [line(n, meter=f"input+t{n}") for n in range(8)]
    other = [line(1, meter="image", currency="CNY"), Series(*image())]
    assert [len(panel) for panel in panels_of([*tiers, *other])] == [4, 4, 1, 1]
    several = [
        line(1, name="a/x"),
        line(1, name="b/y"),
        line(2, name="a/x", meter="output"),
    ]
    assert [one[0].meter for one in panels_of(several)] == ["input", "output"]


def image():
    """The parts of a series that is billed by the image."""
    return "openai/gpt", "output.image", "image", line(1).steps


def test_panels_share_their_time_and_their_margins():
    """Pictures below each other have the same axis of time."""
    specs = bare_of(line(1), line(900, meter="o", currency="CNY"), line(2, meter="x"))
    assert len({spec["width"] for spec in specs}) == 1
    assert len({str(spec["encoding"]["x"]) for spec in specs}) == 1


def test_an_offer_has_one_colour_in_all_panels():
    """Whoever lacks a meter does not change the colours of the others."""
    first, second = line(1, name="a/x"), line(2, name="b/y")
    panels = panels_of([first, second, line(3, name="b/y", meter="output")])
    assert lines_of(panels) == [("a/x", "b/y")] * 2


@pytest.mark.parametrize(
    ("days", "room", "shown"),
    [
        (8, 1, ["01 Jan", "02 Jan", "03 Jan"]),
        (30, 0.3, ["01 Jan", "17 Jan"]),
        (200, 1, ["2025", "Feb", "Mar"]),
        (600, 1, ["2025", "Apr", "Jul"]),
        (600, 0.3, ["2025", "Jul", "2026"]),
        (4000, 1, ["2025", "2026", "2027"]),
    ],
)
def test_dates_are_as_many_as_there_is_room_for(days, room, shown):
    """A time axis is marked with days, months or years, fewer on a phone."""
    marks = dates(START, day(days), room=room)
    assert list(marks.values())[:3] == shown
    assert len(marks) <= 14
    assert all(START <= at <= day(days) for at in marks)


def test_labels_survive_their_expression():
    """What is said of an axis can be read back."""
    labels = {0.0: "$0.00", 0.5: "$0.50", 1.0: 'odd "quotes" ]['}
    assert labels_of(said(labels)) == labels


@pytest.mark.parametrize(
    ("series", "words"),
    [
        ([line(1)], "stable since it was first seen on 2025-01-01"),
        ([line(1, 2)], "changed once, on 2025-04-11; first seen on 2025-01-01"),
        ([line(1, 2, 3)], "changed 2 times since 2025-01-01, last on 2025-07-20"),
        (
            [Series("o/m", "input", "1M token", (Step(START, day(50), Decimal(1)),))],
            "stable from 2025-01-01 until 2025-02-20, when it was withdrawn",
        ),
        ([line(1), line(1, 2, name="b/y")], "1 of 2 stable since 2025-01-01"),
    ],
    ids=["stable", "once", "twice", "gone", "several"],
)
def test_a_chart_says_in_words_what_it_shows(series, words):
    """How often a price moved, and since when it stands."""
    assert state(series) == words


def test_a_line_is_told_to_those_who_do_not_see_it():
    """Its first and last price, and how many changes lie between."""
    assert told(line(1)) == "input: $1.00 from 2025-01-01 on, stable."
    assert told(line(1, 2, 4), named=True) == (
        "openai/gpt input: from $1.00 on 2025-01-01, after 2 changes, "
        "to $4.00 since 2025-07-20."
    )


def test_the_library_is_known_before_it_is_put_together():
    """Its mark takes no time, and its one export is what draws."""
    assert re.fullmatch(r"[0-9a-f]{10}", charts_as_files.library_mark())
    whole = charts_as_files.library()
    assert re.search(r"export\{\$?\w+ as vegaEmbed\};?\s*$", whole)
    assert len(whole) < 1_000_000


def test_sellers_of_one_model_are_told_apart():
    """A line is called by its model; with its seller, where two of them sell it."""
    sold = ("openai/gpt-4.1", "azure/gpt-4.1", "xai/grok-4")
    lines = [Series(name, "input", "1M tokens", ()) for name in sold]
    assert [*called(lines).values()] == ["openai/gpt-4.1", "azure/gpt-4.1", "grok-4"]


def test_names_that_are_cut_stay_different():
    """What would look alike when it is cut goes without what it begins with alike."""
    names = {"a": "gpt-4.1-mini-2025-04-14", "b": "gpt-4.1-nano-2025-04-14", "c": "o3"}
    assert {*shortened(names, 200).values()} == {*names.values()}
    brief = shortened(names, 11)
    assert brief == {"a": "…mini-2025…", "b": "…nano-2025…", "c": "o3"}
