"""Tables for people: readable in a terminal of eighty columns, and in words."""

import os
import pty
import re
import subprocess

import pytest

from tests.support.maps import KEY, body, edited, small_map, without
from tests.support.program import CHECKOUT, cli, command, environment

WORDS = ("the", "same", "price,", "written", "with", "more", "or", "fewer", "digits")
LONG = "umbrella/a-model-with-a-name-of-some-length-2026-01-05"


@pytest.fixture(name="url", scope="module")
def _url(tmp_path_factory):
    """A database with a correction, a move, a withdrawal and a launch in it."""
    folder = tmp_path_factory.mktemp("tables")
    url = f"sqlite:///{folder / 'trail.db'}"
    first = edited(small_map(), LONG, input_cost_per_token=5e-6)
    second = edited(first, input_cost_per_token=1.012e-6)
    second = edited(second, LONG, input_cost_per_token=5.4e-6)
    third = edited(
        without(second, "globex/model-02"), "acme/new", input_cost_per_token=1e-6
    )
    for week, said in enumerate((first, second, third, edited(third, max_tokens=1))):
        path = folder / "body.json"
        path.write_bytes(body(said))
        at = f"2026-{week + 1:02}-05"
        given = ("--source", "litellm", "--file", str(path), "--at", at)
        assert cli("sync", *given, "--db", url).code == 0
    return url


def on_terminal(*words, width):
    """What a command prints on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    env = environment(COLUMNS=str(width), TERM="xterm", NO_COLOR="1")
    with subprocess.Popen(command(*words), cwd=CHECKOUT, env=env, stdout=theirs) as ran:
        os.close(theirs)
        printed = b""
        while chunk := _read(ours):
            printed += chunk
    os.close(ours)
    assert ran.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", printed.decode()).splitlines()


def _read(terminal):
    """What the terminal shows next; nothing when the program is gone."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("stories", [(), ("--stories",)], ids=["changes", "stories"])
def test_a_narrow_terminal_breaks_no_number(url, width, stories):
    """At eighty columns every price, step and word of a reason stands whole."""
    lines = on_terminal("changes", *stories, "--db", url, width=width)
    text = " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= width
    assert "+8.0 %" in text
    assert stories or ("$5.00" in text and "$5.40" in text)
    assert "correction: the same" in text
    assert all(word in text for word in WORDS)


@pytest.mark.parametrize("width", [50, 60, 80])
def test_a_narrow_terminal_shows_prices_whole(url, width):
    """Half a price would be read as another one; a name may go on in the next line."""
    lines = on_terminal("models", "--db", url, width=width)
    text = " ".join(lines).split()
    assert max(map(len, lines)) <= width
    assert {"$5.40", "$1.012", "$0.101"} <= set(text)


def test_side_by_side_the_meters_keep_their_names(url):
    """Long names of models above the columns leave room for what stands before."""
    lines = on_terminal("compare", KEY, LONG, "globex/model-14", "--db", url, width=80)
    assert any(line.split()[:2] == ["input", "$1.012"] for line in lines), lines


def test_a_change_is_told_in_words_beside_its_code(url):
    """The table has the reason as a code and as a sentence; JSON has the code."""
    found = cli("changes", "--model", KEY, "--db", url).out
    assert "correction, rounding" in found
    assert all(word in found for word in WORDS)
    printed = cli("changes", "--model", KEY, "--format", "json", "--db", url).out
    assert '"reason": "rounding"' in printed
    assert "fewer digits" not in printed


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--provider", "globex"), ["withdrawn", "no longer listed"]),
        (("--model", "acme/new"), ["1 offer", "new", "listed for the first time"]),
        (("--until", "2026-01-06"), ["62 offers", "first seen"]),
        (("--kind", "changed"), ["rounding"]),
        (("--verdict", "move"), ["the price moved"]),
    ],
)
def test_stories_tell_what_came_and_went(url, words, told):
    """Launches and withdrawals are stories beside the steps; filters narrow them."""
    since = () if "--until" in words else ("--since", "2026-01-06")
    found = cli("changes", "--stories", *since, *words, "--db", url)
    assert found.code == 0
    expected = [word for word in told if word != "rounding"]
    assert all(word in found.out for word in expected), found.out
    assert ("withdrawn" in found.out) == ("withdrawn" in told)
