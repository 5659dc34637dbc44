"""What a row of Amazon Bedrock's price list is for, in the words it says it with.

A row says it in up to three places, each in a grammar of its own: the usage type
(`USE1-NovaPro-input-tokens-batch`, `USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-
Units`, `USE1-xai.grok-4.7-mantle-input-tokens-priority`), the inference type
(`Prompt cache read input tokens flex`) or description (`Million Response Tokens
Regional CRIS`; `Cache Write Tokens (1h TTL) - Standard, Global`), and attributes for
batch and tier. All are read by one vocabulary. A place that is silent about something
leaves it to the others (batches of Nova 2 are `Output tokens` by their inference type,
and only the usage type says batch); places that contradict each other, and a word that
is not in the vocabulary, make the row one that is not read.
"""

import re
from functools import lru_cache
from typing import NamedTuple

GLOBAL, GEO = "global", "geo"
LATENCY = "latency_optimized"


class Said(NamedTuple):
    """What one place says; "" where it is silent.

    Attributes:
        component: input, output, cache_read or cache_write.
        tier: standard, batch, flex, ...
        scope: where a request may run: GLOBAL, GEO, or the region if silent.
        ttl: how long a written cache lasts.
        context: `long` for the prices of long requests.
    """

    component: str = ""
    tier: str = ""
    scope: str = ""
    ttl: str = ""
    context: str = ""


class Unread(NamedTuple):
    """Why a row is not read."""

    reason: str


class Usage(NamedTuple):
    """A usage type taken apart.

    Attributes:
        name: the model as it is written there; empty in the marketplace's.
        mantle: whether it is sold by the endpoint that is called so.
        said: what is counted.
    """

    name: str
    mantle: bool
    said: Said | Unread


def _meanings(**kinds: str) -> dict[str, tuple[str, str]]:
    """`way="input:input output:output,response"` as words and what they mean."""
    return {
        word: (kind, means)
        for kind, listed in kinds.items()
        for means, _, words in (entry.partition(":") for entry in listed.split())
        for word in words.split(",")
    }


_WORDS = _meanings(
    way="input:input output:output,response",
    cache="read:read,cached write:write",
    tier="standard:standard batch:batch flex:flex priority:priority "
    f"ultrafast:ultrafast {LATENCY}:latency",
    scope="global:global geo:geo,cris",
    ttl="5m:5m 30m:30m 1h:1h",
    context="long:long",
    noise=":cache,prompt,token,tokens,count,million,1m,text,cross,regional,price,per,ttl",
    other="custom_models:custom,customization,customized,training,rft,distillation "
    "reserved_capacity:reserved,provisioned,throughput,tpm,minute,month,commit,hour "
    "images:image,images,created,pixel video:video,videos,second,seconds "
    "audio:audio,speech searches:search,rerank guardrails:guardrail,guardrails",
)

_SPELLED = tuple(
    (f" {said} ", f" {meant} ")
    for said, meant in (
        ("1 hour", "1h"),
        ("1 million", "million"),
        ("per minute", "minute"),
        ("long context", "long"),
        ("long ctx", "long"),
        ("l ctx", "long"),
        ("latency optimized inference", "latency"),
        ("latency optimized", "latency"),
        ("cross region", "cross"),
        ("on demand inference", "token"),
        ("on demand", "token"),
    )
)
"""Words that mean something together."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+[hmMK]?(?![a-z])|[^\s_,()|/-]")

_REGION_CODE = re.compile(r"[A-Z]{2,4}[0-9]{0,2}-")
_MARKETPLACE = re.compile(r"MP:[A-Z0-9]{1,8}_")
_LISTED_ID = re.compile(r"[a-z][a-z0-9]*\.[a-z0-9][a-z0-9.:-]*")

MAX_TEXT = 300
"""Characters of a usage type or description; the longest seen has about a hundred."""


def usage(text: str, model: str) -> Usage:
    """Take a usage type apart.

    Args:
        text: the attribute `usagetype`.
        model: what the row calls the model elsewhere, or "".
    """
    if len(text) > MAX_TEXT:
        return Usage("", mantle=False, said=Unread("a text of unlikely length"))
    rest = _REGION_CODE.sub("", text, count=1)
    if found := _MARKETPLACE.match(rest):
        counted = rest[found.end() :].removesuffix("-Units")
        return Usage("", mantle=False, said=said(counted))
    return _named(rest, model)


@lru_cache(maxsize=8192)
def _named(rest: str, model: str) -> Usage:
    """A usage type that begins with the model's name."""
    name, mantle, counted = rest.partition("-mantle-")
    if mantle:
        known = _LISTED_ID.fullmatch(name)
        meant = said(counted) if known else Unread("no model's name")
        return Usage(name, mantle=True, said=meant)
    pieces = rest.split("-")
    first = next((i for i, piece in enumerate(pieces) if i and piece in _WORDS), 0)
    if not first:
        return Usage("", mantle=False, said=Unread("not counted in tokens"))
    name = "-".join(pieces[:first])
    foreign = _foreign(name, model)
    meant = Unread(foreign) if foreign else said("-".join(pieces[first:]))
    return Usage(name, mantle=False, said=meant)


def _foreign(name: str, model: str) -> str:
    """Why a word of a model's name is none, or "".

    `zeta` in `NovaLite-zeta-input-tokens` may be what makes the price another one; a
    name ends with a capital or a number, or as the model is called elsewhere.
    """
    if _LISTED_ID.fullmatch(name):
        return ""
    *_, last = pieces = name.split("-")
    for piece in pieces:
        kind, means = _WORDS.get(piece.lower(), ("noise", ""))
        if kind != "noise":
            return (
                _label(means) if kind == "other" else f"a model's name with {piece!r}"
            )
    lower = last.isalpha() and last.islower()
    told = not lower or (model and squashed(model).endswith(last))
    return "" if told else f"the word {last!r} is not known"


def squashed(name: str) -> str:
    """Letters and digits alone, to compare names that are spaced as one likes."""
    return "".join(c for c in name.lower() if c.isalnum())


@lru_cache(maxsize=8192)
def said(text: str) -> Said | Unread:
    """Read a usage type's end, an inference type or a description."""
    if len(text) > MAX_TEXT:
        return Unread("a text of unlikely length")
    line = " ".join(["", *(word.lower() for word in _WORD.findall(text)), ""])
    for spelled, meant in _SPELLED:
        line = line.replace(spelled, meant)
    words = line.split()
    kinds: dict[str, set[str]] = {}
    for word in words:
        kind, means = _WORDS.get(word, ("unknown", word))
        kinds.setdefault(kind, set()).add(means)
    if others := kinds.get("other"):
        return Unread(_label(min(others)))
    if unknown := kinds.get("unknown"):
        return Unread(f"the word {min(unknown)!r} is not known")
    return _understood(kinds, crosses="cross" in words)


def _label(means: str) -> str:
    return means.replace("_", " ")


def _understood(kinds: dict[str, set[str]], *, crosses: bool) -> Said | Unread:
    kinds.pop("noise", None)
    twice = sorted(kind for kind, means in kinds.items() if len(means) > 1)
    if twice:
        return Unread(f"two words for its {twice[0]}")
    one = {kind: min(means) for kind, means in kinds.items()}
    if crosses and "scope" not in one:
        return Unread("no word for how far it crosses regions")
    component = one.get("way", "")
    if "cache" in one:
        if component == "output":
            return Unread("a cache of output")
        component = f"cache_{one['cache']}"
    return Said(
        component,
        one.get("tier", ""),
        one.get("scope", ""),
        one.get("ttl", ""),
        one.get("context", ""),
    )


def agreed(*places: Said | Unread) -> Said | Unread:
    """What several places say together."""
    together: list[str] = []
    for place in places:
        if isinstance(place, Unread):
            return place
    for name, *stated in zip(Said._fields, *places, strict=True):
        words = {word for word in stated if word}
        if len(words) > 1:
            return Unread(f"what it says of its {name} contradicts itself")
        together.append(min(words, default=""))
    whole = Said(*together)
    if not whole.component:
        return Unread("no word for what is counted")
    if whole.ttl and whole.component != "cache_write":
        return Unread("a lifetime of what is no cache")
    return whole
