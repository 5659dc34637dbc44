"""The page of one model."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from freezegun import freeze_time

from storage.unit_of_work import Store
from tests.support import showroom
from tests.support.maps import edited
from tests.web.conftest import view_of
from tracker.domain.addresses import model_path
from tracker.domain.offers import Offer
from tracker.web.model.anchors import anchor_of
from tracker.web.model.whole import whole_of
from tracker.web.pages import Elsewhere, NoPage, models

STABLE = Offer("openai", showroom.STABLE)
MOVED = Offer("acme", "model-01")
LONG = Offer("acme", "long-context")


def page_of(view, offer):
    """The page of an offer as text."""
    return models.made(view, model_path(offer), {}).body.decode()


def plain(html):
    """What a reader sees of it, on one line."""
    bare = re.sub(r"<(script|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare))


def of(view, name):
    """All that the page of an offer shows."""
    provider, _, model = name.partition("/")
    return whole_of(view, Offer(provider, model))


def test_the_figures_stand_at_the_head(view):
    """Input, output, cached input, a typical conversation, and the limits."""
    html = plain(page_of(view, STABLE))
    assert "Input $0.40 per 1M tokens" in html
    assert "Output $1.60 per 1M tokens" in html
    assert "Typical conversation ≈ $0.0006" in html
    assert "800 tokens: 600 in, 200 out; $0.00056" in html
    assert "Context window 1,047,576" in html
    assert "Max output 32,768" in html


def test_what_never_moved_is_called_stable(view):
    """Both lines are stable, since the first sight, confirmed by the reads of whole
    months.
    """
    whole = of(view, f"openai/{showroom.STABLE}")
    assert whole.all_steady
    assert {one.since for one in whole.steady} == {showroom.FIRST}
    (words,) = whole.confirmed
    assert words == "10 reads of litellm before 2026-11-01 say so."


def test_what_moved_tells_from_what_to_what(view):
    """The last step of each main price, and since when it stands."""
    whole = of(view, showroom.MOVED)
    steps = {one.meter: (one.before, one.nano) for one in whole.steady}
    assert not whole.all_steady
    assert steps["input"] == (800_000_000, 600_000_000)
    assert steps["output"] == (4_040_000_000, 3_000_000_000)
    assert "It last moved on 2026-11-02." in plain(page_of(view, MOVED))


def test_each_figure_says_when_it_last_moved(view):
    """Beside the price at the head: since when it is stable, or its last step."""
    assert "$0.40 per 1M tokens stable since 2026-08-17" in plain(page_of(view, STABLE))
    moved = plain(page_of(view, MOVED))
    assert re.search(r"Input [$]0[.]60 per 1M tokens . down −25 % on 2026-11-02", moved)


def test_all_meters_are_listed_by_group(view):
    """Tiers, context thresholds and searches have headings of their own."""
    groups = {
        group.name: [line.meter for line in group.lines]
        for group in of(view, "acme/long-context").card.groups
    }
    assert groups == {
        "Standard": ["input", "output"],
        "Long prompts": ["input@>200k", "output@>200k"],
        "Tools": ["search.query;search_context=low"],
    }
    tiers = [g.name for g in of(view, f"openai/{showroom.STABLE}").card.groups]
    assert tiers == ["Standard", "Cache", "Batch", "Priority"]


def test_other_sources_are_told_to_agree_or_differ(view):
    """A rate names who states the same, and who states another value."""
    agreed = of(view, f"openai/{showroom.STABLE}").card.lines["input"]
    assert [said.source for said in agreed.agreeing] == ["llm-prices"]
    disputed = of(view, showroom.DISPUTED).card
    (said,) = disputed.lines["input"].differing
    assert (said.source, said.nano) == ("llm-prices", 1_200_000_000)
    assert [line.meter for line in disputed.disputed] == ["input"]
    assert "llm-prices $1.20" in plain(page_of(view, Offer("acme", "model-07")))


def test_capabilities_name_who_says_so_and_since_when(view):
    """What is stated, what is derived and says so, and what nobody speaks of."""
    able = of(view, f"openai/{showroom.STABLE}").able
    rows = {row.name: row for row in able.rows}
    assert rows["Tools (function calling)"].value == "yes"
    assert rows["Tools (function calling)"].words[0].source == "litellm"
    assert rows["Tools (function calling)"].words[0].since == showroom.FIRST
    assert rows["JSON mode"].value == "yes"
    assert "derived from JSON schema" in rows["JSON mode"].note
    assert rows["Computer use"].value == "not stated"
    assert able.limit("Max output") == 32768


def test_what_was_added_and_lost_is_told_with_its_day(view):
    """The newest day on which a capability changed, and both directions."""
    whole = of(view, showroom.LEARNT)
    last = showroom.FIRST + timedelta(weeks=13)
    turns = {turn.name: (turn.at, turn.old, turn.new) for turn in whole.last_turns}
    assert turns == {
        "Vision (image input)": (last, None, "yes"),
        "Web search": (last, "yes", None),
    }
    html = plain(page_of(view, whole.offer))
    assert "Vision (image input) added" in html
    assert "Web search lost" in html


def test_nothing_added_or_lost_is_said_too(view):
    """A model of which nothing but prices changed says so."""
    html = plain(page_of(view, MOVED))
    assert "Nothing was added or lost since it was first seen." in html


def test_alternatives_can_as_much_at_a_similar_price(view):
    """They are of the same mode, can all that it can, and none is far dearer."""
    whole = of(view, "acme/model-07")
    found = whole.others.found
    assert found
    for one in found:
        assert one.sold.kind == "chat"
        assert whole.sold.can <= one.sold.can
        assert one.ratio <= Decimal("2.5")
        assert one.sold.context * 2 >= whole.sold.context


def test_no_alternative_is_past_its_last_day_or_the_same_model(own_room):
    """An offer that has ended is not recommended, nor the very same one resold."""
    last = dict(showroom.weeks())
    said = last[max(last)]
    said = edited(said, "acme/model-13", deprecation_date="2026-11-01")
    said = edited(said, "hooli/model-07", **said["acme/model-07"])
    said["hooli/model-07"]["litellm_provider"] = "hooli"
    own_room.sync(said, "2026-11-22")
    store = Store(own_room.url)
    whole = of(view_of(store), "acme/model-07")
    store.close()
    names = {one.sold.offer.text for one in whole.others.found}
    assert names.isdisjoint({"acme/model-13", "hooli/model-07"})
    assert [s.offer.text for s in whole.elsewhere.sellers] == ["hooli/model-07"]


def test_the_same_model_elsewhere_is_told_by_region(view):
    """Other regions and sellers stand with their prices and how much dearer."""
    whole = of(view, "azure/gpt-4o-2024-08-06")
    (other,) = whole.elsewhere.names
    assert other.offer.region == "eu"
    assert other.pct == "+10 %"


def test_every_change_is_in_the_timeline_with_its_evidence(view):
    """Each has an id, its verdict in words, and what the source wrote."""
    whole = of(view, showroom.CORRECTED)
    events = [e for day in whole.line.days for e in day.events]
    step = next(e for e in events if e.meter == "input" and e.kind == "changed")
    assert (step.old, step.new) == (0, 1_500_000_000)
    assert step.judged.verdict == "correction"
    assert step.judged.why == "the first price that is not zero; zero stood for unknown"
    assert step.raw == ("1.5e-06", "input_cost_per_token")
    html = page_of(view, whole.offer)
    assert html.count('<details class="change"') == len(events)
    assert f'id="{step.anchor}"' in html
    assert "1.103.0" in html


def test_an_earlier_verdict_stays_visible(view):
    """A flap was first called a move; both are shown."""
    whole = of(view, showroom.FLAPPED)
    events = [e for day in whole.line.days for e in day.events]
    flaps = [e for e in events if e.judged and e.judged.verdict == "flap"]
    assert len(flaps) == 2
    told = {old.verdict for e in flaps for old in e.earlier}
    assert told <= {"move", "held", "correction"}


def test_an_anchor_is_made_of_what_a_rebuild_keeps(own_room):
    """The links to changes stay the same after a rebuild."""
    store = Store(own_room.url)
    before = of(view_of(store), showroom.MOVED).line
    assert own_room("rebuild").code == 0
    after = of(view_of(store), showroom.MOVED).line
    store.close()
    anchors = [
        [e.anchor for day in x.days for e in day.events] for x in (before, after)
    ]
    assert anchors[0] == anchors[1]
    assert len(set(anchors[0])) == len(anchors[0])


def test_an_anchor_can_be_made_from_the_timeline_view(view):
    """Pages that list rows of `price_timeline` link to the right change."""
    from storage.reading import queries

    with view.store.reading() as connection:
        rows = queries.changes(connection, {"model": MOVED.text})
    html = page_of(view, MOVED)
    assert rows
    for row in rows:
        assert f'id="{anchor_of(row)}"' in html


def test_a_long_timeline_is_folded_and_nothing_cut(own_room):
    """The newest changes are open, the rest in one element, all of them there."""
    said = showroom.weeks()[max(showroom.weeks())]
    for step in range(34):
        price = (200 + step * 7) * 1e-08
        said = edited(said, showroom.MOVED, input_cost_per_token=price)
        own_room.sync(said, f"2027-{1 + step // 28:02}-{1 + step % 28:02}")
    store = Store(own_room.url)
    line = of(view_of(store), showroom.MOVED).line
    html = page_of(view_of(store), MOVED)
    store.close()
    assert line.count - line.hidden >= 30
    assert line.hidden > 0
    assert html.count('<details class="change"') == line.count


def test_what_is_gone_shows_its_last_prices(view):
    """A withdrawn model says since when, and what it cost."""
    whole = of(view, showroom.GONE)
    assert whole.card.ended
    html = plain(page_of(view, whole.offer))
    assert "No longer listed by litellm since 2026-09-28" in html
    assert "The last rates" in html


def test_what_is_held_is_said(view):
    """A value that waits for review is named, and is not among the prices."""
    whole = of(view, showroom.HELD)
    assert [row["meter"] for row in whole.pending] == ["input"]
    assert whole.card.lines["input"].nano == 1_040_000_000
    assert "held for review" in plain(page_of(view, whole.offer))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (showroom.IMAGE, "Output image $0.40 per image"),
        (showroom.MINUTES, "Input $0.0001 per second"),
        (showroom.FREE, "it is free"),
    ],
)
def test_what_is_not_paid_by_the_token_shows_what_it_is_paid_by(view, name, words):
    """Images, seconds, and what is free."""
    provider, _, model = name.partition("/")
    assert words in plain(page_of(view, Offer(provider, model)))


def test_hostile_names_do_no_harm(view):
    """Every name is escaped, short enough, and has a page of its own."""
    for name in showroom.HOSTILE:
        provider, _, model = name.partition("/")
        html = page_of(view, Offer(provider, model))
        assert "<script>alert" not in html
        assert '"onmouseover="' not in html
        assert "\u202e" not in html
        assert "49" not in re.findall(r"<h1>.*?</h1>", html, re.DOTALL)[0]
        assert len(html) < 200_000


def test_a_page_needs_nothing_inline(view):
    """No style attribute and no script in the page: its policy forbids them."""
    html = page_of(view, STABLE)
    assert "style=" not in re.sub(r"<svg\b.*?</svg>", "", html, flags=re.DOTALL)
    scripts = re.findall(r"<script\b([^>]*)>", html)
    assert all("src=" in one or "application/json" in one for one in scripts)


def test_every_offer_has_a_page(view):
    """Those sold today and those that are gone, each with a mark."""
    paths = set(models.paths(view))
    assert len(paths) == len(view.offers)
    assert paths == set(models.marks(view))


def test_a_bare_name_leads_to_the_page(view, served):
    """A name as on the command line is sent to the page of its offer."""
    for name in (showroom.STABLE, f"openai/{showroom.STABLE}"):
        with pytest.raises(Elsewhere, match=f"^{re.escape(model_path(STABLE))}$"):
            models.made(view, f"models/{name}", {})
    found = served.get(f"/models/{showroom.STABLE}/")
    assert found.history[0].status_code == 307
    assert found.url.path == f"/{model_path(STABLE)}"
    assert found.status_code == 200


def test_an_unknown_name_suggests_the_nearest(view):
    """It is no page; the message names what could be meant."""
    with pytest.raises(NoPage, match=r"did you mean .*gpt-4\.1-mini"):
        models.made(view, "models/gpt-4.1-mni-2025-04-14/", {})
    with pytest.raises(NoPage, match="no model"):
        models.made(view, "models/a\0b/", {})
    with pytest.raises(NoPage, match=r"^$"):
        models.made(view, "models/", {})


def test_the_served_page_is_the_written_page(view, still):
    """But for the link to the API, which files have not."""
    live, written = page_of(view, STABLE), page_of(still, STABLE)
    assert "api/v1/history" in live
    assert "api/v1/history" not in written
    assert plain(written) == plain(live).replace(" From the API: history as JSON .", "")


def test_a_page_and_its_mark_change_only_with_its_data(own_room):
    """A sync that moves one model changes the marks of the pages that show it; pages
    whose marks stay are the same to the byte.
    """
    store = Store(own_room.url)
    before = view_of(store)
    marks = models.marks(before)
    sample = [showroom.MOVED, showroom.GONE, showroom.IMAGE, showroom.MINUTES]
    sample += ["hooli/model-53", "openai/gpt-4.1"]
    pages = {name: page_of(before, _named(name)) for name in sample}
    said = showroom.weeks()[max(showroom.weeks())]
    moved = edited(said, showroom.MINUTES, input_cost_per_second=0.0002)
    with freeze_time(showroom.NOW):
        own_room.sync(moved, "2026-11-22")
    after = view_of(store)
    changed = models.marks(after)
    for name in sample:
        path = model_path(_named(name))
        same = page_of(after, _named(name)) == pages[name]
        assert same or marks[path] != changed[path], name
    assert (
        marks[model_path(_named(showroom.MINUTES))]
        != changed[model_path(_named(showroom.MINUTES))]
    )
    kept = [path for path in marks if marks[path] == changed[path]]
    assert len(kept) > len(marks) / 2
    store.close()


def test_a_sync_that_changes_nothing_changes_no_mark_of_the_settled(own_room):
    """The same map again: only what is young and gains confidence is written anew."""
    store = Store(own_room.url)
    marks = models.marks(view_of(store))
    with freeze_time(showroom.NOW):
        own_room.sync(showroom.weeks()[max(showroom.weeks())], "2026-11-22")
    after = models.marks(view_of(store))
    store.close()
    changed = {path for path in marks if marks[path] != after[path]}
    young = {showroom.MOVED, showroom.CONFIRMED, showroom.HELD, showroom.HOSTILE[0]}
    assert changed <= {model_path(_named(name)) for name in young}


def _named(name):
    provider, _, model = name.partition("/")
    return Offer(provider, model)


def test_the_rows_are_the_same_on_both_databases(trail):
    """What the page is made from is read alike from SQLite and PostgreSQL."""
    trail.backfill(dict(list(showroom.weeks().items())[:8]))
    store = Store(trail.url)
    view = view_of(store)
    whole = whole_of(view, _named(showroom.CORRECTED))
    assert whole.card.lines["input"].nano == 1_500_000_000
    assert whole.card.lines["input"].basis == "corrected"
    assert whole.steady[0].since == showroom.FIRST
    days = [(day.at, day.capture.version) for day in whole.line.days]
    assert days == [
        (showroom.FIRST + timedelta(weeks=3), "1.103.0"),
        (showroom.FIRST, "1.100.0"),
    ]
    flapped = whole_of(view, _named(showroom.FLAPPED))
    judged = [e.judged for day in flapped.line.days for e in day.events if e.judged]
    assert [one.verdict for one in judged] == ["flap", "flap"]
    assert all(one.at is not None for one in judged)
    assert set(models.marks(view)) == set(models.paths(view))
    store.close()
