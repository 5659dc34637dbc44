"""Applying captures: from raw bodies to periods and price changes, in order.

Used by sync, backfill and rebuild alike, so that they cannot differ. Each
capture is applied in one transaction, given by the caller; what was parsed and
what is known of the keys is remembered between captures of one process.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from storage import sources as source_rows
from storage.captures import Captures, StoredCapture
from storage.projection import Projection, Written
from storage.unit_of_work import Store, UnitOfWork
from tracker.domain import gate
from tracker.domain.diff import Step
from tracker.domain.errors import UnreadableBody
from tracker.domain.quotes import Document, Statement
from tracker.domain.ratecard import Held, KeyCard
from tracker.domain.timeline import Reading, Stamp, advance, past_deprecation, propose
from tracker.memory import Memory, sieve_for
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


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a capture would do, before the gate."""

    capture: StoredCapture
    document: Document
    statements: Mapping[str, Statement]
    cards: Mapping[str, KeyCard]
    proposals: Mapping[str, list[Step]]
    novel: int


class Projector:
    """Applies the captures of one source.

    Args:
        spec: the source.
        source_id: its row.
        gated: whether the gate holds things back; without it every raw change
            is recorded as it stands.
    """

    def __init__(self, spec: SourceSpec, source_id: int, *, gated: bool = True) -> None:
        self._spec = spec
        self._source_id = source_id
        self._gated = gated
        self._projection = Projection(source_id)
        self._memory: Memory | None = None

    def apply_next(self, work: UnitOfWork) -> list[Applied]:
        """Apply the oldest pending capture, and those held ones that it confirms.

        The caller commits; if it does not, this projector must not be used again.

        Returns:
            what became of each capture touched; nothing if none was pending.
        """
        source_rows.lock(work.connection, self._source_id)
        pending = Captures(work.connection, self._source_id).pending(1)
        return self._apply(work, pending[0]) if pending else []

    def out_of_order(self, work: UnitOfWork) -> bool:
        """Whether a capture waits that belongs before one that was applied."""
        captures = Captures(work.connection, self._source_id)
        head, pending = captures.head(), captures.pending(1)
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
        done: list[Applied] = []
        for capture in captures.pending():
            fresh = self._apply(work, capture)
            done += fresh
            told(fresh[-1])
        source_rows.rebuilt(work.connection, self._source_id, self._spec.reader)
        return done

    def _apply(self, work: UnitOfWork, capture: StoredCapture) -> list[Applied]:
        captures = Captures(work.connection, self._source_id)
        memory = self._remembered(work)
        settled = _needless(captures, capture, memory)
        if settled is not None:
            if settled.status == "unchanged":
                self._disprove(work, memory, capture)
            return [settled]
        try:
            document = self._spec.parse(captures.body(capture))
            plan = self._plan(work, memory, capture, document)
        except UnreadableBody as fault:
            return [_settled(captures, capture, "failed", str(fault))]
        except RecursionError:
            note = "nested too deeply to be a price list"
            return [_settled(captures, capture, "failed", note)]
        return self._judged(work, memory, plan)

    def _judged(self, work: UnitOfWork, memory: Memory, plan: _Plan) -> list[Applied]:
        """Hold the capture as a whole, or apply it."""
        decided = memory.decided.captures.get(plan.capture.sha256)
        captures = Captures(work.connection, self._source_id)
        if decided == "reject":
            note = "rejected by a person"
            return [_settled(captures, plan.capture, "rejected", note)]
        reason = None if decided == "accept" else self._fault(plan)
        if reason is None:
            self._disprove(work, memory, plan.capture)
            return [self._advance(work, memory, plan)]
        if self._confirmed(memory, plan.capture, reason):
            return self._release(work, memory, plan.capture)
        if not memory.waiting:
            memory.plans = {plan.capture.id: plan}
        return [self._hold(work, memory, plan.capture, reason)]

    def _plan(
        self,
        work: UnitOfWork,
        memory: Memory,
        capture: StoredCapture,
        document: Document,
    ) -> _Plan:
        captures = Captures(work.connection, self._source_id)
        before = memory.load_document(captures, self._spec)
        changed = _changed_keys(before, document)
        unsettled = memory.unsettled(work) & document.entries.keys()
        statements = {
            key: self._spec.flatten(key, document.entries[key])
            for key in changed | unsettled
        }
        cards = memory.cards(work, document, statements)
        return _Plan(
            capture=capture,
            document=document,
            statements=statements,
            cards=cards,
            proposals=propose(cards, statements),
            novel=memory.novel_fields(document, changed),
        )

    def _fault(self, plan: _Plan) -> str | None:
        """Why the capture as a whole cannot be believed, if it cannot."""
        if not self._gated:
            return None
        if len(plan.document.entries) < self._spec.floor:
            return "few_offers"
        memory = self._memory
        if memory is None or memory.document is None:
            return None
        census = _census(memory.document, plan)
        return gate.examine_capture(census, self._spec.limits)

    def _advance(self, work: UnitOfWork, memory: Memory, plan: _Plan) -> Applied:
        capture, document = plan.capture, plan.document
        first = memory.head is None
        reasons = {} if first or not self._gated else self._reasons(work, memory, plan)
        reading = Reading(
            plan.statements, document.entries.keys(), _held_keys(document, self._gated)
        )
        changes = advance(
            plan.cards,
            reading,
            Stamp(capture.observed_at, memory.seen_at, capture.complete),
            proposals=plan.proposals,
            sieve=sieve_for(memory, capture, self._spec, reasons),
        )
        written = self._projection.write(work.connection, changes, capture.id)
        captures = Captures(work.connection, self._source_id)
        captures.settle(capture.id, "applied")
        if changes:
            source_rows.mark_unjudged(work.connection, self._source_id)
        memory.remember(capture, document, changes)
        return Applied(
            capture,
            "applied",
            written=written,
            keys=len(document.entries),
            unknown=sum(said.unknown for said in plan.statements.values()),
            notes=document.notes,
        )

    def _reasons(
        self, work: UnitOfWork, memory: Memory, plan: _Plan
    ) -> dict[tuple[str, str], str]:
        steps = {key: steps for key, steps in plan.proposals.items() if steps}
        cards = {
            key: plan.cards.get(key) or KeyCard(plan.statements[key].offer)
            for key in steps
        }
        providers = {card.offer.provider for card in cards.values()}
        return gate.examine_rates(steps, cards, memory.market(work, providers))

    def _confirmed(self, memory: Memory, capture: StoredCapture, reason: str) -> bool:
        """Whether a later capture has the same fault as one that waits."""
        if not memory.waiting or reason == "few_offers":
            return False
        first = Held(reason, "", since=memory.waiting[0].observed_at)
        sieve = sieve_for(memory, capture, self._spec, {})
        return sieve.confirms(first)

    def _release(
        self, work: UnitOfWork, memory: Memory, capture: StoredCapture
    ) -> list[Applied]:
        """Apply the held capture as of its own instant, then those after it."""
        captures = Captures(work.connection, self._source_id)
        first, *others = memory.waiting
        memory.waiting = []
        plan = memory.plans.pop(first.id, None)
        if not isinstance(plan, _Plan):
            document = self._spec.parse(captures.body(first))
            plan = self._plan(work, memory, first, document)
        self._projection.settle_capture_hold(
            work.connection, first.id, "released", capture.observed_at
        )
        done = [self._advance(work, memory, plan)]
        for later in [*others, capture]:
            self._projection.settle_capture_hold(
                work.connection, later.id, "lapsed", capture.observed_at
            )
            done += self._apply(work, later)
        return done

    def _hold(
        self, work: UnitOfWork, memory: Memory, capture: StoredCapture, reason: str
    ) -> Applied:
        note = gate.REASONS[reason]
        self._projection.hold_capture(work.connection, capture, reason, note)
        memory.waiting.append(capture)
        captures = Captures(work.connection, self._source_id)
        held = _settled(captures, capture, "held", note)
        return Applied(capture, "held", held.note, Written(held=1))

    def _disprove(
        self, work: UnitOfWork, memory: Memory, capture: StoredCapture
    ) -> None:
        """A sound capture after held ones: what they said did not last."""
        captures = Captures(work.connection, self._source_id)
        for held in memory.waiting:
            captures.settle(held.id, "rejected", "not confirmed by the next capture")
            self._projection.settle_capture_hold(
                work.connection, held.id, "lapsed", capture.observed_at
            )
        memory.waiting = []

    def _remembered(self, work: UnitOfWork) -> Memory:
        """What is known; read anew if another process has moved on meanwhile."""
        head = Captures(work.connection, self._source_id).head()
        memory = self._memory
        if memory is None or _id(head) != _id(memory.head):
            memory = Memory(work, self._source_id, self._projection)
            self._memory = memory
        return memory


def _needless(
    captures: Captures, capture: StoredCapture, memory: Memory
) -> Applied | None:
    """A capture that says nothing new, or comes out of turn, settled at once."""
    head = memory.head
    if head is not None and head.sha256 == capture.sha256:
        if capture.origin != "package":
            memory.seen_at = capture.observed_at
        memory.line = memory.line.after(capture.version)
        return _settled(captures, capture, "unchanged", None)
    if memory.line.leaves_out(capture.version):
        note = f"release {capture.version} is older than {memory.line.newest}"
        return _settled(captures, capture, "rejected", note)
    if head is not None and capture.observed_at <= head.observed_at:
        note = "another body of the same instant was applied"
        return _settled(captures, capture, "rejected", note)
    if any(held.sha256 == capture.sha256 for held in memory.waiting):
        note = "the same bytes as a capture that is held; they confirm nothing"
        return _settled(captures, capture, "held", note)
    return None


def _changed_keys(before: Document | None, document: Document) -> set[str]:
    """Keys whose entries are new or differ, and those that were doubtful."""
    known = before.entries if before else {}
    doubtful = before.held_keys.keys() if before else ()
    return {
        key
        for key, entry in document.entries.items()
        if key not in known or known[key] != entry or key in doubtful
    }


def _held_keys(document: Document, gated: bool) -> Mapping[str, str]:  # noqa: FBT001
    return document.held_keys if gated else {}


def _census(before: Document, plan: _Plan) -> gate.Census:
    at = plan.capture.observed_at
    gone = before.entries.keys() - plan.document.entries.keys()
    lost = [k for k in gone if k in plan.cards]
    changed = [
        (plan.cards[key], step)
        for key, steps in plan.proposals.items()
        for step in steps
        if step.kind == "changed"
    ]
    return gate.Census(
        before=len(before.entries),
        lost=sum(1 for key in lost if not past_deprecation(plan.cards[key], at)),
        entries=len(plan.document.entries),
        novel=plan.novel,
        changed=len(changed),
        gone_back=sum(1 for card, step in changed if gate.gone_back(step, card)),
    )


def _settled(
    captures: Captures, capture: StoredCapture, status: str, note: str | None
) -> Applied:
    captures.settle(capture.id, status, note)
    return Applied(capture, status, note)


def _id(capture: StoredCapture | None) -> int | None:
    return capture.id if capture else None


def catch_up(
    store: Store,
    spec: SourceSpec,
    told: Callable[[Applied], None] = lambda _: None,
    *,
    gated: bool = True,
) -> list[Applied]:
    """Apply every capture of a source that waits, rebuilding where history calls
    for it: a capture that belongs before an applied one, a newer parser, or a
    decision of a person.

    Args:
        store: the database.
        spec: the source.
        told: called after each capture, to show progress.
        gated: False records raw changes, for tests and measurements.
    """
    with store.writing() as work:
        row = ensure_source(work, spec)
        projector = Projector(spec, row.id, gated=gated)
        stale = row.rebuild or row.reader != spec.reader
        if stale or projector.out_of_order(work):
            done = projector.rebuild(work, told)
            work.commit()
            return done
        work.commit()
    done = []
    while applied := _apply_one(store, projector):
        done += applied
        told(applied[-1])
    return done


def rebuild(
    store: Store, spec: SourceSpec, told: Callable[[Applied], None] = lambda _: None
) -> list[Applied]:
    """Replay all captures of a source; readers see the old state until it is done."""
    with store.writing() as work:
        done = Projector(spec, ensure_source(work, spec).id).rebuild(work, told)
        work.commit()
    return done


def _apply_one(store: Store, projector: Projector) -> list[Applied]:
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
