"""Sections of a digest: what is ahead, what is in trouble, what is no move."""

import pytest

from tests.support import maps
from tests.support.subscribers import (
    ANNOUNCED,
    MON1,
    MON2,
    MON3,
    MON4,
    announced,
    html_of,
    letters,
    moved,
    send,
    subscribe,
    table_of,
    text_of,
)

RISE = ((2, None, "2026-02-01"), (3, "2026-02-01", None))
"""Two dollars until February, three from then on."""
FLAT = ((2, None, None),)


def test_an_announced_price_is_told_with_todays_and_once(trail, monkeypatch):
    """A price that a source announces for a day is told with how far it goes."""
    subscribe(trail, monkeypatch)
    announced(trail, MON1, *RISE)
    send(trail, MON1)
    announced(trail, MON2, *RISE)
    assert "nothing to tell" in send(trail, MON2).out
    (letter,) = letters(trail)
    text = text_of(letter)
    assert "Scheduled prices" in text
    head = f"openai/{ANNOUNCED} from 2026-02-01"
    assert f"* {head}\n    input: $2.00 → $3.00  +50 %\n" in text
    assert "says llm-prices" in text
    assert head in html_of(letter)
    assert letter["Subject"] == "No price moved; 1 scheduled"


def test_an_announcement_that_is_taken_back_is_told(trail, monkeypatch):
    """A scheduled rise that was mailed and then cancelled is said to be off, once."""
    subscribe(trail, monkeypatch)
    announced(trail, MON1, *RISE)
    send(trail, MON1)
    announced(trail, MON2, *FLAT)
    send(trail, MON2)
    announced(trail, MON3, *FLAT)
    assert "nothing to tell" in send(trail, MON3).out
    _, second = letters(trail)
    text = text_of(second)
    assert f"openai/{ANNOUNCED} no longer announced from 2026-02-01" in text
    assert "it had been told before" in text


def test_the_end_of_a_price_is_told_where_none_follows(sqlite_trail, monkeypatch):
    """A price that is stated until a day, and none after it, is told to end then."""
    subscribe(sqlite_trail, monkeypatch)
    announced(sqlite_trail, MON1, (2, None, "2026-03-01"))
    send(sqlite_trail, MON1)
    (letter,) = letters(sqlite_trail)
    told = f"openai/{ANNOUNCED} until 2026-03-01"
    assert f"{told}\n    input: $2.00, as today" in text_of(letter)


def test_what_came_true_is_a_move_and_not_ahead(sqlite_trail, monkeypatch):
    """From its day on an announced price is told as the move that it is."""
    subscribe(sqlite_trail, monkeypatch)
    announced(sqlite_trail, MON4, *RISE)
    send(sqlite_trail, MON4)
    announced(sqlite_trail, "2026-02-02", *RISE)
    send(sqlite_trail, "2026-02-02")
    _, second = letters(sqlite_trail)
    assert second["Subject"] == f"1 price change: {ANNOUNCED} +50 %"
    assert "holds since 2026-02-01" in text_of(second)
    assert "Scheduled" not in text_of(second)


def test_a_source_that_went_stale_stands_in_the_next_mail(trail, monkeypatch):
    """A source unread for weeks is named with the day it was read last; it alone is no
    reason for a mail.
    """
    subscribe(trail, monkeypatch)
    announced(trail, MON1, *FLAT)
    said = maps.small_map()
    for at in (MON1, MON2, MON3, MON4):
        trail.sync(said, at)
    send(trail, MON4)
    assert letters(trail) == []
    trail.sync(maps.edited(said, input_cost_per_token=2e-06), "2026-02-02")
    send(trail, "2026-02-02")
    (letter,) = letters(trail)
    told = f"llm-prices: stale, read last on {MON1}"
    assert f"Sources in trouble\n------------------\n* {told}" in text_of(letter)
    assert told in html_of(letter)


def test_a_source_that_fails_stands_in_the_next_mail(trail, monkeypatch):
    """A source whose page can no longer be read is named, with what is wrong."""
    subscribe(trail, monkeypatch)
    announced(trail, MON1, *FLAT)
    path = str(trail.file(b"<html>we moved</html>"))
    ran = trail("sync", "--source", "llm-prices", "--file", path, "--at", MON2)
    assert ran.code in (1, 3), ran.text
    moved(trail)
    send(trail)
    (letter,) = letters(trail)
    (line,) = [x for x in text_of(letter).splitlines() if x.startswith("* llm-prices:")]
    assert f"read last on {MON1}" in line
    assert line.startswith(("* llm-prices: failed", "* llm-prices: held"))


def test_a_digest_of_corrections_says_that_no_price_moved(trail, monkeypatch):
    """A placeholder that got its first price is a correction; the mail says so, and a
    subscriber of moves alone gets none.
    """
    quiet = '[subscriptions.moves]\nto = ["bob@example.org"]\nverdicts = ["move"]'
    subscribe(trail, monkeypatch, more=quiet)
    said = maps.edited(maps.small_map(), input_cost_per_token=0)
    trail.sync(said, MON1)
    trail.sync(maps.edited(said, input_cost_per_token=2e-06), MON2)
    ran = send(trail)
    assert "moves: nothing to tell" in ran.out
    (letter,) = letters(trail)
    assert letter["Subject"] == "No price moved; 1 corrected"
    assert "acme/model-01 input: $0.00 → $2.00 (from zero)" in text_of(letter)
    assert "zero stood for unknown" in text_of(letter)


def test_a_move_after_a_correction_is_measured_from_what_was_right(
    sqlite_trail, monkeypatch
):
    """A price told as zero was unknown: the rise after its first price is told from
    that, also to those who are not told of corrections.
    """
    subscribe(sqlite_trail, monkeypatch, verdicts='["move"]')
    before = maps.small_map()
    born = maps.edited(
        before, "acme/new", input_cost_per_token=0, output_cost_per_token=5e-06
    )
    sqlite_trail.sync(before, MON1)
    sqlite_trail.sync(born, MON2)
    send(sqlite_trail, MON2)
    known = maps.edited(born, "acme/new", input_cost_per_token=1e-06)
    sqlite_trail.sync(known, MON3)
    send(sqlite_trail, MON3)
    for n, at in enumerate((MON4, "2026-02-02", "2026-02-09", "2026-02-16")):
        sqlite_trail.sync(maps.edited(known, "acme/x", max_input_tokens=n), at)
    sqlite_trail.sync(
        maps.edited(known, "acme/new", input_cost_per_token=1.5e-06), "2026-02-23"
    )
    send(sqlite_trail, "2026-02-23")
    assert "input: $1.00 → $1.50  +50 %" in text_of(letters(sqlite_trail)[-1])


def test_names_that_are_only_counted_are_attached(sqlite_trail, monkeypatch):
    """Where a line names some offers and counts the others, all are in the table."""
    subscribe(sqlite_trail, monkeypatch)
    said = maps.small_map()
    keys = [k for k in said if k.startswith("acme/")][:9]
    for key in keys:
        said = maps.edited(said, key, deprecation_date="2026-02-20")
    sqlite_trail.sync(said, MON1)
    send(sqlite_trail, MON1)
    (letter,) = letters(sqlite_trail)
    assert "and 5 more" in text_of(letter)
    assert "What is only counted below is in the attached table." in text_of(letter)
    ending = [row for row in table_of(letter) if row["section"] == "ending"]
    assert {f"acme/{row['model']}" for row in ending} == set(keys)


def test_a_letter_that_names_everything_has_no_attachment(sqlite_trail, monkeypatch):
    """Nothing is attached where nothing was left out."""
    subscribe(sqlite_trail, monkeypatch)
    moved(sqlite_trail)
    send(sqlite_trail)
    (letter,) = letters(sqlite_trail)
    assert table_of(letter) is None


def test_a_large_table_is_packed_and_complete(sqlite_trail, monkeypatch):
    """Hundreds of rows come as a zip file of a few kB, none missing; an arrow in it is
    still an arrow.
    """
    subscribe(sqlite_trail, monkeypatch, limit="1")
    before = maps.small_map()
    after = {
        **maps.edited(before, max_input_tokens=64000),
        **{
            f"acme/new-{n}": {**before[maps.KEY], "input_cost_per_token": n * 1e-08}
            for n in range(1, 150)
        },
    }
    sqlite_trail.sync(before, MON1)
    sqlite_trail.sync(after, MON2)
    send(sqlite_trail)
    (letter,) = letters(sqlite_trail)
    (attached,) = letter.iter_attachments()
    assert attached.get_filename() == "changes.zip"
    assert len(letter.as_bytes()) < 40_000
    new = {row["model"] for row in table_of(letter) if row["section"] == "new"}
    assert new == {f"new-{n}" for n in range(1, 150)}


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"providers": '["opnai"]'}, 'no provider matches "opnai"'),
        ({"models": '["gpt-99*"]'}, 'no model matches "gpt-99*"'),
        ({"meters": '["ouput"]'}, 'no meter matches "ouput"'),
        (
            {"providers": '["acme"]', "models": '["globex/*"]'},
            "no model of these providers matches",
        ),
        (
            {"mix": '{"acme/no-such" = {input = 5}}'},
            'no offer is called "acme/no-such", which the mix names',
        ),
        (
            {"mix": '{"acme/model-01" = {inputs = 5}}'},
            'acme/model-01 is not billed by "inputs", which the mix names',
        ),
    ],
)
def test_what_matches_nothing_is_said(sqlite_trail, monkeypatch, options, line):
    """A slip in a subscription is told where it is sent from and in its preview,
    instead of silence for years.
    """
    subscribe(sqlite_trail, monkeypatch, **options)
    moved(sqlite_trail)
    preview = sqlite_trail("report", "--subscription", "team")
    assert preview.out.splitlines().count(line) == 1
    ran = send(sqlite_trail)
    assert f"team: {line}; check pricetrail.toml" in ran.out


def test_meters_that_nobody_watches_are_told_nowhere(sqlite_trail, monkeypatch):
    """Who watches `output` hears of a launch with that price alone, and of no rate
    that came or went elsewhere.
    """
    subscribe(sqlite_trail, monkeypatch, meters='["output"]')
    before = maps.small_map()
    after = maps.edited(before, cache_read_input_token_cost=...)
    prices = {"input_cost_per_token": 1e-06, "output_cost_per_token": 4e-06}
    after = maps.edited(after, "acme/new", **prices)
    sqlite_trail.sync(before, MON1)
    sqlite_trail.sync(after, MON2)
    send(sqlite_trail)
    (letter,) = letters(sqlite_trail)
    assert "* acme/new\n    output $4.00\n" in text_of(letter)
    assert "Rates" not in text_of(letter)
    assert "cache_read" not in text_of(letter)
