"""Meters: what is billed, as a value with a stable text key.

A meter is a component (`input`, `cache_write`, ...), the unit it is counted in,
a service tier, the context length from which it holds, and qualifiers. Its key
is what people read, store and script against:

    component[.unit][+tier][@>context][;name=value]...

    input   output.audio_token   input+priority@>272k   cache_write;ttl=1h

The unit `token` and the tier `standard` are left out. `parse` and `format` are
inverse to each other.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from tracker.domain.errors import UsageError

STANDARD = "standard"
UNKNOWN = "unknown"

MILLION = 1_000_000
_PER_MILLION = ("character", "pixel")

_NAME = r"[A-Za-z0-9_.%-]+"
_KEY = re.compile(
    rf"(?P<component>[a-z0-9_]+)(?:\.(?P<unit>[a-z0-9_]+))?"
    rf"(?:\+(?P<tier>[a-z0-9_]+))?(?:@>(?P<context>[0-9]{{1,15}}[km]?))?"
    rf"(?P<qualifiers>(?:;{_NAME}=(?:{_NAME})?)*)"
)
_PLAIN = re.compile(r"[a-z0-9_]+")
_FIRST = ("input", "output", "cache_read", "cache_write", "reasoning")
"""Components that people look for first, in this order."""


@dataclass(frozen=True, slots=True)
class Meter:
    """One billable thing.

    Attributes:
        component: what is used: input, output, cache_read, search, ...
        unit: what is counted: token, audio_token, image, second, query, ...
        tier: the service tier: standard, batch, flex, priority, ...
        context_above: tokens of context above which the rate holds; 0 if always.
        qualifiers: sorted (name, value) pairs, e.g. `(("ttl", "1h"),)`.
    """

    component: str
    unit: str = "token"
    tier: str = STANDARD
    context_above: int = 0
    qualifiers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for part in (self.component, self.unit, self.tier):
            if not _PLAIN.fullmatch(part):
                raise ValueError(f"not a meter word: {part!r}")
        if list(self.qualifiers) != sorted(set(self.qualifiers)):
            raise ValueError(f"qualifiers not sorted: {self.qualifiers!r}")

    @property
    def key(self) -> str:
        """The meter's stable text."""
        return meter_key(self)

    @property
    def quantum(self) -> int:
        """How many units the stored price is for: 1,000,000 or 1."""
        return quantum_of(self.unit)

    def qualified(self, extra: tuple[tuple[str, str], ...]) -> "Meter":
        """The same meter with further qualifiers."""
        merged = tuple(sorted({*self.qualifiers, *extra}))
        return Meter(self.component, self.unit, self.tier, self.context_above, merged)


def quantum_of(unit: str) -> int:
    """Units that one stored price is for: a million tokens, or a single image."""
    return MILLION if unit.endswith("token") or unit in _PER_MILLION else 1


def per_text(quantum: int, unit: str) -> str:
    """The quantum in words a table can carry: `1M token`, `image`."""
    return f"1M {unit}" if quantum == MILLION else unit


@lru_cache(maxsize=8192)
def meter_key(meter: Meter) -> str:
    """Write a meter as its key."""
    unit = "" if meter.unit == "token" else f".{meter.unit}"
    tier = "" if meter.tier == STANDARD else f"+{meter.tier}"
    context = f"@>{tokens_text(meter.context_above)}" if meter.context_above else ""
    rest = "".join(f";{_quote(n)}={_quote(v)}" for n, v in meter.qualifiers)
    return f"{meter.component}{unit}{tier}{context}{rest}"


def meter_place(key: str) -> tuple[bool, int, str]:
    """Where a meter stands in a list: plain input and output first."""
    component = key
    for mark in ".+@;":
        component = component.partition(mark)[0]
    first = _FIRST.index(component) if component in _FIRST else len(_FIRST)
    return (key != component, first, key)


@lru_cache(maxsize=8192)
def parse_meter(key: str) -> Meter:
    """Read a meter's key.

    Raises:
        UsageError: the text is not a meter key.
    """
    found = _KEY.fullmatch(key)
    try:
        if found is not None:
            return _meter_of(found)
    except UnicodeDecodeError:
        pass  # escaped bytes that are no text
    raise UsageError(
        f"{key!r} is not a meter; meters look like input, cache_read, "
        "input+batch, input@>200k or output.audio_token"
    )


def _meter_of(found: re.Match[str]) -> Meter:
    pairs = (part.split("=") for part in found["qualifiers"].split(";")[1:])
    return Meter(
        component=found["component"],
        unit=found["unit"] or "token",
        tier=found["tier"] or STANDARD,
        context_above=tokens_number(found["context"] or "0"),
        qualifiers=tuple(sorted({(_unquote(n), _unquote(v)) for n, v in pairs})),
    )


def tokens_text(tokens: int) -> str:
    """200000 as `200k`, 1000000 as `1m`, 131072 as it is."""
    if tokens % MILLION == 0:
        return f"{tokens // MILLION}m"
    return f"{tokens // 1000}k" if tokens % 1000 == 0 else str(tokens)


def tokens_number(text: str) -> int:
    """`200k` as 200000; also reads plain digits and `1m`."""
    scale = {"k": 1000, "m": MILLION}.get(text[-1:].lower(), 1)
    return int(text.rstrip("kKmM")) * scale


def unknown_meter(field: str) -> Meter:
    """The meter of a price field that the grammar cannot read: its raw name."""
    return Meter(UNKNOWN, UNKNOWN, qualifiers=(("field", field),))


def _quote(text: str) -> str:
    """Write any text with the characters a key may hold."""
    if re.fullmatch(r"[A-Za-z0-9_.-]+", text):
        return text
    return "".join(
        chr(byte) if re.fullmatch(r"[A-Za-z0-9_.-]", chr(byte)) else f"%{byte:02X}"
        for byte in text.encode("utf-8", "surrogatepass")
    )


def _unquote(text: str) -> str:
    raw = re.sub(
        rb"%([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), text.encode("ascii")
    )
    return raw.decode("utf-8", "surrogatepass")
