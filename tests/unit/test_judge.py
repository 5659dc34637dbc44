"""What other sellers and sources prove, what a card shares, what a story is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.books import (
    LATE,
    MOVE,
    Told,
    book,
    found,
    instant,
    one,
    verdict,
    wrong,
)
from tracker.domain.chronicle import Chronicle
from tracker.domain.judge import REASONS, judge, stories


@pytest.mark.parametrize(
    ("key", "maker", "expected"),
    [
        ("azure/gpt-realtime", "openai/gpt-realtime", wrong("copied")),
        ("acme/gpt-realtime", "openai/gpt-realtime", MOVE),
        ("azure/gpt-realtime", "openai/gpt-audio", MOVE),
    ],
)
def test_a_cloud_that_leaves_the_makers_price_of_audio(key, maker, expected):
    """On azure gpt-realtime's audio carried OpenAI's price until it got its own."""
    meter = "input.audio_token"
    told = {f"litellm {key}": {meter: "0:32 100:40"}}
    told[f"litellm {maker}"] = {meter: "0:32"}
    assert verdict(told, meter) == expected


def test_text_prices_of_clouds_often_move_first():
    """A cloud's text price that leaves the maker's is a move."""
    told = one("0:2 100:3", key="azure/gpt-9")
    assert verdict({**told, "litellm openai/gpt-9": {"input": "0:2"}}) == MOVE


@pytest.mark.parametrize(
    ("key", "parent", "story", "expected"),
    [
        ("vertex_ai/flash-tts", "vertex_ai/flash", "0:0.3", wrong("copied")),
        ("openai/gpt-4o-mini-tts", "openai/gpt-4o", "0:0.3", wrong("copied")),
        ("openai/ft:gpt-4o", "openai/gpt-4o", "0:0.3", wrong("copied")),
        ("vertex_ai/flash-tts", "vertex_ai/flash", "0:0.3 100:0.5", MOVE),
        ("vertex_ai/flash-tts", "vertex_ai/pro", "0:0.3", MOVE),
        ("vertex_ai/flash-tts", "gemini/flash", "0:0.3", MOVE),
        ("vertex_ai/flash-001", "vertex_ai/flash", "0:0.3", MOVE),
    ],
)
def test_a_variant_born_at_its_parents_price(key, parent, story, expected):
    """Flash's text price of 0.3 stood on its speech model, listed at 0.5; a dated
    snapshot at its parent's price is no copy.
    """
    told = one("0:0.3 100:0.5", key=key)
    assert verdict({**told, f"litellm {parent}": {"input": story}}) == expected


@pytest.mark.parametrize(
    ("witness", "expected"),
    [
        ("0:0.2", wrong("contradicted")),
        ("0:0.4 50:0.2", wrong("contradicted")),
        ("43:0.2", wrong("contradicted")),
        ("44:0.2", MOVE),
        ("60:0.2", MOVE),
        ("0:0.5 50:0.2", LATE),
        ("0:0.3", MOVE),
        ("0:0.495 40:0.2", LATE),
        ("120:0.2", MOVE),
    ],
)
def test_a_witness_that_never_saw_the_old_price(witness, expected):
    """An azure price that no meter ever showed was wrong; a witness that began
    after it, or never had the new price, proves nothing.
    """
    told = one("0:- 50:0.5 100:0.2", key="acme/m")
    told["litellm acme/m"]["output"] = "0:9"
    told["models-dev acme/m"] = {"input": witness}
    assert verdict(told) == expected


def test_what_was_there_before_the_first_capture_cannot_be_contradicted():
    """A price as old as our record may have been right before any witness looked."""
    told = one("0:0.5 100:0.2") | {"models-dev acme/m": {"input": "0:0.2"}}
    assert verdict(told) == MOVE


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        ("openrouter openrouter/openai/m", wrong("contradicted")),
        ("openrouter openrouter/openai/m:free", MOVE),
        ("openrouter openrouter/other/m", MOVE),
        ("openrouter openrouter/openai/m2", MOVE),
    ],
)
def test_a_routers_listing_speaks_for_the_maker(listing, expected):
    """OpenRouter lists OpenAI's model at OpenAI's price; not its free variant."""
    told = one("50:0.5 100:0.2", key="openai/m") | {listing: {"input": "0:0.2"}}
    assert verdict(told) == expected


@pytest.mark.parametrize(
    ("key", "maker", "story", "expected"),
    [
        ("azure/m", "openai/m", "0:0.8", wrong("contradicted")),
        ("azure/m", "vertex_ai/m", "0:0.8", wrong("contradicted")),
        ("azure/m", "acme/m", "0:0.8", MOVE),
        ("acme/m", "openai/m", "0:0.8", MOVE),
        ("azure/m-latest", "openai/m", "0:0.8", MOVE),
        ("azure/m", "openai/m", "60:0.8", MOVE),
        ("azure/m", "openai/m", "0:2.5 60:0.8", MOVE),
    ],
)
def test_a_cloud_is_measured_by_the_maker(key, maker, story, expected):
    """Haiku 3.5 cost 0.8 at Anthropic all the time; Bedrock's 2.5 was no price."""
    told = one("50:2.5 100:0.8", key=key) | {f"litellm {maker}": {"input": story}}
    assert verdict(told) == expected


def test_a_copy_of_our_source_moves_later_and_proves_nothing():
    """A witness that takes its prices from litellm follows it: no lateness there."""
    told = one("0:10 100:2", key="openai/o3")
    told["models-dev openai/o3"] = {"input": "0:10 103:2"}
    finding = found(told)
    assert (finding.verdict, finding.reason, finding.effective_at) == (*MOVE, None)


def test_a_late_move_is_dated_by_the_first_witness():
    """OpenAI cut o3 from 10 to 2 in 2025-06; who noticed first dates it."""
    told = one("0:10 100:2", key="openai/o3")
    told["models-dev openai/o3"] = {"input": "0:10 80:2"}
    told["openrouter openrouter/openai/o3"] = {"input": "0:10 70:2"}
    finding = found(told)
    assert (finding.verdict, finding.reason) == LATE
    assert finding.effective_at == instant(70)
    assert finding.evidence["by"] == "openrouter"


@pytest.mark.parametrize(("day", "late"), [(92, True), (93, True), (94, False)])
def test_within_our_own_interval_nobody_is_late(day, late):
    """A witness that moved between our last two looks shows the same day's move."""
    told = one("0:10 100:2", key="openai/o3")
    told["models-dev openai/o3"] = {"input": f"0:10 {day}:2"}
    finding = found(told)
    assert finding.verdict == "move"
    assert (finding.reason, finding.effective_at) == (
        ("late", instant(day)) if late else ("", None)
    )


@pytest.mark.parametrize(
    ("key", "days", "peer", "expected"),
    [
        ("acme/m", 16, None, wrong("launch_fix")),
        ("acme/m", 17, None, MOVE),
        ("acme/m-latest", 16, None, MOVE),
        ("acme/m", 14, "0:2 50:1", MOVE),
        ("acme/m", 14, "0:2 200:1", wrong("launch_fix")),
        ("acme/m", 14, "0:2 50:1.5", wrong("launch_fix")),
        ("acme/m", 14, "30:2 44:1", wrong("launch_fix")),
    ],
)
def test_a_launch_is_repaired_in_its_first_weeks(key, days, peer, expected):
    """Two weekly captures after birth a price is repaired, not moved, unless those
    who sold the model before moved alike.
    """
    told = one(f"40:2 {40 + days}:1", key=key)
    if peer:
        told["litellm globex/m"] = {"input": peer}
    assert verdict(told) == expected


def test_a_move_is_surer_with_time_and_witnesses():
    """Confidence grows with the weeks a price stands and the sources that agree."""
    young, old = one("0:2 986:1"), one("0:2 900:1")
    seen = {**old, "models-dev acme/m": {"input": "900:1"}}
    sure = [found(told).confidence for told in (young, old, seen)]
    assert sure == sorted(set(sure))
    assert found(old, hindsight=False).confidence == 0.5
    assert found(seen).evidence["confirmed_by"] == "models-dev"


CARD = {"models-dev acme/m": {"input": "0:0.2"}}
"""A witness who knew the input price all the time, and says nothing of output."""


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("50:4 100:2", wrong("contradicted")),
        ("50:4 100:2.5", MOVE),
        ("50:4 107:2", MOVE),
        ("50:4 100:4", None),
    ],
)
def test_a_card_is_judged_and_not_a_field(output, expected):
    """What is proved of the input holds for an output that moved alike that day."""
    told = one("50:0.4 100:0.2", output=output) | CARD
    assert verdict(told) == wrong("contradicted")
    if expected:
        assert verdict(told, "output") == expected


def test_a_slip_in_one_field_is_its_own():
    """A cached price in the wrong column says nothing of the other rates."""
    told = one("0:4 100:2", cache_read="0:4 100:2", output="0:8 100:4")
    told["litellm acme/m"]["cache_read"] = "0:4 100:0.5"
    assert verdict(told, "cache_read") == wrong("column_slip")
    assert verdict(told) == MOVE


def test_other_keys_do_not_share():
    """A proof for one key is none for another that moved by the same ratio."""
    told = one("50:0.4 100:0.2") | {"litellm acme/n": {"input": "50:4 100:2"}} | CARD
    said = book(told)
    verdicts = {said.steps[n].key: f.verdict for n, f in judge(said).items()}
    assert verdicts == {"acme/m": "correction", "acme/n": "move"}


def test_a_story_is_a_provider_a_day_and_a_ratio():
    """Two offers of a provider halved on one day are one story; a third that fell by
    less is another; a first price has no ratio.
    """
    told: Told = {
        "litellm acme/a": {"input": "0:2 100:1", "output": "0:0 100:1"},
        "litellm acme/b": {"input": "0:4 100:2"},
        "litellm acme/c": {"input": "0:4 100:3"},
    }
    said = book(told)
    by_id = stories(said, judge(said))
    tales = {(s.key[-1], s.meter): by_id[s.id] for s in said.steps}
    assert tales["a", "input"] == tales["b", "input"]
    assert tales["a", "input"] == "litellm/acme/2025-04-11/x0.5"
    assert tales["c", "input"] == "litellm/acme/2025-04-11/x0.75"
    assert tales["a", "output"].endswith("/placeholder_filled")


def retired(count, *, late_target=False):
    """So many retired models that become another's card, and their findings."""
    target = "100:1.25" if late_target else "0:1.25"
    told = {
        f"litellm xai/grok-{n}": {
            "input": f"90:{2 + n} 100:1.25",
            "output": f"90:{9 + n} 100:{target[-4:]}",
        }
        for n in range(count)
    } | {"litellm xai/zero": {"input": target, "output": target}}
    said = book(told)
    verdicts = {f.verdict for f in judge(said).values()}
    return verdicts, set(stories(said, judge(said)).values())


@pytest.mark.parametrize(
    ("count", "verdict_of_all", "tales"),
    [(1, "correction", 2), (2, "correction", 1), (3, "move", 1), (21, "move", 1)],
)
def test_models_served_by_another_are_one_story(count, verdict_of_all, tales):
    """21 xAI keys became one model's card on one day: one story, and a move, though
    each alone looks like the repair of its launch.
    """
    verdicts, told = retired(count)
    assert (verdicts, len(told)) == ({verdict_of_all}, tales)


def test_a_card_that_is_new_itself_is_no_redirect():
    """Models that move to a price which nobody had before are not redirected."""
    verdicts, told = retired(5, late_target=True)
    assert verdicts == {"correction"}
    assert len(told) > 1


def as_of(said: Chronicle, at) -> Chronicle:
    """What was known at an instant."""
    series = {
        place: {
            meter: tuple(
                replace(p, end=p.end if p.end and p.end <= at else None)
                for p in periods
                if p.start <= at
            )
            for meter, periods in card.items()
        }
        for place, card in said.series.items()
    }
    known = {p: {m: s for m, s in card.items() if s} for p, card in series.items()}
    steps = tuple(step for step in said.steps if step.at <= at)
    seen = {source: min(last, at) for source, last in said.last_at.items()}
    return Chronicle({p: c for p, c in known.items() if c}, said.offers, steps, seen)


def first_calls(told: Told):
    """Each step with its finding at first call, and by what was known then."""
    said = book(told)
    early = judge(said, hindsight=False)
    return [
        (early[s.id], judge(as_of(said, s.at), hindsight=False)[s.id])
        for s in said.steps
    ]


STORIES = st.lists(
    st.tuples(st.integers(0, 8), st.sampled_from(["1", "2", "2.5", "20", "0"])),
    min_size=1,
    max_size=4,
    unique_by=lambda point: point[0],
).map(lambda points: " ".join(f"{7 * n}:{price}" for n, price in sorted(points)))
ONE_SELLER = ("litellm openai/m", "models-dev openai/m")


@given(st.tuples(STORIES, STORIES, STORIES))
def test_a_first_call_knows_nothing_of_what_came_later(stories):
    """Judged without hindsight, a step is found to be what it was found to be then."""
    a, b, witness = stories
    told = {ONE_SELLER[0]: {"input": a, "output": b}, ONE_SELLER[1]: {"input": witness}}
    assert all(early == then for early, then in first_calls(told))


def test_a_first_call_does_not_look_at_peers_later_steps():
    """A launch repair is called one before its peers have moved alike, too."""
    told = one("40:2 54:1") | {"litellm globex/m": {"input": "0:2 61:1"}}
    assert all(early == then for early, then in first_calls(told))


def test_a_first_call_does_not_look_at_regions_later_prices():
    """A region's new price is no copy of what another region says a year later."""
    told = one("0:0.99 100:0.72", key="bedrock/llama3@us-east-1") | {
        "litellm bedrock/llama3@us-west-2": {"input": "0:0.72"},
        "litellm bedrock/llama3@eu-west-1": {"input": "0:0.5 400:0.99"},
    }
    assert all(early == then for early, then in first_calls(told))


def test_every_reason_is_explained():
    """Each reason that a rule gives has its words."""
    given_reasons = {"unit_error", "rounding", "flap", "late", "copied", "guessed", ""}
    assert given_reasons < REASONS.keys()
