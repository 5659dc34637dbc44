"""Digests: who is told what, once, against the value told last."""

import pytest

from tests.support import maps
from tests.support.subscribers import (
    MON1,
    MON2,
    MON3,
    MON4,
    html_of,
    letters,
    moved,
    send,
    subscribe,
    table_of,
    text_of,
)

OTHER = "globex/model-02"


def test_a_move_is_told_with_old_new_and_step(trail, monkeypatch):
    """A price that moved reaches its subscriber with both prices and the step."""
    subscribe(trail, monkeypatch)
    moved(trail)
    ran = send(trail)
    assert ran.code == 0, ran.text
    (letter,) = letters(trail)
    assert letter["Subject"] == "1 price change: model-01 +98 %"
    assert "input: $1.01 → $2.00  +98 %" in text_of(letter)
    assert "the old price held since 2026-01-05" in text_of(letter)


def test_what_was_told_is_not_told_again(trail, monkeypatch):
    """A second call with no news sends nothing."""
    subscribe(trail, monkeypatch)
    moved(trail)
    send(trail)
    ran = send(trail, MON3)
    assert "nothing to tell" in ran.out
    assert len(letters(trail)) == 1


def test_no_changes_no_mail_unless_asked_for(trail, monkeypatch):
    """An unchanged week sends a mail only to those who want one."""
    trail.sync(maps.small_map(), MON1)
    trail.sync(maps.small_map(), MON2)
    subscribe(trail, monkeypatch)
    assert "nothing to tell" in send(trail).out
    subscribe(trail, monkeypatch, empty="true")
    send(trail)
    (letter,) = letters(trail)
    assert letter["Subject"] == "No price changes"
    assert "Nothing that you watch changed." in text_of(letter)


def test_who_wants_only_moves_gets_the_rest_with_them(sqlite_trail, monkeypatch):
    """A launch alone causes no mail then; it is told with the next move."""
    subscribe(sqlite_trail, monkeypatch, only_moves="true")
    before = maps.small_map()
    born = maps.edited(before, "acme/new", input_cost_per_token=1e-06)
    sqlite_trail.sync(before, MON1)
    sqlite_trail.sync(born, MON2)
    assert "nothing to tell" in send(sqlite_trail).out
    sqlite_trail.sync(maps.edited(born, input_cost_per_token=2e-06), MON3)
    send(sqlite_trail, MON3)
    (letter,) = letters(sqlite_trail)
    assert letter["Subject"] == "1 price change: model-01 +98 %"
    assert "acme/new" in text_of(letter)


def test_slow_drift_is_told_when_it_adds_up(trail, monkeypatch):
    """Steps below the subscriber's per cent are told together, against the value the
    subscriber had in mind.
    """
    subscribe(trail, monkeypatch, min_pct="10")
    said = maps.small_map()
    trail.sync(said, "2025-11-03")
    trail.sync(said, MON1)
    quiet = []
    for price, at in ((1.063e-06, MON2), (1.097e-06, MON3), (1.153e-06, MON4)):
        said = maps.edited(said, input_cost_per_token=price)
        trail.sync(said, at)
        quiet.append(send(trail, at).out)
    assert "nothing to tell" in quiet[0]
    assert "nothing to tell" in quiet[1]
    (letter,) = letters(trail)
    assert "input: $1.01 → $1.153  +14 %" in text_of(letter)


def test_the_next_step_is_against_what_was_told(trail, monkeypatch):
    """After a mail, the value told in it is what the next one starts from."""
    subscribe(trail, monkeypatch, min_pct="10")
    said = maps.small_map()
    trail.sync(said, MON1)
    for price, at in ((1.2e-06, MON2), (1.25e-06, MON3), (1.4e-06, MON4)):
        said = maps.edited(said, input_cost_per_token=price)
        trail.sync(said, at)
        send(trail, at)
    first, second = letters(trail)
    assert "input: $1.01 → $1.20" in text_of(first)
    assert "input: $1.20 → $1.40" in text_of(second)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"models": '["acme/*"]'}, True),
        ({"models": '["globex/*", "hooli/*"]'}, False),
        ({"models": '["MODEL-01"]'}, True),
        ({"providers": '["acme"]'}, True),
        ({"providers": '["glob*"]'}, False),
        ({"meters": '["output*"]'}, False),
        ({"meters": '["input"]'}, True),
        ({"directions": '"down"'}, False),
        ({"directions": '"up"'}, True),
        ({"min_pct": "99"}, False),
    ],
)
def test_only_what_is_watched_is_told(sqlite_trail, monkeypatch, options, told):
    """Globs, meters, directions and the least step decide what is told."""
    subscribe(sqlite_trail, monkeypatch, **options)
    moved(sqlite_trail)
    send(sqlite_trail)
    assert bool(letters(sqlite_trail)) is told


def test_a_usage_mix_turns_moves_into_dollars(sqlite_trail, monkeypatch):
    """With tokens a month, a mail says what the moves cost."""
    mix = '{"acme/model-01" = {input = 1000000000, output = 5}}'
    subscribe(sqlite_trail, monkeypatch, mix=mix)
    moved(sqlite_trail)
    send(sqlite_trail)
    (letter,) = letters(sqlite_trail)
    assert "On your mix: +$990.00 a month" in text_of(letter)
    assert "On your mix: +$990.00 a month" in html_of(letter)


def test_offers_that_move_alike_are_one_line(sqlite_trail, monkeypatch):
    """Ten offers of a provider that move by one ratio are told as one."""
    subscribe(sqlite_trail, monkeypatch, meters='["input"]')
    before = maps.small_map()
    keys = [k for k in before if k.startswith("globex/")][:4]
    after = before
    for key in keys:
        price = before[key]["input_cost_per_token"]
        after = maps.edited(after, key, input_cost_per_token=price / 2)
    sqlite_trail.sync(before, MON1)
    sqlite_trail.sync(after, MON2)
    send(sqlite_trail)
    (letter,) = letters(sqlite_trail)
    assert letter["Subject"] == "4 price changes: 4 globex models −50 %"
    assert "* 4 globex offers  −50 %" in text_of(letter)


def test_launches_and_withdrawals_are_told(trail, monkeypatch):
    """New models come with their price; one that is gone twice is withdrawn."""
    subscribe(trail, monkeypatch)
    before = maps.small_map()
    born = maps.edited(
        before,
        "acme/brand-new",
        input_cost_per_token=1e-06,
        output_cost_per_token=4e-06,
    )
    trail.sync(before, MON1)
    trail.sync(born, MON2)
    send(trail)
    gone = maps.without(born, OTHER)
    trail.sync(gone, MON3)
    trail.sync(maps.edited(gone, OTHER.replace("02", "x"), mode="chat"), MON4)
    send(trail, MON4)
    first, second = letters(trail)
    assert "New models" in text_of(first)
    assert "* acme/brand-new\n    input $1.00, output $4.00" in text_of(first)
    assert "globex/model-02" in text_of(second)
    assert "Withdrawn" in text_of(second)


def test_a_deprecation_within_sixty_days_is_told_once(sqlite_trail, monkeypatch):
    """An end that draws near is told, and not again the week after."""
    subscribe(sqlite_trail, monkeypatch)
    said = maps.edited(maps.small_map(), deprecation_date="2026-02-20")
    sqlite_trail.sync(said, MON1)
    send(sqlite_trail, MON1)
    sqlite_trail.sync(said, MON2)
    assert "nothing to tell" in send(sqlite_trail).out
    (letter,) = letters(sqlite_trail)
    assert "2026-02-20: acme" in text_of(letter)


def test_a_capability_that_changed_is_told(sqlite_trail, monkeypatch):
    """A limit that changes is told with both values; prices need not move."""
    subscribe(sqlite_trail, monkeypatch)
    before = maps.small_map()
    sqlite_trail.sync(before, MON1)
    sqlite_trail.sync(maps.edited(before, max_input_tokens=64000), MON2)
    send(sqlite_trail)
    (letter,) = letters(sqlite_trail)
    assert "context window: 128\u202f000 → 64\u202f000" in text_of(letter)


def test_what_is_held_is_told_and_is_no_move(sqlite_trail, monkeypatch):
    """A value that the gate holds is news, but no price change."""
    subscribe(sqlite_trail, monkeypatch)
    moved(sqlite_trail, price=9e-05)
    send(sqlite_trail)
    (letter,) = letters(sqlite_trail)
    assert letter["Subject"].startswith("No price moved")
    assert "Held for review" in text_of(letter)
    assert "pricetrail review" in text_of(letter)


def test_a_flap_takes_an_earlier_mail_back(trail, monkeypatch):
    """A rise that was mailed and undone within weeks is amended, once."""
    subscribe(trail, monkeypatch)
    before = maps.small_map()
    after = maps.edited(before, input_cost_per_token=2e-06)
    trail.sync(before, MON1)
    trail.sync(after, MON2)
    send(trail)
    trail.sync(before, MON3)
    send(trail, MON3)
    trail.sync(before, MON4)
    assert "nothing to tell" in send(trail, MON4).out
    _, second = letters(trail)
    text = text_of(second)
    assert "Taken back" in text
    assert "the move did not last: it was a flap" in text
    assert f"mailed on {MON2}" in text
    assert "believed now: input $1.01" in text
    assert second["Subject"].startswith("No price moved; 1 taken back")


def test_a_weekly_digest_waits_for_its_day(sqlite_trail, monkeypatch):
    """A weekly subscriber is told on the day, and of everything since."""
    subscribe(sqlite_trail, monkeypatch, digest='"weekly"', weekday='"monday"')
    moved(sqlite_trail, at="2026-01-07")
    send(sqlite_trail, MON1)
    assert "not its day" in send(sqlite_trail, "2026-01-08").out
    assert letters(sqlite_trail) == []
    send(sqlite_trail, MON2)
    assert len(letters(sqlite_trail)) == 1


def test_a_watched_model_does_not_wait(sqlite_trail, monkeypatch):
    """A weekly subscriber hears of the models named as immediate at once."""
    options = {"digest": '"weekly"', "immediate": '["acme/*"]'}
    subscribe(sqlite_trail, monkeypatch, **options)
    moved(sqlite_trail, at="2026-01-07")
    send(sqlite_trail, MON1)
    send(sqlite_trail, "2026-01-08")
    (letter,) = letters(sqlite_trail)
    assert "model-01" in letter["Subject"]
    assert "nothing to tell" in send(sqlite_trail, MON2).out


def test_what_does_not_fit_is_counted_and_attached(sqlite_trail, monkeypatch):
    """With room for two lines, the rest is counted and stands in the CSV."""
    subscribe(sqlite_trail, monkeypatch, limit="2", meters='["input"]')
    before = maps.small_map()
    after = before
    for n, key in enumerate([k for k in before if k.startswith("acme/")][:5]):
        price = before[key]["input_cost_per_token"]
        after = maps.edited(after, key, input_cost_per_token=price * (1.2 + n / 10))
    sqlite_trail.sync(before, MON1)
    sqlite_trail.sync(after, MON2)
    send(sqlite_trail)
    (letter,) = letters(sqlite_trail)
    assert "and 3 more, in the attached table" in text_of(letter)
    assert "and 3 more, in the attached table" in html_of(letter)
    assert len([row for row in table_of(letter) if row["section"] == "moves"]) == 5


def test_a_report_shows_what_would_be_sent_and_remembers_nothing(trail, monkeypatch):
    """A preview is what the mail will be, and changes nothing."""
    subscribe(trail, monkeypatch)
    moved(trail)
    options = ("--subscription", "team", "--since", MON1, "--until", MON2)
    first, second = trail("report", *options), trail("report", *options)
    assert first.out == second.out
    send(trail)
    (letter,) = letters(trail)
    said = text_of(letter).splitlines()
    assert [line for line in said if "→" in line] == [
        line for line in first.out.splitlines() if "→" in line
    ]


def test_a_report_can_be_a_page_and_a_feed(sqlite_trail):
    """Without a subscription everything is reported, as HTML and as Atom."""
    moved(sqlite_trail)
    page, feed = sqlite_trail.folder / "r.html", sqlite_trail.folder / "r.atom"
    files = ("--html", str(page), "--atom", str(feed))
    ran = sqlite_trail("report", "--since", MON1, *files)
    assert ran.code == 0, ran.text
    assert "acme/model-01" in page.read_text()
    assert "acme/model-01 +98 %" in feed.read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("report", "--subscription", "nobody"), "no subscription 'nobody'"),
        (("digest", "send"), "nobody has subscribed"),
        (("digest", "make"), "write: pricetrail digest send"),
        (("outbox", "show"), "write: pricetrail outbox"),
        (("outbox", "show", "7"), "no letter 7"),
        (("outbox", "retry", "7"), "no letter 7"),
        (("report", "--since", "soon"), "is no date"),
    ],
)
def test_wrong_words_are_one_line(sqlite_trail, words, says):
    """Wrong usage ends with 2 and says what to write."""
    sqlite_trail.sync(maps.small_map(), MON1)
    ran = sqlite_trail(*words)
    assert (ran.code, ran.err.count("\n")) == (2, 1), ran.text
    assert says in ran.err


def test_two_senders_tell_a_thing_once(trail, monkeypatch):
    """A digest that was made meanwhile by another process is not made twice."""
    from storage.unit_of_work import Store
    from tracker import config
    from tracker.reports import preparing
    from tracker.wiring import instant

    subscribe(trail, monkeypatch)
    moved(trail)
    settings, at = config.load(), instant(MON2)
    team = settings.subscriptions["team"]
    store = Store(trail.url)
    original, calls = preparing._prepared, []

    def interrupted(*given):
        found = original(*given)
        if not calls:
            calls.append(1)
            preparing.queue(store, team, settings.mail, now=at)
        return found

    monkeypatch.setattr(preparing, "_prepared", interrupted)
    made = preparing.queue(store, team, settings.mail, now=at)
    store.close()
    assert made.kind == "nothing"
    kinds = trail.tables.rows("SELECT kind FROM digests ORDER BY id")
    assert [row["kind"] for row in kinds] == ["digest", "nothing"]


def test_headlines_are_drawn_and_say_the_same_without_pictures(
    sqlite_trail, monkeypatch
):
    """A chart stands in the letter itself, and in words where pictures are off."""
    pytest.importorskip("vl_convert")
    subscribe(sqlite_trail, monkeypatch, charts="true")
    moved(sqlite_trail)
    send(sqlite_trail)
    (letter,) = letters(sqlite_trail)
    (picture,) = [p for p in letter.walk() if p.get_content_type() == "image/png"]
    page = html_of(letter)
    assert picture.get_content().startswith(b"\x89PNG")
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in page
    words = "acme/model-01: input $1.01 since 2026-01-05, then $2.00"
    assert f'alt="{words}"' in page
    assert f"[chart: {words}]" in text_of(letter)
    assert "http" not in page.replace("https://example.org", "")


def test_text_and_page_say_the_same(sqlite_trail, monkeypatch):
    """Every line of the plain text stands in the HTML."""
    from html import unescape
    from re import sub

    subscribe(sqlite_trail, monkeypatch)
    before = maps.edited(maps.small_map(), deprecation_date="2026-02-20")
    born = maps.edited(before, "acme/new", input_cost_per_token=1e-06)
    moved(sqlite_trail)
    sqlite_trail.sync(born, MON3)
    send(sqlite_trail, MON3)
    (letter,) = letters(sqlite_trail)
    page = html_of(letter).replace("<wbr>", "").replace("\u00a0", " ")
    shown = set(unescape(sub(r"<[^>]+>", " ", page)).split())
    said = {word.rstrip(":") for word in text_of(letter).split()}
    rules = {word for word in said if not word.strip("-*")}
    assert said - rules - {word.rstrip(":") for word in shown} == set()
