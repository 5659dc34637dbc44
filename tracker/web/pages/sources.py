"""The sources: what each is, how fresh, and how its last readings went."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from storage.reading import queries, upkeep
from storage.unit_of_work import Connection
from tracker.sources.registry import SOURCES, SourceSpec
from tracker.web.pages import NoPage, Query
from tracker.web.rendering import Content, as_json, page
from tracker.web.upkeep import Freshness, ago, freshness, silence
from tracker.web.view import View

PATH, FRESHNESS = "sources/", "freshness.json"
YEAR = timedelta(days=366)
LAST = 8
"""How many runs and captures of each source are shown."""

WHAT = {
    "litellm": "litellm's price map, as its main branch has it",
    "models-dev": "the catalogue of models.dev",
    "llm-prices": "llm-prices.com: prices of today and of the past, with their days",
    "openrouter": "OpenRouter's list of models",
    "openrouter-endpoints": "what each endpoint behind a routed model charges",
    "openai": "OpenAI's pricing page",
    "anthropic": "Anthropic's pricing page",
    "google-gemini": "the Gemini API's pricing page",
    "deepseek": "DeepSeek's pricing page",
    "mistral": "Mistral's index of models and a page for each",
    "xai": "xAI's pricing page",
    "groq": "Groq's page of models",
    "zai": "Z.AI's pricing page",
    "moonshot": "Moonshot's pricing page and those of its families",
    "minimax": "MiniMax's pay-as-you-go page",
    "cerebras": "Cerebras' public list of models",
    "bedrock": "AWS's price lists of Bedrock",
    "azure": "Azure's retail prices of Foundry models",
    "vercel-gateway": "the list of Vercel's AI gateway",
    "huggingface-router": "the list of Hugging Face's router, a price per provider",
}
"""What is read, by source."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A source on the page.

    Attributes:
        fresh: when it was read last, and whether it still counts.
        age: how long ago that was, in words.
        what: what is read.
        kind: a map, a seller's list, or a page.
        cadence: how often it is read, in words.
        rank: whose word it is taken for.
        home: where a person can look.
        health: counts, last outcome and note, as `pricetrail sources` has them.
        runs, captures: the last of them, newest first.
        missing: names that are away, and not taken for gone.
        readings: when it was read well in the last year, newest first.
    """

    fresh: Freshness
    age: str
    what: str
    kind: str
    cadence: str
    rank: str
    home: str
    health: Row
    runs: list[Row] = field(default_factory=list)
    captures: list[Row] = field(default_factory=list)
    missing: list[Row] = field(default_factory=list)
    readings: list[datetime] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its name."""
        return self.fresh.source


def paths(_view: View) -> list[str]:
    """The page, and the small file that other pages look into."""
    return [PATH, FRESHNESS]


def made(view: View, path: str, _query: Query) -> Content:
    """The page or the file.

    Raises:
        NoPage: another path.
    """
    if path not in (PATH, FRESHNESS):
        raise NoPage
    with view.store.reading() as connection:
        read = freshness(connection)
        if path == FRESHNESS:
            return _as_file(read)
        shown = list(_shown(connection, read, view.now))
    known = {one.name for one in shown}
    never = [
        {"name": name, **_described(spec)}
        for name, spec in sorted(SOURCES.items())
        if name not in known
    ]
    newest = _newest(read)
    given: dict[str, object] = {"read": shown, "never": never, "newest": newest}
    given |= {"silence": silence(newest, view.now)}
    return page(view, path, "sources.html", given)


def _as_file(read: list[Freshness]) -> Content:
    """When each source was read: what must not make every page new, beside them."""
    sources = {one.source: {"read": one.read, "stale": one.stale} for one in read}
    return as_json({"newest": _newest(read), "sources": sources})


def _newest(read: Iterable[Freshness]) -> datetime | None:
    return max((one.read for one in read if one.read), default=None)


def _shown(
    connection: Connection, read: list[Freshness], now: datetime
) -> Iterable[Shown]:
    health = {row["source"]: row for row in queries.source_health(connection)}
    runs = _by_source(upkeep.runs(connection, LAST))
    captures = _by_source(upkeep.captures(connection, LAST))
    missing = _by_source(upkeep.missing(connection))
    readings, lately = upkeep.readings(connection), now - YEAR
    for fresh in read:
        name = fresh.source
        spec = SOURCES.get(name)
        yield Shown(
            fresh,
            ago(fresh.read, now),
            health=health[name],
            runs=runs[name],
            captures=captures[name],
            missing=missing[name],
            readings=[at for at in reversed(readings.get(name, [])) if at > lately],
            **(_described(spec) if spec else _UNKNOWN),
        )


_UNKNOWN = {
    "what": "a source that this program does not know any more",
    "kind": "",
    "cadence": "never",
    "rank": "of none",
    "home": "",
}


def _described(spec: SourceSpec) -> dict[str, str]:
    kind = "data" if spec.is_map else "a page, read by a parser of ours"
    if spec.provider and spec.is_map:
        kind = "a seller's own list, as data"
    days = spec.cadence.days
    cadence = "when it is asked for" if spec.on_demand else f"every {days} days"
    rank = f"number {spec.precedence}"
    if spec.provider:
        rank = f"first for what {spec.provider} sells, else {rank}"
    told = {"what": WHAT.get(spec.name, ""), "kind": kind, "cadence": cadence}
    return {**told, "rank": rank, "home": spec.home}


def _by_source(rows: Iterable[Any]) -> defaultdict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["source"]].append(row)
    return found
