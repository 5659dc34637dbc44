"""What a projector remembers between captures of one process.

A rebuild starts from nothing and holds every card; a sync holds only the cards
it needed and asks the database for the rest. Both must know the same, or the
replayed history would differ from the incremental one.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from storage import decisions
from storage.captures import Captures, StoredCapture
from storage.projection import Projection
from storage.reading import market
from storage.unit_of_work import UnitOfWork
from tracker.applying.plan import completed
from tracker.domain import gate
from tracker.domain.quotes import Document, Statement
from tracker.domain.ratecard import KeyCard, Rate
from tracker.domain.release import Decided, Sieve
from tracker.domain.schedule import PREFIX, turns_between
from tracker.domain.timeline import KeyChange
from tracker.sources.mainline import MainLine, newest
from tracker.sources.registry import SourceSpec


@dataclass
class Decisions:
    """What people decided on a source."""

    captures: dict[str, str] = field(default_factory=dict)
    values: dict[tuple[str, str, str], Decided] = field(default_factory=dict)

    def on(self, key: str, meter: str, rate: Rate) -> Decided | None:
        """The decision on exactly this value, if there is one."""
        value = decisions.value_text(rate.price_nano, rate.currency)
        return self.values.get((key, meter, value))


class Memory:
    """The state of a source as of its last applied capture, `head`.

    Attributes:
        line: the main line of releases so far.
        seen_at: when the source was last seen.
        document: the parsed body of `head`.
        waiting: captures held as a whole, oldest first.
        plans: what these would do, by capture id, if this process worked it out.
        rebuilds: how often the source had been rebuilt when this was read.
        decided: what people decided.
    """

    def __init__(
        self,
        work: UnitOfWork,
        source_id: int,
        projection: Projection,
        *,
        dated: bool = False,
    ) -> None:
        self._source_id = source_id
        self._projection = projection
        captures = Captures(work.connection, source_id)
        self.head = captures.head()
        self.line = MainLine(newest(captures.versions("applied", "unchanged")))
        self.seen_at = captures.last_seen()
        self.waiting = captures.held()
        self.plans: dict[int, object] = {}
        self.rebuilds = 0
        self.document: Document | None = None
        self.decided = _decisions(work, source_id)
        self._whole = self.head is None
        self._cards: dict[str, KeyCard] = {}
        self._unsettled: set[str] | None = set() if self._whole else None
        self._is_dated = dated
        self._dated: set[str] | None = None if dated and not self._whole else set()
        self._fields: Counter[str] = Counter()
        self._highest: dict[tuple[str, str], int] = {}
        self._priced: set[str] = set()

    def load_document(self, captures: Captures, spec: SourceSpec) -> Document | None:
        """The parsed body of the head, read on first need; where it is only a part,
        with what the captures before it said of the rest.
        """
        if self.document is None and self.head is not None:
            self.document = _whole_document(captures, spec, self.head)
            self._fields = _fields(self.document.entries.values())
        return self.document

    def turning(self, work: UnitOfWork, until: datetime) -> set[str]:
        """Keys with a price that was stated for certain days and begins or ends
        between the last sighting and `until`.
        """
        if self._dated is None:
            self._dated = self._projection.dated_keys(work.connection)
        if not self._dated or self.seen_at is None:
            return set()
        lacking = self._dated - self._cards.keys()
        self._cards.update(self._projection.load(work.connection, lacking))
        facts = {key: self._cards[key].facts for key in self._dated}
        since = self.seen_at
        return {k for k, said in facts.items() if turns_between(said, since, until)}

    def unsettled(self, work: UnitOfWork) -> set[str]:
        """Keys with a value that waits for release."""
        if self._unsettled is None:
            self._unsettled = self._projection.waiting_keys(work.connection)
        return self._unsettled

    def cards(
        self,
        work: UnitOfWork,
        document: Document,
        statements: Mapping[str, Statement],
    ) -> Mapping[str, KeyCard]:
        """What is known of every key that this document may change."""
        if self._whole:
            return self._cards
        needed = {*statements, *document.held_keys}
        needed |= self._projection.missing_keys(work.connection)
        if self.document is not None:
            needed |= self.document.entries.keys() - document.entries.keys()
        lacking = needed - self._cards.keys()
        self._cards.update(self._projection.load(work.connection, lacking))
        return self._cards

    def missing(self, work: UnitOfWork) -> dict[str, KeyCard]:
        """Keys that were absent from the last capture and are not yet given up."""
        if self._whole:
            absent = (k for k, card in self._cards.items() if card.absence is not None)
            return {key: self._cards[key] for key in absent}
        keys = self._projection.missing_keys(work.connection)
        return self._projection.load(work.connection, keys)

    def remember_absences(self, changes: list[KeyChange]) -> None:
        """Keys were given up by a capture of the same bytes."""
        for change in changes:
            self._cards[change.key] = change.card

    def novel_fields(self, document: Document, changed: Collection[str]) -> int:
        """Entries with field names that no entry of the head's document has."""
        if not self._fields:
            return 0
        entries = (document.entries[key] for key in changed)
        dicts = (entry for entry in entries if isinstance(entry, dict))
        return sum(1 for entry in dicts if not self._fields.keys() >= entry.keys())

    def market(self, work: UnitOfWork, providers: Collection[str]) -> "KnownMarket":
        """The provider's prices, as the gate asks for them."""
        if not self._whole:
            lacking = set(providers) - self._priced
            found = market.highest(work.connection, self._source_id, lacking)
            self._highest.update(found)
            self._priced |= lacking
        cards = self._cards.values() if self._whole else None
        return KnownMarket(work, self._source_id, self._highest, cards)

    def remember(
        self, capture: StoredCapture, document: Document, changes: list[KeyChange]
    ) -> None:
        """A capture was applied."""
        for change in changes:
            self._remember_change(change, document)
        self.head, self.document = capture, document
        self.line = self.line.after(capture.version)
        self.seen_at = capture.observed_at

    def _remember_change(self, change: KeyChange, document: Document) -> None:
        self._cards[change.key] = change.card
        if self._unsettled is not None:
            waits = any(held.rate is not None for held in change.card.held.values())
            (self._unsettled.add if waits else self._unsettled.discard)(change.key)
        self._remember_dates(change)
        provider = change.card.offer.provider
        for step in change.steps:
            if step.new is not None and step.new.currency == "USD":
                known = self._highest.get((provider, step.meter), 0)
                nano = max(known, step.new.price_nano)
                self._highest[provider, step.meter] = nano
        old = self.document.entries.get(change.key) if self.document else None
        self._recount(_names(old), _names(document.entries.get(change.key)))

    def _remember_dates(self, change: KeyChange) -> None:
        if not self._is_dated or self._dated is None:
            return
        if change.facts_opened or change.facts_closed:
            is_dated = any(name.startswith(PREFIX) for name in change.card.facts)
            (self._dated.add if is_dated else self._dated.discard)(change.key)

    def _recount(self, old: Collection[str], new: Collection[str]) -> None:
        """Keep count of the field names in use; most entries keep theirs."""
        if old == new:
            return
        self._fields.update(new)
        for name in old:
            self._fields[name] -= 1
            if self._fields[name] <= 0:
                del self._fields[name]


@dataclass(frozen=True)
class KnownMarket:
    """Answers the gate's questions from memory or from the database."""

    work: UnitOfWork
    source_id: int
    prices: Mapping[tuple[str, str], int]
    cards: Collection[KeyCard] | None

    def offers_of(self, provider: str) -> int:
        """How many offers of a provider have a price."""
        if self.cards is None:
            return market.offers_of(self.work.connection, self.source_id, provider)
        mine = (c for c in self.cards if c.offer.provider == provider)
        return len({c.offer for c in mine if c.rates and c.withdrawn_at is None})

    def highest(self, provider: str, meter: str) -> int | None:
        """The highest price a provider ever charged on a meter."""
        return self.prices.get((provider, meter))

    def sellers_above(self, provider: str, meter: str, nano: int) -> int:
        """How many other providers ever charged so much on a meter."""
        if self.cards is None:
            return market.sellers_above(
                self.work.connection, self.source_id, provider, meter, nano
            )
        return sum(
            1
            for (seller, billed), highest in self.prices.items()
            if billed == meter and seller != provider and highest >= nano
        )


def sieve_for(
    memory: Memory,
    capture: StoredCapture,
    spec: SourceSpec,
    reasons: Mapping[tuple[str, str], str],
) -> Sieve:
    """What the gate lets through of this capture."""
    confirms = partial(
        gate.confirms,
        at=capture.observed_at,
        distinct_is_enough=capture.origin == "backfill",
        is_map=spec.is_map,
    )
    at: datetime = capture.observed_at
    return Sieve(at, reasons, memory.decided.on, confirms)


def _whole_document(
    captures: Captures, spec: SourceSpec, head: StoredCapture
) -> Document:
    """A capture's document; its gaps filled by the captures before it, back to the
    last complete one.
    """
    capture: StoredCapture | None = head
    parts: list[Document] = []
    while capture is not None:
        parts.append(spec.parse(captures.body(capture)))
        whole = parts[-1].complete and capture.complete
        capture = None if whole else captures.applied_before(capture)
    document = parts.pop()
    while parts:
        document = completed(replace(parts.pop(), complete=False), document)
    return document


def _decisions(work: UnitOfWork, source_id: int) -> Decisions:
    found = Decisions()
    for row in decisions.decided(work.connection, source_id):
        if row.scope == "capture":
            found.captures[row.key] = row.decision
        elif row.decision in ("accept", "reject"):
            decision: Decided = "accept" if row.decision == "accept" else "reject"
            found.values[row.key, row.meter, row.value] = decision
    return found


def _fields(entries: Collection[object]) -> Counter[str]:
    return Counter(name for entry in entries for name in _names(entry))


def _names(entry: object) -> Collection[str]:
    return entry.keys() if isinstance(entry, dict) else ()
