"""Step charts as text."""

from datetime import UTC, datetime, timedelta

import pytest

from tracker.asking.stepchart import HEIGHT, METERS, WIDTH, draw

START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=WIDTH)


def period(dollars, begins, ends=None, meter="input"):
    """A period from one day of the chart to another; a day is a column."""
    return {
        "meter": meter,
        "price_nano": round(dollars * 10**9),
        "currency": "USD",
        "per": "1M token",
        "valid_from": START + timedelta(days=begins),
        "valid_to": None if ends is None else START + timedelta(days=ends),
    }


def picture(lines):
    """The drawing without its scale."""
    return [line.partition("┤")[2] for line in lines if "┤" in line]


def test_nothing_to_draw_is_said():
    """No periods, no chart, but a word about it."""
    assert draw([], now=NOW) == ["nothing to draw"]


def test_a_stable_price_is_one_line():
    """A price that never moved is a flat line and is called stable."""
    _, title, line, dates = draw([period(0.4, 0)], now=NOW)
    assert title == "input, USD per 1M token, stable"
    assert line == "0.4 ┤" + "─" * WIDTH
    assert dates.split() == ["2025-01-01", "2025-03-14"]


def test_a_rise_steps_up():
    """A dearer price stands higher, joined to the old one by a riser."""
    lines = draw([period(1, 0, 36), period(2, 36)], now=NOW)
    drawn = picture(lines)
    assert lines[1] == "input, USD per 1M token, changed once, on 2025-02-06"
    assert len(drawn) == HEIGHT
    assert drawn[0] == " " * 36 + "┌" + "─" * 35
    assert drawn[-1] == "─" * 36 + "┘"
    assert {row[36] for row in drawn[1:-1]} == {"│"}
    assert lines[2].startswith("2 ┤")
    assert lines[2 + HEIGHT - 1].startswith("1 ┤")


def test_a_cut_steps_down():
    """A cheaper price stands lower."""
    drawn = picture(draw([period(2, 0, 36), period(0, 36)], now=NOW))
    assert drawn[0] == "─" * 36 + "┐"
    assert drawn[-1] == " " * 36 + "└" + "─" * 35


def test_a_gap_is_left_open():
    """Where no price was stated nothing is drawn and nothing is joined."""
    drawn = picture(draw([period(1, 0, 20), period(1, 40)], now=NOW))
    assert drawn == ["─" * 20 + " " * 20 + "─" * 32]
    drawn = picture(draw([period(1, 0, 20), period(2, 40)], now=NOW))
    assert drawn[-1] == "─" * 20
    assert drawn[0] == " " * 40 + "─" * 32


def test_free_is_drawn():
    """A price of zero is a line, not a gap."""
    assert picture(draw([period(0, 0)], now=NOW)) == ["─" * WIDTH]


def test_all_charts_share_the_time_axis():
    """A meter born later begins further to the right."""
    lines = draw([period(1, 0), period(2, 30, meter="output")], now=NOW)
    assert picture(lines) == ["─" * WIDTH, " " * 30 + "─" * 42]


def test_meters_left_out_are_named():
    """Only the first few meters are drawn; the others are named."""
    rows = [period(1, 0, meter=f"m{n}") for n in range(METERS + 2)]
    lines = draw(rows, now=NOW)
    assert len(picture(lines)) == METERS
    assert lines[-1] == "not drawn: m4, m5 (choose with --meter)"


@pytest.mark.parametrize("age", [timedelta(0), timedelta(seconds=5)], ids=str)
def test_a_price_of_this_moment_is_drawn(age):
    """A chart that begins where it ends is still a chart."""
    row = period(1, 0) | {"valid_from": NOW - age}
    assert "─" in picture(draw([row], now=NOW))[0]


def test_a_period_shorter_than_a_column_is_drawn():
    """A meter whose only period is short does not break the chart."""
    rows = [period(1, 0), period(2, 30.2, 30.4, meter="output")]
    assert "output, USD per 1M token, stable" in draw(rows, now=NOW)


def test_a_short_spike_is_not_called_stable():
    """A price that moved, however briefly, is not called stable."""
    rows = [period(1, 0, 30.2), period(5, 30.2, 30.4), period(1, 30.4)]
    said = draw(rows, now=NOW)[1]
    assert said == "input, USD per 1M token, changed 2 times, last on 2025-01-31"


def test_nobody_looked():
    """Where no sync was the line is dashed, and it is said what that means."""
    gap = (START + timedelta(days=10), START + timedelta(days=20))
    lines = draw([period(1, 0)], now=NOW, gaps={"input": [gap]})
    assert picture(lines) == ["─" * 10 + "┄" * 10 + "─" * 52]
    assert lines[-1] == "┄ no sync in this time"


def test_every_price_is_named_on_the_scale():
    """Prices between the lowest and the highest stand on the scale too."""
    rows = [period(1, 0, 20), period(3, 20, 40), period(8, 40)]
    labels = [line.partition(" ┤")[0] for line in draw(rows, now=NOW) if "┤" in line]
    assert [label.strip() for label in labels if label.strip()] == ["8", "3", "1"]


def test_years_stand_on_the_time_axis():
    """A year that begins within the chart is named where it does."""
    row = period(1, 0) | {"valid_from": datetime(2023, 7, 1, tzinfo=UTC)}
    dates = draw([row], now=NOW)[-1]
    assert dates.split() == ["2023-07-01", "2024", "2025-03-14"]
