"""Real answers, cut short, as the OpenAPI document and its page show them.

They are made from three years of litellm's maps by tests/web/test_api_docs.py.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import orjson


@cache
def examples() -> dict[str, Any]:
    """An answer for each endpoint, by the endpoint's name."""
    path = files("tracker.web.api") / "examples.json"
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found
