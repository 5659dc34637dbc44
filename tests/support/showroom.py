"""A small database that shows something of everything the pages show."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun import freeze_time

from storage.types import text_instant
from tests.support import maps
from tests.support.maps import Map, edited
from tests.support.program import Trail

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""What the pages take for today: the day after the last sync's week."""
FIRST = datetime(2026, 8, 17, tzinfo=UTC)
WEEKS = 14
MISSED = 9
"""The week that was not synced: a gap in the strip of syncs."""

STABLE = "gpt-4.1-mini-2025-04-14"
"""OpenAI's; never moved, and llm-prices agrees."""
MOVED = "acme/model-01"
"""Input $1.01 → $0.80 in week 4 → $0.60 in week 11."""
CORRECTED = "globex/was-zero"
"""Zero until week 3: a placeholder that was filled."""
FLAPPED = "initech/model-03"
"""Its price was left in week 5 and taken again in week 6."""
HELD = "umbrella/model-04"
"""Its input is a hundred times of it in the last week: held for review."""
GONE = "hooli/model-05"
"""Sold until week 6."""
NEW = "acme/model-next"
"""Sold from the last week but one."""
DISPUTED = "acme/model-07"
"""llm-prices states another price."""
CONFIRMED = "hooli/model-11"
"""Its input moves in the last week but one, and llm-prices follows."""
FOLLOWED = 13
LEARNT = "globex/model-08"
"""It gains vision in the last week, and loses web search."""
FREE = "acme/free-model"
REGIONAL = "azure/eu/gpt-4o-2024-08-06"
IMAGE = maps.IMAGE
MINUTES = "acme/transcriber"
MISSPELT = "hooli/GPT 4_1"
"""Sold by a reseller under the name of a model that its maker spells otherwise."""
UNPRICED = "subscription/model-plus"
"""Listed without a price, by a provider that has nothing else."""
HOSTILE = (
    "acme/<script>alert(1)</script>",
    "acme/\u202egpj.exe",
    'acme/"onmouseover="alert(1)',
    "acme/../../etc/passwd",
    "acme/a?b#c%2e&d=e",
    "acme/\u6a21\u578b \U0001f600",
    "acme/" + "long" * 300,
    "acme/model.html",
    "acme/{{ 7*7 }}",
)
"""Names that anyone may write into a price list."""

_MINI: dict[str, Any] = {
    "litellm_provider": "openai",
    "mode": "chat",
    "max_input_tokens": 1047576,
    "max_output_tokens": 32768,
    "input_cost_per_token": 4e-07,
    "output_cost_per_token": 1.6e-06,
    "cache_read_input_token_cost": 1e-07,
    "input_cost_per_token_batches": 2e-07,
    "output_cost_per_token_batches": 8e-07,
    "input_cost_per_token_priority": 7e-07,
    "output_cost_per_token_priority": 2.8e-06,
    "deprecation_date": "2027-01-14",
    "supports_function_calling": True,
    "supports_parallel_function_calling": True,
    "supports_pdf_input": True,
    "supports_prompt_caching": True,
    "supports_response_schema": True,
    "supports_vision": True,
}


def weeks() -> dict[str, Map]:
    """The maps of litellm by file name, one a week, less the one that was missed."""
    found = {}
    said = _first()
    for week in range(WEEKS):
        for key, fields in _EDITS.get(week, []):
            said = edited(said, key, **fields)
        said = maps.without(said, *_LEAVING.get(week, []))
        if week != MISSED:
            found[f"{_day(week)}_1.{100 + week}.0.json"] = said
    return found


def others() -> dict[str, dict[str, dict[str, Any]]]:
    """The bodies of other sources, by source and file name, one in three weeks."""
    read = range(1, WEEKS, 3)
    return {
        "llm-prices": {f"{_day(week)}.json": _stated(week) for week in read},
        "openrouter": {f"{_day(WEEKS - 2)}.json": _part()},
    }


def fill(trail: Trail) -> None:
    """Fill a database with all of it, and judge it, three hours before `NOW`."""
    with freeze_time(NOW - timedelta(hours=3)):
        trail.backfill(weeks())
        for source, bodies in others().items():
            folder = trail.folder / source
            folder.mkdir()
            for name, said in bodies.items():
                trail.file(said, f"{source}/{name}")
            trail("backfill", source, "--from-dir", str(folder))
    text_instant.cache_clear()  # of instants of the frozen clock's own kind


def _day(week: int) -> str:
    return (FIRST + timedelta(weeks=week)).date().isoformat()


def _first() -> Map:
    """The first week's map."""
    said = maps.small_map()
    said = edited(said, STABLE, **_MINI)
    said = edited(said, "gpt-4.1", **{**_MINI, **_chat(2e-06)})
    said = edited(said, CORRECTED, **{**_chat(0), "output_cost_per_token": 0})
    said = edited(said, FREE, **_chat(0))
    said = edited(said, REGIONAL, **{**_chat(2.75e-06), "litellm_provider": "azure"})
    said = edited(
        said,
        "azure/gpt-4o-2024-08-06",
        **{**_chat(2.5e-06), "litellm_provider": "azure"},
    )
    said = edited(
        said, MINUTES, mode="audio_transcription", input_cost_per_second=0.0001
    )
    said = edited(
        said,
        "acme/long-context",
        **_chat(1.25e-06),
        input_cost_per_token_above_200k_tokens=2.5e-06,
        output_cost_per_token_above_200k_tokens=1.5e-05,
        search_context_cost_per_query={"search_context_size_low": 0.035},
    )
    said = edited(said, MISSPELT, **{**_chat(0), "litellm_provider": "hooli"})
    said = edited(said, LEARNT, supports_web_search=True)
    said = edited(said, UNPRICED, mode="chat", max_input_tokens=8000)
    for number, name in enumerate(HOSTILE):
        said = edited(said, name, **_chat((200 + number) * 1e-08))
    return said


def _chat(price: float) -> dict[str, Any]:
    """A card of a model that people chat with; output costs four times the input."""
    return {
        "mode": "chat",
        "input_cost_per_token": price,
        "output_cost_per_token": 4 * price,
        "max_input_tokens": 128000,
    }


_EDITS: dict[int, list[tuple[str, dict[str, Any]]]] = {
    3: [(CORRECTED, _chat(1.5e-06))],
    4: [(MOVED, {"input_cost_per_token": 8e-07})],
    5: [(FLAPPED, {"input_cost_per_token": 1.5e-06})],
    6: [(FLAPPED, {"input_cost_per_token": 1.03e-06})],
    8: [(HOSTILE[0], {"input_cost_per_token": 1.5e-06})],
    11: [(MOVED, {"input_cost_per_token": 6e-07, "output_cost_per_token": 3e-06})],
    12: [
        (NEW, {**_chat(9e-07), "litellm_provider": "acme"}),
        (CONFIRMED, {"input_cost_per_token": 1.6e-06}),
    ],
    13: [
        (HELD, {"input_cost_per_token": 1.04e-04}),
        (LEARNT, {"supports_vision": True, "supports_web_search": ...}),
    ],
}
_LEAVING = {6: [GONE]}


def _stated(week: int) -> dict[str, Any]:
    """What llm-prices.com says of some of the same models."""
    cards = {f"openai/{STABLE}": (0.4, 1.6), "openai/gpt-4.1": (2, 8)}
    for number in range(6, 52):
        provider = maps.PROVIDERS[number % len(maps.PROVIDERS)]
        price = (100 + number) / 100
        cards[f"{provider}/model-{number:02}"] = (price, round(4 * price, 2))
    cards[DISPUTED] = (1.2, 4.28)
    if week >= FOLLOWED:
        cards[CONFIRMED] = (1.6, 4.44)
    prices = [
        {
            "vendor": name.partition("/")[0],
            "id": name.partition("/")[2],
            "name": name.partition("/")[2].title(),
            "input": cost[0],
            "output": cost[1],
        }
        for name, cost in cards.items()
    ]
    return {"updated_at": _day(week), "prices": prices}


def _part() -> dict[str, Any]:
    """A list that is far too short for OpenRouter's: the whole capture is held."""
    pricing = {"prompt": "0.0000009", "completion": "0.000003"}
    return {"data": [{"id": MOVED, "name": "Model 01", "pricing": pricing}]}


def fill_a_little(trail: Trail) -> None:
    """Fill a database with three models of one source, one of which moves."""
    folder = trail.folder / "cerebras"
    folder.mkdir()
    with freeze_time(NOW - timedelta(hours=3)):
        for week, price in ((0, "0.0000004"), (6, "0.0000003")):
            costs = {"small": price, "medium": "0.0000008", "large": "0.000002"}
            trail.file(_cerebras(costs), f"cerebras/{_day(week)}.json")
        trail("backfill", "cerebras", "--from-dir", str(folder))
    text_instant.cache_clear()


def _cerebras(costs: dict[str, str]) -> dict[str, Any]:
    listed = [
        {
            "id": name,
            "name": name.title(),
            "pricing": {"prompt": cost, "completion": cost},
            "capabilities": {"vision": False, "tools": True, "reasoning": True},
            "limits": {"max_context_length": 131072, "max_completion_tokens": 40960},
        }
        for name, cost in costs.items()
    ]
    return {"object": "list", "data": listed}
