"""What is read from the two files of llm-prices.com."""

import contextlib
import json
import random
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import llm_prices
from crawler.pages.bundle import Part, pack
from tracker.domain.errors import UnreadableBody
from tracker.domain.money import plain
from tracker.domain.quotes import Document, Statement
from tracker.domain.schedule import in_effect

CURRENT = "samples/simonw-llm-prices/2026-08-05__current-v1.json"
HISTORICAL = "samples/simonw-llm-prices/2026-08-05__historical-v1.json"
HOME = "https://www.llm-prices.com"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


def record(
    model: Any = "m-1",
    vendor: Any = "acme",
    prices: tuple[Any, Any, Any] = (3, 15, None),
    **fields: Any,
) -> dict[str, Any]:
    """One record of `current-v1.json`."""
    price, output, cached = prices
    return {
        "id": model,
        "vendor": vendor,
        "name": "M 1",
        "input": price,
        "output": output,
        "input_cached": cached,
        **fields,
    }


def period(
    first: str | None, end: str | None, *prices: Any, **fields: Any
) -> dict[str, Any]:
    """One record of `historical-v1.json`."""
    three = (*prices, None, None, None)[:3]
    return record(prices=three, from_date=first, to_date=end, **fields)


def body_of(*records: Any, **top: Any) -> bytes:
    """A file as the site serves it."""
    return json.dumps({**top, "prices": list(records)}).encode()


def both(current: bytes, historical: bytes) -> bytes:
    """The two files in one capture."""
    parts = {"current-v1.json": current, "historical-v1.json": historical}
    return pack(Part(f"{HOME}/{name}", body) for name, body in parts.items())


def said_of(read: Document, key: str = "acme/m-1") -> Statement:
    """What a body says of one model, with its periods."""
    return llm_prices.flatten(key, read.entries[key])


def on(day: str, body: bytes, key: str = "acme/m-1") -> dict[str, str]:
    """The prices of a day, in dollars per million."""
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    said = in_effect(said_of(llm_prices.parse(body), key), at)
    return {meter: plain(quote.price_nano) for meter, quote in said.quotes.items()}


RISE = (
    period(None, "2026-09-01", 2, 10),
    period("2026-09-01", None, 3, 15),
)


def test_prices_are_dollars_a_million() -> None:
    """The three columns are prices per million tokens; null is none."""
    body = body_of(record(prices=(0.3, 2.5, 0.03)))
    assert on("2026-08-05", body) == {
        "input": "0.3",
        "output": "2.5",
        "cache_read": "0.03",
    }
    assert on("2026-08-05", body_of(record())) == {"input": "3", "output": "15"}


def test_a_period_ends_before_its_last_date() -> None:
    """`to_date` is the first day on which a price holds no more."""
    body = body_of(*RISE)
    assert on("2026-08-31", body) == {"input": "2", "output": "10"}
    assert on("2026-09-01", body) == {"input": "3", "output": "15"}


def test_a_price_that_is_to_come_is_not_a_price() -> None:
    """What is announced is kept with its days, and is no rate before them."""
    said = said_of(llm_prices.parse(body_of(*RISE)))
    assert said.quotes == {}
    first, second = said.dated["input"]
    assert (first.effective_from, first.effective_to) == (None, date(2026, 9, 1))
    assert (second.effective_from, second.effective_to) == (date(2026, 9, 1), None)
    assert second.field == "historical.2026-09-01.input"


def test_the_whole_history_is_a_fact() -> None:
    """Past and future prices are told beside the one of the day."""
    at = datetime(2026, 8, 5, tzinfo=UTC)
    said = in_effect(said_of(llm_prices.parse(body_of(*RISE))), at)
    steps = json.loads(said.facts["schedule:output"])
    assert [(s["price"], s["from"], s["to"]) for s in steps] == [
        ("10", None, "2026-09-01"),
        ("15", "2026-09-01", None),
    ]


def test_a_price_of_the_first_file_may_be_one_to_come() -> None:
    """Beside the second file the first one does not bring a future price forward."""
    body = both(body_of(record(prices=(3, 15, None))), body_of(*RISE))
    assert on("2026-08-05", body) == {"input": "2", "output": "10"}
    assert on("2026-10-01", body) == {"input": "3", "output": "15"}


def test_the_first_file_alone_warns() -> None:
    """Without days an announced price cannot be told from one that holds."""
    alone = llm_prices.parse(body_of(record(), updated_at="2026-08-05"))
    assert "historical-v1.json" in alone.notes[0]
    assert llm_prices.parse(body_of(*RISE)).notes == ()


def test_a_price_in_only_one_file_is_read() -> None:
    """A model that one of them does not know is read from the other."""
    body = both(body_of(record("m-2")), body_of(*RISE))
    assert on("2026-08-05", body, "acme/m-2") == {"input": "3", "output": "15"}


def test_a_price_that_the_history_does_not_know_is_held() -> None:
    """The files contradict each other: neither is believed, on that meter only."""
    body = both(body_of(record(prices=(7, 15, None))), body_of(*RISE))
    said = said_of(llm_prices.parse(body))
    assert [(p.reason, p.meter and p.meter.key) for p in said.problems] == [
        ("conflict", "input")
    ]
    assert on("2026-10-01", body) == {"output": "15"}


def test_equal_records_count_once() -> None:
    """Twice the same price under two names is one price."""
    body = body_of(
        period(None, None, 0.2, 0.5, name="Grok 4 Fast"),
        period(None, None, 0.2, 0.5, name="Grok 4 Fast ≤128k"),
    )
    said = said_of(llm_prices.parse(body))
    assert (len(said.quotes), said.problems) == (2, ())
    assert said.facts["name"] == "Grok 4 Fast"


@pytest.mark.parametrize(
    "periods",
    [
        (period(None, None, 2, 10), period(None, None, 3, 10)),
        (period(None, None, 2, 10), period("2026-09-01", None, 3, 10)),
        (period(None, "2026-09-02", 2, 10), period("2026-09-01", None, 3, 10)),
        (period("2026-01-01", "2026-05-01", 2, 10), period(None, "2026-02-01", 3, 10)),
    ],
)
def test_periods_that_overlap_and_differ_are_held(
    periods: tuple[dict[str, Any], ...],
) -> None:
    """Two prices for one day are a conflict, whichever comes first."""
    for records in (periods, periods[::-1]):
        said = said_of(llm_prices.parse(body_of(*records)))
        assert [(p.reason, p.meter and p.meter.key) for p in said.problems] == [
            ("conflict", "input")
        ]
        assert "input" not in {**said.quotes, **said.dated}


def test_a_gap_between_periods_has_no_price() -> None:
    """Nothing is said of days between two periods."""
    body = body_of(period(None, "2026-01-01", 2, 10), period("2026-03-01", None, 3, 15))
    assert on("2026-02-01", body) == {}


@pytest.mark.parametrize(
    ("first", "end"),
    [
        ("soon", None),
        (20260901, None),
        (None, "2026-02-30"),
        ("2026-09-01", "2026-09-01"),
        ("2026-09-02", "2026-09-01"),
        ("２０２６-09-01", None),
    ],
)
def test_days_that_are_none_hold_the_model(first: Any, end: Any) -> None:
    """A price whose days cannot be read may hold at any time: nothing is believed."""
    said = said_of(llm_prices.parse(body_of(period(first, end, 3, 15))))
    assert ("not_a_date", None) in {(p.reason, p.meter) for p in said.problems}


@pytest.mark.parametrize(
    ("vendor", "model", "name", "offer"),
    [
        ("google", "gemini-2.5-pro", "Gemini 2.5 Pro ≤200k", "gemini/gemini-2.5-pro"),
        (
            "google",
            "gemini-3-1-pro-preview",
            "Gemini 3.1 Pro ≤200k",
            "gemini/gemini-3.1-pro-preview",
        ),
        ("google", "gemini-1.5-flash-8b", "Flash-8B", "gemini/gemini-1.5-flash-8b"),
        ("amazon", "amazon-nova-pro", "Amazon Nova Pro", "amazon_nova/nova-pro-v1"),
        ("anthropic", "claude-3.5-haiku", "Claude", "anthropic/claude-3-5-haiku"),
        ("anthropic", "claude-4.5-haiku", "Claude", "anthropic/claude-haiku-4-5"),
        ("anthropic", "claude-sonnet-4.5", "Claude", "anthropic/claude-sonnet-4-5"),
        ("anthropic", "claude-opus-4-8", "Claude", "anthropic/claude-opus-4-8"),
        ("anthropic", "claude-fable-5", "Claude", "anthropic/claude-fable-5"),
        (
            "anthropic",
            f"claude-{'9' * 5000}-x",
            "C",
            f"anthropic/claude-{'9' * 5000}-x",
        ),
        ("meta-ai", "muse-spark-1.1", "Muse Spark 1.1", "meta/muse-spark-1.1"),
        ("minimax", "minimax-m2", "MiniMax M2", "minimax/MiniMax-M2"),
        ("moonshot-ai", "kimi-k2-thinking", "Kimi", "moonshot/kimi-k2-thinking"),
        ("qwen", "qwen3.6-plus", "Qwen3.6 Plus ≤256k", "dashscope/qwen3.6-plus"),
        ("openai", "gpt-4-32k", "GPT-4 32k", "openai/gpt-4-32k"),
        ("xai", "grok-4.3", "Grok 4.3 ≤200k", "xai/grok-4.3"),
        ("new-ai", "x/y", "X", "new-ai/x/y"),
    ],
)
def test_offers_are_named_as_in_litellms_map(
    vendor: str, model: str, name: str, offer: str
) -> None:
    """Vendors and models get litellm's names where a rule gives them."""
    read = llm_prices.parse(body_of(record(model, vendor, name=name)))
    assert said_of(read, f"{vendor}/{model}").offer.text == offer


def test_long_prompts_are_the_same_model_above_a_context() -> None:
    """`gemini-2.5-pro-200k` is no model, but long prompts of gemini-2.5-pro."""
    body = body_of(
        record(
            "gemini-2.5-pro-200k",
            "google",
            (2.5, 15, 0.25),
            name="Gemini 2.5 Pro >200k",
        )
    )
    key = "google/gemini-2.5-pro-200k"
    assert said_of(llm_prices.parse(body), key).offer.text == "gemini/gemini-2.5-pro"
    assert on("2026-08-05", body, key) == {
        "input@>200k": "2.5",
        "output@>200k": "15",
        "cache_read@>200k": "0.25",
    }


def test_tokens_of_images_are_another_unit() -> None:
    """A record for image tokens and one for text tokens are one model's meters."""
    name = "gpt-image-2 (image gen) {} tokens"
    body = body_of(
        record("gpt-image-2-image", "openai", (8, 30, 2), name=name.format("image")),
        record("gpt-image-2-text", "openai", (5, 10, 1.25), name=name.format("text")),
    )
    read = llm_prices.parse(body)
    keys = ("openai/gpt-image-2-image", "openai/gpt-image-2-text")
    assert {said_of(read, key).offer.text for key in keys} == {"openai/gpt-image-2"}
    assert on("2026-08-05", body, keys[0]) == {
        "input.image_token": "8",
        "output.image_token": "30",
        "cache_read.image_token": "2",
    }
    assert on("2026-08-05", body, keys[1])["input"] == "5"


def test_names_that_mean_two_things_hold_the_model() -> None:
    """One id for short and for long prompts cannot be taken apart."""
    body = body_of(record(name="M 1"), record(name="M 1 >200k"))
    said = said_of(llm_prices.parse(body))
    assert ("conflict", None) in {(p.reason, p.meter) for p in said.problems}


def test_an_unknown_column_is_kept_and_counted() -> None:
    """A price in a column not met before is on an unknown meter."""
    said = said_of(llm_prices.parse(body_of(record(output_audio=12))))
    assert said.unknown == 1
    assert "unknown.unknown;field=current.output_audio" in said.quotes


@pytest.mark.parametrize("column", ["id", "vendor", "input", "output"])
def test_without_one_of_its_columns_a_file_is_refused(column: str) -> None:
    """A file whose column was renamed has no price that could be taken for another."""
    renamed = {f"{k}_usd" if k == column else k: v for k, v in record().items()}
    with pytest.raises(UnreadableBody, match=f"no record has '{column}'"):
        llm_prices.parse(body_of(renamed))


def test_a_file_that_is_missing_leaves_a_part() -> None:
    """Without one of its files a capture proves nothing by its silence."""
    url = f"{HOME}/historical-v1.json"
    part = Part(f"{HOME}/current-v1.json", body_of(record()))
    read = llm_prices.parse(pack([part], missing=[url]))
    assert not read.complete
    assert f"{url} is missing" in read.notes
    assert llm_prices.parse(both(body_of(record()), body_of(*RISE))).complete


def test_a_record_without_a_name_is_ignored_by_place() -> None:
    """What names no model is listed as ignored, not lost."""
    read = llm_prices.parse(body_of(record(), record(None), record(vendor="")))
    assert read.ignored == ("current.1", "current.2")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>404</title>",
        b"[]",
        b'{"prices": []}',
        b'{"prices": {"gpt-4o": {"input": 1}}}',
        b'{"prices": [1, 2]}',
        b'{"data": [{"id": "a/b", "pricing": {"prompt": "1"}}]}',
        body_of(record())[:-5],
        both(body_of(record()), b"<html>"),
    ],
)
def test_another_document_is_refused_in_one_line(body: bytes) -> None:
    """What is neither of the files is unreadable, and one line tells why."""
    with pytest.raises(UnreadableBody) as told:
        llm_prices.parse(body)
    assert str(told.value).startswith("llm-prices")
    assert "\n" not in str(told.value)


@given(st.binary() | JSON.map(json.dumps).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No bytes make the parser fail in another way."""
    for whole in (body, b'{"prices": [' + body + b"]}"):
        with contextlib.suppress(UnreadableBody):
            llm_prices.parse(whole)


@given(
    st.lists(st.dictionaries(st.sampled_from([*period(None, None), "new"]), JSON)),
    st.lists(st.dictionaries(st.sampled_from([*record()]), JSON)),
)
def test_any_records_are_read(dated: Any, current: Any) -> None:
    """No value makes a model fail; what it states has meters that can be stored."""
    entry = {"historical": dated, "current": current}
    said = llm_prices.flatten("anthropic/x", entry)
    assert all(key == quote.meter.key for key, quote in said.quotes.items())
    in_effect(said, datetime(2026, 8, 5, tzinfo=UTC))


def test_the_captured_bodies(shared) -> None:
    """Each file alone and both together give 141 models with their 358 prices."""
    current = (shared / CURRENT).read_bytes()
    historical = (shared / HISTORICAL).read_bytes()
    at = datetime(2026, 8, 5, tzinfo=UTC)
    told = {}
    for body in (current, historical, both(current, historical)):
        read = llm_prices.parse(body)
        said = {key: in_effect(said_of(read, key), at) for key in read.entries}
        assert len(said) == 141
        assert sum(len(one.quotes) for one in said.values()) == 358
        assert not any(one.problems or one.unknown for one in said.values())
        told[body] = said
    for key, one in told[historical].items():
        assert one.quotes == told[both(current, historical)][key].quotes


@pytest.mark.parametrize(
    ("day", "key", "expected"),
    [
        ("2026-08-05", "anthropic/claude-sonnet-5", ("2", "10", None)),
        ("2026-09-01", "anthropic/claude-sonnet-5", ("3", "15", None)),
        ("2025-02-07", "deepseek/deepseek-chat", ("0.14", "0.28", None)),
        ("2025-02-08", "deepseek/deepseek-chat", ("0.27", "1.1", None)),
        ("2026-07-29", "openai/gpt-5.6-luna", ("1", "6", "0.1")),
        ("2026-07-30", "openai/gpt-5.6-luna", ("0.2", "1.2", "0.02")),
        ("2026-08-05", "google/gemini-3.5-flash", ("1.5", "9", "0.15")),
        ("2026-08-05", "amazon/amazon-nova-micro", ("0.035", "0.14", None)),
    ],
)
def test_known_prices_of_the_captured_bodies(
    shared, day: str, key: str, expected: tuple[str, str, str | None]
) -> None:
    """Prices that were looked up in the files are read as they stand, by day."""
    body = both((shared / CURRENT).read_bytes(), (shared / HISTORICAL).read_bytes())
    read = on(day, body, key)
    assert (read["input"], read["output"], read.get("cache_read")) == expected


@pytest.mark.parametrize("name", [CURRENT, HISTORICAL])
def test_a_damaged_capture_is_read_or_refused(shared, name: str) -> None:
    """Cut off or with bytes flipped it gives a document or a reason."""
    body = (shared / name).read_bytes()
    chance = random.Random(1)  # noqa: S311
    for at in range(0, len(body), 997):
        with pytest.raises(UnreadableBody):
            llm_prices.parse(body[:at])
    for _ in range(60):
        damaged = bytearray(body)
        damaged[chance.randrange(len(body))] = chance.randrange(256)
        with contextlib.suppress(UnreadableBody):
            read = llm_prices.parse(bytes(damaged))
            for key in read.entries:
                said_of(read, key)
