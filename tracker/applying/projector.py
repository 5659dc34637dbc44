"""Applying captures: from raw bodies to periods and price changes, in order.

Used by sync, backfill and rebuild alike, so that they cannot differ. Each
capture is applied in one transaction, given by the caller; what was parsed and
what is known of the keys is remembered between captures of one process.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from storage import sources as source_rows
from storage.captures import Captures, StoredCapture
from storage.keeping import pruning
from storage.projection import Projection, Written
from storage.unit_of_work import UnitOfWork
from tracker.applying.memory import Memory, sieve_for
from tracker.applying.plan import (
    Plan,
    census_of,
    changed_keys,
    completed,
    says_the_same,
)
from tracker.domain import gate
from tracker.domain.errors import UnreadableBody
from tracker.domain.quotes import Document
from tracker.domain.ratecard import Held, KeyCard
from tracker.domain.schedule import in_effect
from tracker.domain.timeline import Reading, Stamp, advance, propose
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
        replayed: it was applied before, and now again in a rebuild.
    """

    capture: StoredCapture
    status: str
    note: str | None = None
    written: Written = field(default_factory=Written)
    keys: int = 0
    unknown: int = 0
    notes: tuple[str, ...] = ()
    replayed: bool = False


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
        """Whether a capture waits that belongs before one that was looked at."""
        captures = Captures(work.connection, self._source_id)
        newest, pending = captures.newest_at(), captures.pending(1)
        if newest is None or not pending:
            return False
        return pending[0].observed_at <= newest

    def rebuild(
        self, work: UnitOfWork, told: Callable[[Applied], None]
    ) -> list[Applied]:
        """Drop the projection and replay every capture, in one transaction.

        Where bodies were pruned, what was derived up to the floor stays, and the
        captures after it are replayed.
        """
        source_rows.lock(work.connection, self._source_id)
        captures = Captures(work.connection, self._source_id)
        floor = pruning.floor_of(work.connection, self._source_id)
        if floor is None:
            self._projection.forget(work.connection)
            captures.reopen_all()
        else:
            self.rewind(work, floor)
        done: list[Applied] = []
        for capture in captures.pending():
            again = [replace(a, replayed=True) for a in self._apply(work, capture)]
            done += again
            told(again[-1])
        source_rows.rebuilt(work.connection, self._source_id, self._spec.version)
        return done

    def rewind(self, work: UnitOfWork, floor: datetime) -> None:
        """Take back what the captures after an instant did, and know it no more."""
        pruning.rewind(work.connection, self._source_id, floor)
        self._projection, self._memory = Projection(self._source_id), None

    def replay(self, work: UnitOfWork) -> None:
        """Apply all that waits, in the caller's transaction."""
        for capture in Captures(work.connection, self._source_id).pending():
            self._apply(work, capture)

    def _apply(self, work: UnitOfWork, capture: StoredCapture) -> list[Applied]:
        captures = Captures(work.connection, self._source_id)
        memory = self._remembered(work)
        turning = memory.turning(work, capture.observed_at)
        settled = _needless(captures, capture, memory, repeats=not turning)
        if settled is not None:
            if settled.status == "unchanged":
                settled = self._seen_again(work, memory, settled)
            return [settled]
        try:
            plan = self._plan(work, memory, capture, self._read(captures, capture))
        except UnreadableBody as fault:
            return [_settled(captures, capture, "failed", str(fault))]
        except RecursionError:
            note = "nested too deeply to be a price list"
            return [_settled(captures, capture, "failed", note)]
        return self._judged(work, memory, plan)

    def _seen_again(
        self, work: UnitOfWork, memory: Memory, settled: Applied
    ) -> Applied:
        """The same bytes again: what was held in between did not last, and what
        was missing the first time is missing the second time.

        A map read again from the installed package is no second look.
        """
        capture = settled.capture
        if capture.origin == "package" or not capture.complete:
            return settled
        self._disprove(work, memory, capture)
        missing = memory.missing(work)
        stamp = Stamp(capture.observed_at, memory.seen_at, capture.complete)
        changes = advance(missing, Reading({}, (), {}), stamp)
        written = self._projection.write(work.connection, changes, capture.id)
        memory.remember_absences(changes)
        # Prices that are seen again are surer than before.
        source_rows.mark_unjudged(work.connection, self._source_id)
        return replace(settled, written=written)

    def _judged(self, work: UnitOfWork, memory: Memory, plan: Plan) -> list[Applied]:
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
        if self._confirmed(work, memory, plan, reason):
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
    ) -> Plan:
        captures = Captures(work.connection, self._source_id)
        before = memory.load_document(captures, self._spec)
        document = completed(document, before)
        changed = changed_keys(before, document)
        unsettled = memory.unsettled(work) | memory.turning(work, capture.observed_at)
        statements = {
            key: in_effect(
                self._spec.flatten(key, document.entries[key]), capture.observed_at
            )
            for key in changed | (unsettled & document.entries.keys())
        }
        cards = memory.cards(work, document, statements)
        return Plan(
            capture=capture,
            document=document,
            statements=statements,
            cards=cards,
            proposals=propose(cards, statements),
            novel=memory.novel_fields(document, changed),
        )

    def _read(self, captures: Captures, capture: StoredCapture) -> Document:
        document = self._spec.parse(captures.body(capture))
        return document if capture.complete else replace(document, complete=False)

    def _fault(self, plan: Plan) -> str | None:
        """Why the capture as a whole cannot be believed, if it cannot."""
        if not self._gated:
            return None
        if len(plan.document.entries) < self._spec.floor:
            return "few_offers"
        memory = self._memory
        if memory is None or memory.document is None:
            return None
        census = census_of(memory.document, plan)
        return gate.examine_capture(census, self._spec.limits)

    def _advance(self, work: UnitOfWork, memory: Memory, plan: Plan) -> Applied:
        capture, document = plan.capture, plan.document
        first = memory.head is None
        reasons = {} if first or not self._gated else self._reasons(work, memory, plan)
        held = document.held_keys if self._gated else {}
        reading = Reading(plan.statements, document.entries.keys(), held)
        changes = advance(
            plan.cards,
            reading,
            Stamp(capture.observed_at, memory.seen_at, document.complete),
            proposals=plan.proposals,
            sieve=sieve_for(memory, capture, self._spec, reasons),
        )
        written = self._projection.write(work.connection, changes, capture.id)
        captures = Captures(work.connection, self._source_id)
        captures.settle(capture.id, "applied")
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
        self, work: UnitOfWork, memory: Memory, plan: Plan
    ) -> dict[tuple[str, str], str]:
        steps = {key: steps for key, steps in plan.proposals.items() if steps}
        cards = {
            key: plan.cards.get(key) or KeyCard(plan.statements[key].offer)
            for key in steps
        }
        providers = {card.offer.provider for card in cards.values()}
        return gate.examine_rates(steps, cards, memory.market(work, providers))

    def _confirmed(
        self, work: UnitOfWork, memory: Memory, plan: Plan, reason: str
    ) -> bool:
        """Whether a later capture says the same as the one that waits: another
        accident does not confirm the first.
        """
        if not memory.waiting or reason == "few_offers":
            return False
        first = self._waiting_plan(work, memory)
        held = Held(reason, "", since=first.capture.observed_at)
        sieve = sieve_for(memory, plan.capture, self._spec, {})
        same = self._fault(first) == reason and says_the_same(first, plan)
        return same and sieve.confirms(held)

    def _waiting_plan(self, work: UnitOfWork, memory: Memory) -> Plan:
        """What the first waiting capture would do, worked out once a process."""
        first = memory.waiting[0]
        plan = memory.plans.get(first.id)
        if not isinstance(plan, Plan):
            captures = Captures(work.connection, self._source_id)
            plan = self._plan(work, memory, first, self._read(captures, first))
            memory.plans[first.id] = plan
        return plan

    def _release(
        self, work: UnitOfWork, memory: Memory, capture: StoredCapture
    ) -> list[Applied]:
        """Apply the held capture as of its own instant, then those after it."""
        plan = self._waiting_plan(work, memory)
        first, *others = memory.waiting
        memory.waiting, memory.plans = [], {}
        self._projection.settle_capture_hold(
            work.connection, first.id, "released", capture.observed_at
        )
        done = [self._advance(work, memory, plan)]
        done += self._settle_repeats(work, first, "unchanged")
        for later in [*others, capture]:
            self._projection.settle_capture_hold(
                work.connection, later.id, "lapsed", capture.observed_at
            )
            done += self._apply(work, later)
        return done

    def _settle_repeats(
        self, work: UnitOfWork, held: StoredCapture, status: str
    ) -> list[Applied]:
        """What becomes of a held capture becomes of those that only repeat it."""
        captures = Captures(work.connection, self._source_id)
        note = "the same bytes as the capture before"
        return [
            _settled(captures, repeat, status, note)
            for repeat in captures.repeats(held)
        ]

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
            self._settle_repeats(work, held, "rejected")
            captures.settle(held.id, "rejected", "not confirmed by the next capture")
            self._projection.settle_capture_hold(
                work.connection, held.id, "lapsed", capture.observed_at
            )
        memory.waiting = []

    def _remembered(self, work: UnitOfWork) -> Memory:
        """What is known; read anew if another process has moved on meanwhile."""
        head = Captures(work.connection, self._source_id).head()
        rebuilds = source_rows.rebuilds(work.connection, self._source_id)
        memory = self._memory
        stale = memory is None or memory.rebuilds != rebuilds
        if memory is None or stale or _id(head) != _id(memory.head):
            # Ids of keys may be others by now, too.
            self._projection = Projection(self._source_id)
            memory = Memory(
                work, self._source_id, self._projection, dated=self._spec.dated
            )
            memory.rebuilds = rebuilds
            self._memory = memory
        return memory


def _needless(
    captures: Captures, capture: StoredCapture, memory: Memory, *, repeats: bool
) -> Applied | None:
    """A capture that says nothing new, or comes out of turn, settled at once.

    `repeats` tells whether the bytes of the head still say what they said: a price
    that they announced may have begun since.
    """
    head = memory.head
    if head is not None and head.sha256 == capture.sha256 and repeats:
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


def _settled(
    captures: Captures, capture: StoredCapture, status: str, note: str | None
) -> Applied:
    captures.settle(capture.id, status, note)
    return Applied(capture, status, note)


def _id(capture: StoredCapture | None) -> int | None:
    return capture.id if capture else None
