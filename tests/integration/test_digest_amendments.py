"""What was mailed and is judged otherwise since: taken back, and taken back again."""

from tests.support import maps
from tests.support.subscribers import (
    MON1,
    MON2,
    MON3,
    MON4,
    letters,
    send,
    subscribe,
    table_of,
    text_of,
    witnessed,
)

DEAR = {"input_cost_per_token": 2e-06}


def rise_and_fall(trail, *, after=MON3):
    """A rise that is mailed, and undone two weeks later."""
    before = maps.small_map()
    trail.sync(before, MON1)
    trail.sync(maps.edited(before, **DEAR), MON2)
    send(trail, MON2)
    trail.sync(before, after)
    return before


def test_what_is_taken_back_and_gone_has_no_price_now(trail, monkeypatch):
    """A rise was mailed, undone, and the model withdrawn before the next mail: the
    mail takes the rise back and says that there is no price now.
    """
    subscribe(trail, monkeypatch)
    before = rise_and_fall(trail)
    gone = maps.without(before, maps.KEY)
    trail.sync(gone, MON4)
    trail.sync(maps.edited(gone, "globex/model-02", mode="completion"), "2026-02-02")
    send(trail, "2026-02-02")
    _, second = letters(trail)
    text = text_of(second)
    assert "acme/model-01 input: the move did not last: it was a flap" in text
    assert "no price now: input" in text
    assert "believed now" not in text
    assert "litellm: 1 offer withdrawn" in text
    assert second["Subject"].startswith("No price moved; 1 taken back, 1 withdrawn")


def test_a_model_that_returns_after_that_is_told_against_what_is_left(
    sqlite_trail, monkeypatch
):
    """Back at its price after all that, the model is told as back, and the next step is
    against that price.
    """
    subscribe(sqlite_trail, monkeypatch)
    before = rise_and_fall(sqlite_trail)
    gone = maps.without(before, maps.KEY)
    sqlite_trail.sync(gone, MON4)
    sqlite_trail.sync(maps.edited(gone, "globex/x", mode="chat"), "2026-02-02")
    send(sqlite_trail, "2026-02-02")
    sqlite_trail.sync(before, "2026-02-09")
    send(sqlite_trail, "2026-02-09")
    later = maps.edited(before, input_cost_per_token=1.5e-06)
    sqlite_trail.sync(later, "2026-06-01")
    send(sqlite_trail, "2026-06-01")
    told = [text_of(letter) for letter in letters(sqlite_trail)]
    assert "Back again" in told[2]
    assert "input: $1.01 → $1.50  +49 %" in told[3]


def test_an_amendment_can_be_amended(trail, monkeypatch):
    """A move was taken back as a flap, and then another source turns up that had shown
    it: the third mail says that it was real, and names the day of the second.
    """
    subscribe(trail, monkeypatch, models='["openai/model-00"]')
    before = maps.small_map()
    trail.sync(before, MON1)
    trail.sync(maps.edited(before, "openai/model-00", **DEAR), MON2)
    send(trail, MON2)
    trail.sync(before, MON3)
    send(trail, MON3)
    witnessed(trail, 2, "2026-01-13")
    send(trail, MON4)
    told = [text_of(letter) for letter in letters(trail)]
    assert "input: $1.00 → $2.00" in told[0]
    assert "the move did not last: it was a flap" in told[1]
    assert "openai/model-00 input: what we called a flap was a real move" in told[2]
    assert f"mailed on {MON3}" in told[2]
    assert "nothing to tell" in send(trail, "2026-02-02").out


def test_what_was_taken_back_stands_in_the_table(sqlite_trail, monkeypatch):
    """A table that is attached names what was told and what is believed instead."""
    subscribe(sqlite_trail, monkeypatch, limit="1")
    before = rise_and_fall(sqlite_trail)
    said = before
    for n in range(3):
        said = maps.edited(said, f"acme/new-{n}", input_cost_per_token=n * 1e-06)
    sqlite_trail.sync(said, MON4)
    send(sqlite_trail, MON4)
    rows = table_of(letters(sqlite_trail)[1])
    (row,) = [row for row in rows if row["section"] == "amendments"]
    assert (row["provider"], row["model"], row["meter"]) == (
        "acme",
        "model-01",
        "input",
    )
    assert (row["old"], row["new"], row["verdict"]) == ("2", "1.01", "flap")
    assert row["note"] == f"told as move on {MON2}"


def test_two_subscriptions_of_one_person_do_not_mix(trail, monkeypatch):
    """Ann watches input in one list and output in another: two mails, each with its
    own, told apart by Message-ID and List-Id; what one was told the other was not.
    """
    other = '[subscriptions.other]\nto = ["ann@example.org"]\nmeters = ["output"]'
    subscribe(trail, monkeypatch, meters='["input"]', more=other)
    before = maps.small_map()
    after = maps.edited(before, input_cost_per_token=2e-06, output_cost_per_token=9e-06)
    trail.sync(before, MON1)
    trail.sync(after, MON2)
    assert "2 letters delivered; mail into the folder " in send(trail).out
    first, second = letters(trail)
    assert first["Message-ID"] != second["Message-ID"]
    assert first["List-Id"] != second["List-Id"]
    texts = sorted(text_of(letter) for letter in (first, second))
    assert sum("input: " in text for text in texts) == 1
    assert sum("output: " in text for text in texts) == 1


def test_one_person_named_twice_gets_one_letter(sqlite_trail, monkeypatch):
    """The same address in two spellings is one recipient."""
    to = '["ann@example.org", "Ann <Ann@Example.org>", "ann@example.org"]'
    subscribe(sqlite_trail, monkeypatch, to=to)
    sqlite_trail.sync(maps.small_map(), MON1)
    sqlite_trail.sync(maps.edited(maps.small_map(), **DEAR), MON2)
    ran = send(sqlite_trail)
    assert "(to 1 recipient)" in ran.out
    (letter,) = letters(sqlite_trail)
    assert letter["To"] == "ann@example.org"


def test_since_holds_whenever_it_is_set(sqlite_trail, monkeypatch):
    """Who widens a subscription after months and sets `since` is not told the past."""
    said = maps.small_map()
    narrow, wide = {"providers": '["globex"]'}, {"providers": '["globex", "acme"]'}
    subscribe(sqlite_trail, monkeypatch, **narrow)
    sqlite_trail.sync(said, MON1)
    send(sqlite_trail, MON1)
    said = maps.edited(said, **DEAR)
    sqlite_trail.sync(said, MON2)
    send(sqlite_trail, MON2)
    subscribe(sqlite_trail, monkeypatch, since=MON3, **wide)
    said = maps.edited(said, output_cost_per_token=8e-06)
    sqlite_trail.sync(said, MON4)
    send(sqlite_trail, MON4)
    (letter,) = letters(sqlite_trail)
    assert "output: $4.04 → $8.00" in text_of(letter)
    assert "input: " not in text_of(letter)


def test_the_days_in_a_mail_are_those_since_the_last_one(sqlite_trail, monkeypatch):
    """The second mail covers the time since the first, in days of UTC."""
    subscribe(sqlite_trail, monkeypatch)
    said = maps.small_map()
    sqlite_trail.sync(said, MON1)
    sqlite_trail.sync(maps.edited(said, **DEAR), f"{MON2}T23:30:00Z")
    send(sqlite_trail, f"{MON2}T23:45:00Z")
    later = maps.edited(said, input_cost_per_token=3e-06)
    sqlite_trail.sync(later, f"{MON4}T00:10:00Z")
    send(sqlite_trail, f"{MON4}T00:15:00Z")
    first, second = letters(sqlite_trail)
    assert f"seen between {MON1} and {MON2}" in text_of(first)
    assert f"{MON2} … {MON4}" in text_of(second).splitlines()[1]
    assert first["Date"] == "Mon, 12 Jan 2026 23:45:00 +0000"
    assert "Days are UTC" in text_of(first)
