"""Applying captures: from raw bodies to periods and price changes, in order.

Used by sync, backfill and rebuild alike, so that they cannot differ. Each
capture is applied in one transaction, given by the caller; what was parsed and
what is known of the keys is remembered between captures of one process.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from storage import sources as source_rows
from storage.captures import Captures, StoredCapture
from storage.projection import Projection, Written
from storage.unit_of_work import Store, UnitOfWork
from tracker.domain.errors import UnreadableBody
from tracker.domain.quotes import Document, Statement
from tracker.domain.ratecard import KeyCard
from tracker.domain.timeline import KeyChange, Reading, Stamp, advance
from tracker.sources.mainline import MainLine, newest
from tracker.sources.registry import SourceSpec


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one capture.

    Attributes:
        capture: which.
        status: applied, unchanged, rejected, held or failed.
        note: why, where it was not applied.
        written: what it changed.
        keys: how many keys its body holds.
        unknown: price fields of new or changed entries that could not be read.
        notes: what a person should know of the body.
    """

    capture: StoredCapture
    status: str
    note: str | None = None
    written: Written = field(default_factory=Written)
    keys: int = 0
    unknown: int = 0
    notes: tuple[str, ...] = ()


@dataclass
class _Memory:
    """What is known as of the last applied capture, `head`.

    `cards` holds every key ever met if `whole`, else those that were needed.
    """

    head: StoredCapture | None
    line: MainLine
    seen_at: datetime | None
    document: Document | None = None
    cards: dict[str, KeyCard] = field(default_factory=dict)
    whole: bool = False


class Projector:
    """Applies the captures of one source.

    Args:
        spec: the source.
        source_id: its row.
    """

    def __init__(self, spec: SourceSpec, source_id: int) -> None:
        self._spec = spec
        self._source_id = source_id
        self._projection = Projection(source_id)
        self._memory: _Memory | None = None

    def apply_next(self, work: UnitOfWork) -> Applied | None:
        """Apply the oldest pending capture; None if there is none.

        The caller commits. If it does not, this projector must not be used again.
        """
        source_rows.lock(work.connection, self._source_id)
        captures = Captures(work.connection, self._source_id)
        pending = captures.pending()
        if not pending:
            return None
        return self._apply(work, captures, pending[0])

    def out_of_order(self, work: UnitOfWork) -> bool:
        """Whether a capture waits that belongs before one that was applied."""
        captures = Captures(work.connection, self._source_id)
        head, pending = captures.head(), captures.pending()
        if head is None or not pending:
            return False
        return pending[0].observed_at <= head.observed_at

    def rebuild(
        self, work: UnitOfWork, told: Callable[[Applied], None]
    ) -> list[Applied]:
        """Drop the projection and replay every capture, in one transaction."""
        source_rows.lock(work.connection, self._source_id)
        captures = Captures(work.connection, self._source_id)
        self._projection.forget(work.connection)
        captures.reopen_all()
        self._memory = _Memory(None, MainLine(), None, whole=True)
        done = []
        for capture in captures.pending():
            done.append(self._apply(work, captures, capture))
            told(done[-1])
        source_rows.rebuilt(work.connection, self._source_id, self._spec.reader)
        return done

    def _apply(
        self, work: UnitOfWork, captures: Captures, capture: StoredCapture
    ) -> Applied:
        memory = self._remember(captures, capture)
        if memory.head is not None and memory.head.sha256 == capture.sha256:
            return self._unchanged(captures, capture, memory)
        if memory.line.leaves_out(capture.version):
            note = f"release {capture.version} is older than {memory.line.newest}"
            return _settled(captures, capture, "rejected", note)
        if memory.head is not None and capture.observed_at <= memory.head.observed_at:
            note = "another body of the same instant was applied"
            return _settled(captures, capture, "rejected", note)
        try:
            document = self._read(captures.body(capture))
        except UnreadableBody as fault:
            return _settled(captures, capture, "failed", str(fault))
        return self._advance(work, captures, capture, memory, document)

    def _read(self, body: bytes) -> Document:
        document = self._spec.parse(body)
        if len(document.entries) < self._spec.floor:
            raise UnreadableBody(
                f"{len(document.entries)} offers, where {self._spec.name} has at least "
                f"{self._spec.floor}; not the whole list"
            )
        return document

    def _unchanged(
        self, captures: Captures, capture: StoredCapture, memory: _Memory
    ) -> Applied:
        if capture.origin != "package":
            memory.seen_at = capture.observed_at
        memory.line = memory.line.after(capture.version)
        return _settled(captures, capture, "unchanged", None)

    def _advance(
        self,
        work: UnitOfWork,
        captures: Captures,
        capture: StoredCapture,
        memory: _Memory,
        document: Document,
    ) -> Applied:
        before = self._document_of(captures, memory)
        statements = self._statements(before, document)
        cards = self._cards(work, memory, before, document, statements)
        reading = Reading(statements, document.entries.keys(), document.held_keys)
        stamp = Stamp(capture.observed_at, memory.seen_at, capture.complete)
        changes = advance(cards, reading, stamp)
        written = self._projection.write(work.connection, changes, capture.id)
        captures.settle(capture.id, "applied")
        self._remember_applied(capture, memory, document, changes)
        return Applied(
            capture,
            "applied",
            written=written,
            keys=len(document.entries),
            unknown=sum(said.unknown for said in statements.values()),
            notes=document.notes,
        )

    def _statements(
        self, before: Document | None, document: Document
    ) -> dict[str, Statement]:
        """Flatten the entries that are new or differ, and only those."""
        known = before.entries if before else {}
        doubtful = before.held_keys if before else {}
        return {
            key: self._spec.flatten(key, entry)
            for key, entry in document.entries.items()
            if key not in known or known[key] != entry or key in doubtful
        }

    def _cards(
        self,
        work: UnitOfWork,
        memory: _Memory,
        before: Document | None,
        document: Document,
        statements: Mapping[str, Statement],
    ) -> Mapping[str, KeyCard]:
        if memory.whole:
            return memory.cards
        needed = {*statements, *document.held_keys}
        needed |= self._projection.missing_keys(work.connection)
        if before is not None:
            needed |= before.entries.keys() - document.entries.keys()
        lacking = needed - memory.cards.keys()
        memory.cards.update(self._projection.load(work.connection, lacking))
        return memory.cards

    def _document_of(self, captures: Captures, memory: _Memory) -> Document | None:
        if memory.document is None and memory.head is not None:
            memory.document = self._spec.parse(captures.body(memory.head))
        return memory.document

    def _remember(self, captures: Captures, capture: StoredCapture) -> _Memory:
        """What is known; read anew if another process has moved on meanwhile."""
        head = captures.head()
        memory = self._memory
        if memory is None or _id(head) != _id(memory.head):
            line = MainLine(newest(captures.versions("applied", "unchanged")))
            seen = captures.seen_before(capture.observed_at)
            memory = self._memory = _Memory(head, line, seen, whole=head is None)
        return memory

    def _remember_applied(
        self,
        capture: StoredCapture,
        memory: _Memory,
        document: Document,
        changes: list[KeyChange],
    ) -> None:
        for change in changes:
            memory.cards[change.key] = change.card
        memory.head, memory.document = capture, document
        memory.line = memory.line.after(capture.version)
        memory.seen_at = capture.observed_at


def _settled(
    captures: Captures, capture: StoredCapture, status: str, note: str | None
) -> Applied:
    captures.settle(capture.id, status, note)
    return Applied(capture, status, note)


def _id(capture: StoredCapture | None) -> int | None:
    return capture.id if capture else None


def catch_up(
    store: Store, spec: SourceSpec, told: Callable[[Applied], None] = lambda _: None
) -> list[Applied]:
    """Apply every capture of a source that waits, rebuilding where history calls
    for it: a capture that belongs before an applied one, or a newer parser.

    Args:
        store: the database.
        spec: the source.
        told: called after each capture, to show progress.
    """
    with store.writing() as work:
        row = ensure_source(work, spec)
        projector = Projector(spec, row.id)
        stale = row.rebuild or row.reader != spec.reader
        if stale or projector.out_of_order(work):
            done = projector.rebuild(work, told)
            work.commit()
            return done
        work.commit()
    done = []
    while (applied := _apply_one(store, projector)) is not None:
        done.append(applied)
        told(applied)
    return done


def rebuild(
    store: Store, spec: SourceSpec, told: Callable[[Applied], None] = lambda _: None
) -> list[Applied]:
    """Replay all captures of a source; readers see the old state until it is done."""
    with store.writing() as work:
        done = Projector(spec, ensure_source(work, spec).id).rebuild(work, told)
        work.commit()
    return done


def _apply_one(store: Store, projector: Projector) -> Applied | None:
    with store.writing() as work:
        applied = projector.apply_next(work)
        work.commit()
    return applied


def ensure_source(work: UnitOfWork, spec: SourceSpec) -> source_rows.SourceRow:
    """The source's row, made on first use."""
    return source_rows.ensure(
        work.connection,
        spec.name,
        precedence=spec.precedence,
        provider=spec.provider,
        reader=spec.reader,
    )
