"""The whole program on the map of the litellm that is installed."""

import csv
import io
import json
import re
from collections import Counter

import pytest

from tests.support.program import Trail, process

MODEL = "gpt-4.1-mini-2025-04-14"
BELIEVED = [
    *("provider", "model", "region", "meter", "usd", "price_nano", "per", "currency"),
    *("valid_from", "valid_to", "basis", "source", "known_from"),
]


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A database after two syncs of the installed map, and what the syncs printed."""
    folder = tmp_path_factory.mktemp("installed")

    def run(*words):
        return process(*words, cwd=folder)

    trail = Trail(f"sqlite:///{folder / 'trail.db'}", folder, run)
    return trail, [trail("sync", "--offline"), trail("sync", "--offline")]


@pytest.fixture
def program(first):
    """Ask the database by a process of its own."""
    return first[0]


@pytest.fixture
def asked(first):
    """Ask the database within this process, which is quicker."""
    return Trail(first[0].url, first[0].folder)


def answer(ran):
    """The rows of a JSON answer."""
    assert ran.code == 0, ran.text
    return json.loads(ran.out)


def test_the_first_sync_says_what_there_is_now(first):
    """The first sync counts the models and rates it found, and none is unknown."""
    ran = first[1][0]
    assert ran.code == 0
    assert re.match(r"litellm \S+: applied, as of \d{4}-\d\d-\d\d: ", ran.out)
    new, rates = re.search(r"([\d,]+) new models, ([\d,]+) rates", ran.out).groups()
    assert int(new.replace(",", "")) > 2000
    assert int(rates.replace(",", "")) > 8000
    assert "changed" not in ran.out.splitlines()[0]


def test_the_second_sync_finds_nothing_new(first):
    """The same map again is unchanged, and the totals stay."""
    one, two = (ran.out.splitlines() for ran in first[1])
    assert first[1][1].code == 0
    assert "unchanged" in two[0]
    totals = [next(n for n in lines if n.startswith("now ")) for lines in (one, two)]
    assert totals[0] == totals[1]


def test_the_price_of_a_model(program):
    """A bare name shows OpenAI's card and whose word it is."""
    ran = program("price", MODEL)
    assert ran.code == 0
    cells = [line.split() for line in ran.out.splitlines()]
    shown = {row[0]: row[1] for row in cells if len(row) > 5 and row[1][0] == "$"}
    assert ran.out.startswith(f"openai/{MODEL}, today")
    assert shown["input"] == "$0.40"
    assert shown["output"] == "$1.60"
    assert shown["cache_read"] == "$0.10"
    assert (shown["input+batch"], shown["output+batch"]) == ("$0.20", "$0.80")
    assert (shown["input+priority"], shown["output+priority"]) == ("$0.70", "$2.80")
    assert {row[-1] for row in cells if row and row[0] in shown} == {"litellm"}
    assert "also sold as azure/" in ran.err


def test_the_price_of_a_model_for_a_program(program):
    """JSON has the view's columns and exact decimals as text."""
    rows = answer(program("price", MODEL, "--format", "json"))
    assert all(list(row) == BELIEVED for row in rows)
    assert {row["meter"]: row["usd"] for row in rows}.items() >= {
        ("input", "0.4"),
        ("output", "1.6"),
        ("cache_read", "0.1"),
        ("input+batch", "0.2"),
        ("output+batch", "0.8"),
        ("input+priority", "0.7"),
        ("output+priority", "2.8"),
    }
    assert {row["price_nano"] for row in rows if row["meter"] == "input"} == {
        400_000_000
    }
    assert Counter(row["meter"] for row in rows).most_common(1)[0][1] == 1


def test_json_and_csv_say_the_same(asked):
    """CSV has the same columns and values as JSON, with nothing for null."""
    rows = answer(asked("price", MODEL, "--format", "json"))
    text = asked("price", MODEL, "--format", "csv").out
    said = list(csv.DictReader(io.StringIO(text)))
    assert said == [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in rows
    ]


@pytest.mark.parametrize(
    ("words", "first_column"),
    [
        (("models", "--provider", "openai", "--mode", "chat"), "provider"),
        (("history", MODEL), "provider"),
        (("changes", "--provider", "openai", "--kind", "introduced"), "provider"),
        (("sources",), "source"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else value,
)
def test_every_question_has_three_forms(asked, words, first_column):
    """Each question prints a table, JSON and CSV, with one row count."""
    rows = answer(asked(*words, "--format", "json"))
    assert next(iter(rows[0])) == first_column
    table = list(csv.reader(io.StringIO(asked(*words, "--format", "csv").out)))
    assert table[0] == list(rows[0])
    assert len(table) == len(rows) + 1
    shown = asked(*words)
    assert (shown.code, shown.err.count("Traceback")) == (0, 0)
    assert len(shown.out.splitlines()) > 2


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (f"openai/{MODEL}", f"openai/{MODEL}"),
        (f"azure/{MODEL}@us", f"azure/{MODEL}@us"),
        (f"azure/us/{MODEL}", f"azure/{MODEL}@us"),
        (MODEL, f"openai/{MODEL}"),
        (f"  {MODEL} ", f"openai/{MODEL}"),
        ("vertex_ai/claude-3-5-haiku@20241022",) * 2,
    ],
)
def test_a_model_is_found_by_any_of_its_names(asked, said, meant):
    """An exact offer, a source's own key and a bare name all find their offer."""
    ran = asked("price", said)
    assert ran.code == 0, ran.text
    assert ran.out.startswith(f"{meant}, today")


def test_a_misspelt_model_is_answered_with_the_nearest(program):
    """A name that is not there exits 2 with names that are."""
    ran = program("price", "gpt-4.1-mimi-2025-04-14")
    assert (ran.code, ran.out) == (2, "")
    assert f"did you mean openai/{MODEL}" in ran.err
    assert ran.err.count("\n") == 1


def test_a_rebuild_keeps_the_totals(asked):
    """A rebuild ends with what there was."""
    before = asked.tables.projection()
    ran = asked("rebuild")
    assert ran.code == 0
    assert "litellm: 2 captures replayed" in ran.out
    assert asked.tables.projection() == before
