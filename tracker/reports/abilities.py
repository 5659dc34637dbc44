"""Capabilities and limits in words: what they are called, and what became of them.

Sources state them as facts: yes or no, a number, a word, or a list of words. Pure.
"""

import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from tracker.reports.wording import THIN, listed, short

WORDS = 60
"""How long a value may be in a line."""
FEW = 6
"""How many words of a list are named."""

_TITLES = {
    "max_input_tokens": "context window",
    "max_output_tokens": "max output",
    "supported_modalities": "inputs",
    "supported_output_modalities": "outputs",
    "supported_endpoints": "endpoints",
    "supports_function_calling": "tools",
    "supports_parallel_function_calling": "parallel tools",
    "supports_response_schema": "JSON schema",
    "supports_native_structured_output": "native JSON schema",
    "supports_pdf_input": "PDF input",
    "supports_url_context": "URL context",
}
_LIMITS = ("max_input_tokens", "max_output_tokens")
_PREFIX = "supports_"
_PLAIN = {"true": "yes", "false": "no"}


def titled(fact: str) -> str:
    """What people call it: `tools` for `supports_function_calling`; what has no name
    of its own loses its prefix: `web search`.
    """
    plain = fact.removeprefix(_PREFIX).replace("_", " ")
    return _TITLES.get(fact) or short(plain)


def became(fact: str, old: str | None, new: str | None) -> tuple[str, int]:
    """What a fact is now, and was: `+ /v1/batch`, `no → yes`; and how many words of a
    list are only counted.

    Args:
        fact: its name.
        old: its value as sources stated it; None if it was not stated.
        new: the same now.
    """
    before, after = _words_in(old), _words_in(new)
    if before is not None and after is not None:
        return _apart(before, after)
    was, left = _told(fact, old)
    now, more = _told(fact, new)
    if new is None:
        return f"no longer stated, was {was}", left
    return (now, more) if old is None else (f"{was} → {now}", left + more)


def same(old: str | None, new: str | None) -> bool:
    """Whether two values mean the same: `1000000.0` is `1000000`, and a list in
    another order is the same list.
    """
    if old is None or new is None:
        return old == new
    before, after = _words_in(old), _words_in(new)
    if before is not None and after is not None:
        return set(before) == set(after)
    number = _number(old)
    return old == new or (number is not None and number == _number(new))


def _words_in(value: str | None) -> list[str] | None:
    """A list of words; None if the value is something else."""
    if value is None or not value.startswith("["):
        return None
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    plain = isinstance(found, list) and all(isinstance(word, str) for word in found)
    return found if plain else None


def _apart(before: list[str], after: list[str]) -> tuple[str, int]:
    """What a list gained, then what it lost."""
    gained = [word for word in dict.fromkeys(after) if word not in before]
    lost = [word for word in dict.fromkeys(before) if word not in after]
    signed = [f"+ {short(word, WORDS)}" for word in gained]
    return _few([*signed, *(f"− {short(word, WORDS)}" for word in lost)])


def _few(words: Iterable[str]) -> tuple[str, int]:
    told, left = listed(words, FEW)
    return f"{told}{f' and {left} more' if left else ''}" or "none", left


def _told(fact: str, value: str | None) -> tuple[str, int]:
    """A value in words; nothing for one that is not stated."""
    if value is None:
        return "", 0
    words = _words_in(value)
    if words is not None:
        return _few(words)
    number = _number(value) if fact in _LIMITS else None
    if number is not None:
        return f"{number:,f}".replace(",", THIN), 0
    return _PLAIN.get(value) or short(value, WORDS) or "empty", 0


def _number(value: str) -> Decimal | None:
    """A number as whole as it is; None if the value is none."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= 10**15:
        return None
    return number.quantize(1) if number == number.to_integral_value() else number
