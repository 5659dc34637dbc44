"""What a saved body says, one row per quote; nothing is stored.

For people who mend a parser, or want to see what a page was read as.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.pages.bundle import Part, pack
from tracker.domain.errors import UnreadableBody
from tracker.domain.gate import REASONS
from tracker.domain.meters import per_text
from tracker.domain.money import in_units, plain
from tracker.domain.quotes import Statement
from tracker.sources.folder import read_body
from tracker.sources.registry import source_named


@dataclass(frozen=True, slots=True)
class Read:
    """What a body says.

    Attributes:
        rows: a quote each, those for certain days included.
        keys: how many names it lists.
        problems: what would be held, in words.
        notes, ignored: what a person should know, and what holds no price.
        complete: whether it is the whole list.
    """

    rows: list[dict[str, Any]]
    keys: int
    problems: list[str]
    notes: tuple[str, ...]
    ignored: tuple[str, ...]
    complete: bool


def read_saved(source: str, paths: Sequence[Path]) -> Read:
    """Read a saved body as the source's parser does; several files are the pages of
    one capture.

    Raises:
        UsageError: no such source.
        SourceError: the file cannot be read.
        UnreadableBody: the parser does not understand it; the message says why.
    """
    spec = source_named(source)
    bodies = [read_body(path, max_bytes=spec.max_bytes) for path in paths]
    parts = (Part(path.name, body) for path, body in zip(paths, bodies, strict=True))
    document = spec.parse(bodies[0] if len(bodies) == 1 else pack(parts))
    rows: list[dict[str, Any]] = []
    problems = [f"{k}: {REASONS[why]}" for k, why in document.held_keys.items()]
    for key, entry in document.entries.items():
        said = spec.flatten(key, entry)
        rows += _rows(said)
        problems += _problems(key, said)
    if not rows:
        raise UnreadableBody(f"{source}: no price in it")
    return Read(
        rows=rows,
        keys=len(document.entries),
        problems=problems,
        notes=document.notes,
        ignored=document.ignored,
        complete=document.complete,
    )


def _rows(said: Statement) -> Iterator[dict[str, Any]]:
    """A statement's quotes, current and dated, by meter and day."""
    quotes = [*said.quotes.values(), *(q for qs in said.dated.values() for q in qs)]
    for quote in sorted(quotes, key=lambda q: (q.meter.key, str(q.effective_from))):
        yield {
            "provider": said.offer.provider,
            "model": said.offer.model,
            "region": said.offer.region,
            "meter": quote.meter.key,
            "usd": in_units(quote.price_nano) if quote.currency == "USD" else None,
            "amount": plain(quote.price_nano),
            "per": per_text(quote.meter.quantum, quote.meter.unit),
            "currency": quote.currency,
            "effective_from": _day(quote.effective_from),
            "effective_to": _day(quote.effective_to),
            "text": quote.raw,
        }


def _day(day: object) -> str | None:
    return str(day) if day else None


def _problems(key: str, said: Statement) -> Iterator[str]:
    for problem in said.problems:
        meter = f" {problem.meter.key}" if problem.meter else ""
        yield f"{key}{meter}: {REASONS[problem.reason]} ({problem.raw})"
