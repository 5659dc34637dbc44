"""Small price maps of our own making, in litellm's form."""

import copy
import json
from typing import Any

Map = dict[str, dict[str, Any]]

SIZE = 60
"""How many models a map has; a source's floor is 50."""

PROVIDERS = ("openai", "acme", "globex", "initech", "umbrella", "hooli")
KEY = "acme/model-01"
"""The model that most tests edit."""
OFFERS = ("input", "output", "cache_read")
IMAGE = "hooli/model-59"
DBU = "databricks/dbrx-60"


def small_map() -> Map:
    """Sixty models with prices of their own, one of them billed by the image, and
    one more billed in Databricks units.
    """
    made = {_key(n): _entry(n) for n in range(SIZE)}
    made[IMAGE] = {
        "litellm_provider": "hooli",
        "mode": "image_generation",
        "output_cost_per_image": 0.4,
    }
    made[DBU] = {
        "litellm_provider": "databricks",
        "mode": "chat",
        "input_dbu_cost_per_token": 1.3e-05,
        "input_cost_per_token": 9.1e-07,
    }
    return made


def _key(number: int) -> str:
    return f"{PROVIDERS[number % len(PROVIDERS)]}/model-{number:02d}"


def _entry(number: int) -> dict[str, Any]:
    base = 100 + number
    return {
        "litellm_provider": PROVIDERS[number % len(PROVIDERS)],
        "mode": "chat",
        "max_input_tokens": 128000,
        "input_cost_per_token": float(f"{base}e-8"),
        "output_cost_per_token": float(f"{4 * base}e-8"),
        "cache_read_input_token_cost": float(f"{base}e-9"),
    }


def edited(before: Map, key: str = KEY, **fields: Any) -> Map:
    """The map with fields of one entry set; `...` removes a field."""
    after = copy.deepcopy(before)
    entry = after.setdefault(key, {"litellm_provider": key.split("/", maxsplit=1)[0]})
    for name, value in fields.items():
        if value is ...:
            del entry[name]
        else:
            entry[name] = value
    return after


def without(before: Map, *keys: str) -> Map:
    """The map without some entries."""
    return {k: copy.deepcopy(e) for k, e in before.items() if k not in keys}


def renamed(before: Map, old: str, new: str) -> Map:
    """The map with one entry under another key."""
    return {new if k == old else k: copy.deepcopy(e) for k, e in before.items()}


def body(value: Any) -> bytes:
    """The value as JSON; `NaN` and the like as Python writes them."""
    return json.dumps(value, indent=2).encode()


def with_literal(before: Map, field: str, literal: str, key: str = KEY) -> bytes:
    """The map's body with a field set to text that is written as it stands."""
    mark = "a literal goes here"
    return body(edited(before, key, **{field: mark})).replace(
        f'"{mark}"'.encode(), literal.encode()
    )
