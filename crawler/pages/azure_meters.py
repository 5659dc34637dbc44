"""What an Azure meter's name says: `5.4 pro longco cd inp Dz 1M Tokens`.

A meter's name is the only place where Azure says what a price is for, in words that
were cut short by many hands: `Inp`, `Inpt` and `in` are the same, and so are `DZone`,
`Dz`, `DZn` and `Data Zone`. The name is taken apart into words, and each word has one
meaning in the table below. A word that is not in it makes the meter one that is not
read: a word passed over could be what makes the price another one (`pp` doubles it,
`dev` is a fine-tuned deployment).

The table was made from all 1,319 names of Azure OpenAI in the list of 2026-08-11, and
from the names of September and October 2026 that others quote (`6-sol ShortCo Inp Std
Gl 1M Tokens`, `56sol ShCo Inp Fl Gl 1M Tokens`).
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from tracker.domain.meters import STANDARD, Meter

GLOBAL, ZONE, REGIONAL = "global", "zone", "regional"

LONG_CONTEXT = 272_000
"""Tokens above which the meters `longco` hold. No meter names the number. Azure's
pricing page does for GPT-5.4 to GPT-6.1, and each of the 57 entries of litellm's map
that have such prices on Azure (2026-11-12) says 272k."""


@dataclass(frozen=True, slots=True)
class Sold:
    """What a meter is for.

    Attributes:
        provider, model: in litellm's naming.
        scope: where it runs: GLOBAL, ZONE or REGIONAL.
        meter: what is counted.
        per: tokens that the name says the price is for, or 0 if it does not.
    """

    provider: str
    model: str
    scope: str
    meter: Meter
    per: int


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a meter's name could not be read, or is not about a model's tokens."""

    reason: str


def _meanings(kind: str, **words: str) -> dict[str, tuple[str, str]]:
    """`input="inp inpt"` as `inp` and `inpt`, both meaning `input`."""
    return {w: (kind, means) for means, said in words.items() for w in said.split()}


_MODEL_WORDS = """gpt 35 oss 120b 20b 4o nano pro chat codex max latest sol luna terra
    astra preview flare sunburst large small ada 002 deep research computer use instruct
    vision 4k 8k 16k 32k 128k"""

_WORDS = {
    **_meanings(
        "scope",
        **{GLOBAL: "gl glb glbl global"},
        **{ZONE: "dz dzn dzone datazone"},
        **{REGIONAL: "rg regn regnl rgnl regional"},
    ),
    **_meanings("way", input="in inp inpt input", output="out outp outpt opt output"),
    **_meanings("cache", read="cd cchd ccchd cched cached", write="wr"),
    **_meanings("tier", batch="batch", priority="pp", flex="fl flex", standard="std"),
    **_meanings("context", short="shco shortco", long="loco longco"),
    **_meanings("kind", audio="aud audio", text="txt text", image="img image"),
    **_meanings("family", realtime="rt rtime realtime", embedding="embedding"),
    **_meanings("family", transcribe="tcrb trscb transcribe", tts="tts"),
    **_meanings("noise", tokens="token tokens"),
    **_meanings("per", thousand="1k", million="1m"),
    **_meanings("noise", preview="prvw"),
    **_meanings("other", tuning="ft finetuned rft training trng hosting hstng dev"),
    **_meanings("other", tuning="grader grdr model mdel mdl tkn base"),
    **_meanings("other", capacity="provisioned throughput"),
    **{word: ("model", word) for word in _MODEL_WORDS.split()},
    **_meanings("model", mini="mini mn", turbo="turbo", diarize="d diarize"),
}

_SNAPSHOTS = {
    **dict.fromkeys(("0513", "0718", "0806", "1120", "1217"), 2024),
    **dict.fromkeys(("0131", "0227", "0416", "0603", "0626", "0828"), 2025),
    **dict.fromkeys(("1211", "1215"), 2025),
    **dict.fromkeys(("0210",), 2026),
}
"""The year of a snapshot that is named by month and day, which the name leaves out."""

_OLD_SNAPSHOTS = ("0125", "1106")
"""Snapshots that litellm's map names as Azure does: `gpt-35-turbo-1106`."""

_VERSION = re.compile(r"[1-9](?:\.[0-9]{1,2})?")
_O_SERIES = re.compile(r"o[1-9]")
_GLUED = (
    re.compile(r"(gpt)(4o)(mini)?"),
    re.compile(r"(aud|txt|mini)([0-9]{4})"),
    re.compile(r"(turbo)([0-9]{1,3}k)"),
)
_DOTLESS = re.compile(r"([4-9])([0-9])([a-z]{3,10})")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TWO_WORDS = re.compile(r"data zone", re.IGNORECASE)
_SPLIT = re.compile(r"[\s_-]+")

_UNITS = {"audio": "audio_token", "image": "image_token", "text": "token"}
_PER = {"thousand": 1000, "million": 1_000_000}

MAX_NAME = 120
"""Characters of a meter's name; the longest seen has 48."""


@lru_cache(maxsize=8192)
def read(product: str, name: str) -> Sold | Unread:
    """What a meter of Azure OpenAI is for, or why that cannot be told.

    Args:
        product: the row's `productName`.
        name: its `meterName`.
    """
    if len(name) > MAX_NAME:
        return Unread("a name of unlikely length")
    words = _SPLIT.split(_TWO_WORDS.sub("datazone", name).strip())
    if not {"token", "tokens"} & {word.lower() for word in words}:
        return Unread("not counted in tokens")
    said: dict[str, list[str]] = {}
    for word in words:
        meanings = _meaning(word)
        if meanings is None:
            return Unread(f"the word {word!r} is not known")
        for kind, means in meanings:
            said.setdefault(kind, []).append(means)
    refusal = _refused(product, said)
    return Unread(refusal) if refusal else _sold(said)


def _meaning(word: str) -> list[tuple[str, str]] | None:
    """The meaning of a word, or of the words it was glued together from."""
    small = word.lower()
    if small in _WORDS:
        return [_WORDS[small]]
    if _VERSION.fullmatch(small) or _O_SERIES.fullmatch(small):
        return [("model", small)]
    if small.isdecimal() and small.isascii():
        return _snapshot(small)
    found = [_meaning(part) for part in _unglued(word, small)]
    known = bool(found) and None not in found
    return [m for meanings in found for m in meanings or ()] if known else None


def _unglued(word: str, small: str) -> list[str]:
    """`gpt4omini`, `aud1217`, `56sol` and `BatchOutp` in their parts; [] if none."""
    for glue in _GLUED:
        if found := glue.fullmatch(small):
            return [part for part in found.groups() if part]
    if found := _DOTLESS.fullmatch(small):
        return [f"{found[1]}.{found[2]}", found[3]]
    parts = _CAMEL.split(word)
    return parts if len(parts) > 1 else []


def _snapshot(digits: str) -> list[tuple[str, str]] | None:
    """`0806` and `05052026` as dates."""
    if digits in _OLD_SNAPSHOTS:
        return [("model", digits)]
    year = int(digits[4:]) if len(digits) == 8 else _SNAPSHOTS.get(digits, 0)
    try:
        day = date(year, int(digits[:2]), int(digits[2:4]))
    except ValueError:
        return None
    return [("date", day.isoformat())] if 2023 <= year <= 2099 else None


_ONCE = ("scope", "way", "tier", "context", "family", "date", "per")


def _refused(product: str, said: dict[str, list[str]]) -> str:
    """Why the words, though known, do not make a price of a model's tokens."""
    if "other" in said:
        return f"{said['other'][0]}, not a model's tokens"
    twice = [kind for kind in _ONCE if len(said.get(kind, ())) > 1]
    if twice:
        return f"two words for its {twice[0]}"
    if "scope" not in said:
        return "no word for where it runs"
    if "Media" in product and not {"kind", "family"} & said.keys():
        return "no word for what kind of tokens"
    return ""


def _sold(said: dict[str, list[str]]) -> Sold | Unread:
    family, unit = _family(said)
    component = _component(said, family)
    model = _model(said, family)
    if not (unit and component and model):
        missing = (
            "kind of tokens" if not unit else "model" if component else "direction"
        )
        return Unread(f"its {missing} cannot be told")
    long = said.get("context") == ["long"]
    tier = said.get("tier", [STANDARD])[0]
    meter = Meter(component, unit, tier, LONG_CONTEXT if long else 0)
    provider = "azure_ai" if "oss" in said["model"] else "azure"
    per = _PER[said["per"][0]] if "per" in said else 0
    return Sold(provider, model, said["scope"][0], meter, per)


def _family(said: dict[str, list[str]]) -> tuple[str, str]:
    """The family of models and the unit that is counted; no unit if unclear.

    In `gpt aud 0828 txt Inp` the first word names the model, gpt-audio, and the
    second what is counted; where there is no second, it is the model's own kind.
    """
    family, kinds = said.get("family", [""])[0], said.get("kind", [])
    if family == "embedding":
        return family, "token" if kinds in ([], ["text"]) else ""
    if family:
        return family, _UNITS[kinds[0]] if len(kinds) == 1 else ""
    if not kinds:
        return "", "token"
    return kinds[0], _UNITS[kinds[-1]] if tuple(kinds) in _TWICE_SAID else ""


_TWICE_SAID = (
    *(("audio",), ("audio", "audio"), ("audio", "text")),
    *(("image", "image"), ("image", "text")),
)


def _component(said: dict[str, list[str]], family: str) -> str:
    way, cache = said.get("way", [""])[0], said.get("cache", [])
    if family == "embedding":
        return "input" if way in ("", "input") and not cache else ""
    if cache == ["read", "write"]:
        return "cache_write" if not way else ""
    if cache:
        return "cache_read" if cache == ["read"] and way == "input" else ""
    return way


_NAMES = {"computer-use": "computer-use-preview", "gpt-4.5": "gpt-4.5-preview"}
"""Names that Azure's meters cut short."""

_FIRST = re.compile(r"(?:gpt-)?(?:4o|35|oss|[1-9](?:\.[0-9]+)?)(?:-|$)|o[1-9](?:-|$)")
_NO_VERSION = ("codex-mini", "chat-latest", "computer-use")


def _model(said: dict[str, list[str]], family: str) -> str:
    """The model as litellm calls it, or "" if the words make none."""
    words = said.get("model", [])
    stamp = said.get("date", [])
    if family == "embedding":
        return _embedding(words)
    if "diarize" in words and family != "transcribe":
        return ""
    if family:
        name = _of_family([w for w in words if w != "gpt"], family)
    else:
        name = _of_text("-".join(words))
        if name in _NAMES:
            return _NAMES[name]
    return "-".join([name, *stamp]) if name else ""


def _of_text(name: str) -> str:
    """A bare version is a GPT: all products that are read here are OpenAI's."""
    if name in _NO_VERSION:
        return name
    if not _FIRST.match(name):
        return ""
    return name if name.startswith(("gpt", "o")) else f"gpt-{name}"


def _embedding(words: list[str]) -> str:
    if words in (["ada"], ["ada", "002"]):
        return "text-embedding-ada-002"
    known = words in (["3", "large"], ["3", "small"])
    return f"text-embedding-{'-'.join(words)}" if known else ""


_TAILS = {"realtime": "realtime-preview", "audio": "audio-preview"}


def _of_family(words: list[str], family: str) -> str:
    """`4o mini` of the family audio as `gpt-4o-mini-audio-preview`."""
    if words[:1] == ["4o"]:
        size = [w for w in words[1:] if w == "mini"]
        rest = [w for w in words[1:] if w != "mini"]
        known = rest in ([], ["diarize"])
        tail = _TAILS.get(family, family)
        return "-".join(["gpt-4o", *size, tail, *rest]) if known else ""
    versions = [w for w in words if _VERSION.fullmatch(w)]
    variants = [w for w in words if w in ("mini", "flare", "sunburst")]
    if versions + variants != words or len(versions) > 1 or len(variants) > 1:
        return ""
    return "-".join(["gpt", family, *words])
