"""Names that anyone may write into a map are printed without harm."""

import json

import pytest

from tests.support.maps import edited, small_map

HOSTILE = {
    "ansi": "acme/\x1b[31mred\x1b[0m",
    "title": "acme/\x1b]0;owned\x07",
    "c1": "acme/\x9b31mred",
    "bidi": "acme/\u202egpj.exe",
    "isolate": "acme/\u2066x\u2069",
    "lines": "acme/one\r\ntwo",
    "line separator": "acme/one\u2028two",
    "tab": "acme/one\ttwo",
    "backspace": "acme/expensive\x08\x08\x08",
    "zero width": "acme/gp\u200bt",
    "markup": "acme/[red]bold[/red]",
    "link": "acme/[link=https://example.org]x[/link]",
    "quote": "acme/a'b\"c;--",
    "wide": "acme/\u6a21\u578b\U0001f600",
}
PRICES = {"input_cost_per_token": 1.2e-06, "output_cost_per_token": 4.8e-06}
WATCHED = "\x1b\x07\x08\r\t\x9b\u202e\u2066\u2069\u2028\u200b"


@pytest.fixture
def asked(sqlite_trail):
    """A database with hostile names in it, one of which has changed its price."""
    said = small_map()
    for name in HOSTILE.values():
        said = edited(said, name, mode="\x1b[31mchat", **PRICES)
    sqlite_trail.sync(small_map(), "2025-01-06")
    sqlite_trail.backfill({"2025-01-13.json": said})
    for number, name in enumerate(HOSTILE.values()):
        said = edited(said, name, output_cost_per_token=(500 + number) * 1e-8)
    sqlite_trail.sync(said, "2025-01-20")
    return sqlite_trail


@pytest.mark.parametrize("words", [("models",), ("changes",), ("sources",)])
def test_tables_hold_no_control_characters(asked, words):
    """No name steers the terminal, breaks a line or turns the text around."""
    ran = asked(*words)
    assert ran.code == 0
    assert not set(WATCHED) & set(ran.text)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_model_is_found_and_shown_without_harm(asked, name):
    """A hostile name is found like any other, and shown with harmless signs."""
    for command in ("price", "history"):
        ran = asked(command, name)
        assert ran.code == 0, ran.text
        assert not set(WATCHED) & set(ran.text)
        assert "$1.20" in ran.out
    if name.isascii() and name.isprintable():
        assert name in asked("price", name).out


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_an_unknown_hostile_name_is_told_without_harm(asked, name):
    """What a person typed is quoted back without its control characters."""
    ran = asked("price", f"{name}?")
    assert ran.code == 2
    assert not set(WATCHED) & set(ran.text)
    assert ran.err.count("\n") == 1


def test_json_gives_the_names_as_they_are(asked):
    """A program gets the exact name; no escape sequence stands in the text."""
    ran = asked("models", "--format", "json")
    found = {f"{r['provider']}/{r['model']}" for r in json.loads(ran.out)}
    assert found >= set(HOSTILE.values())
    assert "\x1b" not in ran.out
