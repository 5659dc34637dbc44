"""The schedule: what is due now is claimed, done once, and its end recorded.

    tick ─► the slot that is due ─► one left behind ─► a second look ─► mail

The table of runs is the truth; whatever calls `tick` is only the clock.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage import slots as slot_rows
from storage.slots import CONFIRM, SCHEDULED, Claim
from storage.unit_of_work import Store
from tracker import wiring
from tracker.checks import clock
from tracker.checks.clock import Ahead
from tracker.domain import slots
from tracker.domain.errors import PricetrailError
from tracker.domain.slots import Calendar
from tracker.schedule.events import Tell
from tracker.sync import Fetch, SourceOutcome

LEASE = timedelta(minutes=10)
"""How long a slot stays claimed after its holder died."""
RENEWAL = timedelta(minutes=2)
TRIES = 5
"""How often a slot is begun before it is given up: a run that dies each time would
else ask every source for its prices every ten minutes."""

_CODES = {"done": 0, "partly": 1, "failed": 3}
_BAD = {"failed", "held", "rejected"}
_UNREAD = {"failed", "skipped"}
_DATED = {"digests"}
"""Hooks that date what they do, and so wait for a clock that is right."""

Hook = Callable[[Store, datetime], None]


@dataclass(frozen=True)
class Work:
    """What a tick needs to know.

    Attributes:
        calendar: when sources are read.
        confirm_after: how long after a hold or a failure a source is read again.
        fetch: how bodies are had.
        holder: who we are, as `host:process`.
        clock: what time it is.
        tell: where events are told.
        hooks: what is done after the slots, by name: digests, notices, the outbox.
    """

    calendar: Calendar
    confirm_after: timedelta
    fetch: Fetch
    holder: str
    clock: Callable[[], datetime]
    tell: Tell
    hooks: dict[str, Hook] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """A slot that was worked on, and how it ended: done, partly or failed; `read` are
    those of its sources that could be read.
    """

    kind: str
    slot: datetime
    outcome: str
    sources: tuple[str, ...]
    read: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """As that of a sync."""
        return _CODES[self.outcome]


def tick(store: Store, work: Work, now: datetime) -> list[Done]:
    """Do all that is due.

    Args:
        store: the database.
        work: how.
        now: this instant.

    Returns:
        The slots that were worked on; none if nothing was due, or others did it.
    """
    done = []
    behind = clock.behind(store, now)
    for claim_next in (_claim_due, _claim_abandoned, _claim_confirmation):
        claim = claim_next(store, work, now)
        if claim is not None and behind:
            done.append(_refused(store, work, claim, behind))
        elif claim is not None:
            done.append(_work_on(store, work, claim, now))
    left_out = _DATED if behind else set()
    with ExitStack() as rest:  # each is run, whatever becomes of the one before
        for name, hook in reversed(work.hooks.items()):
            if name not in left_out:
                rest.callback(_run_hook, store, work, name, hook)
    return done


def _claim_due(store: Store, work: Work, now: datetime) -> Claim | None:
    """Claim the newest slot that has come; those missed before it go with it."""
    with store.reading() as connection:
        newest = slot_rows.newest(connection, now)
    due = slots.due(work.calendar, newest, now)
    if due is None:
        return None
    with store.writing() as unit:
        claim = slot_rows.claim(
            unit.connection,
            SCHEDULED,
            due.slot,
            holder=work.holder,
            now=now,
            lease=LEASE,
        )
        if claim is not None:
            slot_rows.passed_over(unit.connection, due.missed, due.slot, now=now)
        unit.commit()
    if claim is not None and due.missed:
        work.tell("slots missed", count=len(due.missed), first=due.missed[0])
    return claim


def _claim_abandoned(store: Store, work: Work, now: datetime) -> Claim | None:
    """Take over a slot whose holder died."""
    with store.reading() as connection:
        if not slot_rows.any_abandoned(connection, now):
            return None
    with store.writing() as unit:
        claim = slot_rows.take_over(
            unit.connection, holder=work.holder, now=now, lease=LEASE
        )
        unit.commit()
    if claim is not None:
        work.tell("slot taken over", slot=claim.slot, tries=claim.tries)
    return claim


def _claim_confirmation(store: Store, work: Work, now: datetime) -> Claim | None:
    """Claim the newest second look that has come."""
    due = [slot for slot in _confirmations(store, work, now) if slot <= now]
    if not due:
        return None
    with store.writing() as unit:
        claim = slot_rows.claim(
            unit.connection, CONFIRM, due[-1], holder=work.holder, now=now, lease=LEASE
        )
        unit.commit()
    return claim


def _confirmations(
    store: Store, work: Work, now: datetime
) -> dict[datetime, list[str]]:
    with store.reading() as connection:
        standings = slot_rows.standings(connection, now)
    mine = [each for each in standings if each.source in work.calendar.cadences]
    return slots.confirmations(mine, work.confirm_after)


def _wanted(store: Store, work: Work, claim: Claim, now: datetime) -> list[str]:
    """The sources that a claimed slot is to read, less those it has dealt with."""
    with store.reading() as connection:
        dealt_with = slot_rows.noted(connection, claim.run_id)
        read = slot_rows.last_good(connection, now)
    if claim.kind == SCHEDULED:
        wanted = work.calendar.due(claim.slot, read)
    else:
        wanted = _confirmations(store, work, now).get(claim.slot, [])
    return [name for name in wanted if name not in dealt_with]


def _work_on(store: Store, work: Work, claim: Claim, now: datetime) -> Done:
    """Do a claimed slot and record its end; if it fails, the lease runs out and the
    slot is begun again.
    """
    if claim.tries > TRIES:
        why = f"given up after {TRIES} tries"
        return _settled(store, work, claim, outcome="failed", note=why)
    wanted = _wanted(store, work, claim, now)
    work.tell("slot begun", kind=claim.kind, slot=claim.slot, sources=len(wanted))
    # Where nothing is left to read, something may be left to judge and to tell.
    with _leased(store, work, claim):
        report = wiring.run_claimed(store, claim, wanted, work.fetch, now)
    for each in report.outcomes:
        _tell_of(work, each)
    _tell_untold(work, report.untold)
    nothing = "no source was due" if claim.tries == 1 else "nothing was left to read"
    note = None if wanted else nothing
    return _settled(store, work, claim, note=note, doubtful=bool(report.exit_code))


def _tell_untold(work: Work, found: Mapping[str, int]) -> None:
    for source, held in sorted(found.items()):
        note = "by a run that was stopped"
        work.tell("values held", source=source, held=held, note=note)


def _refused(store: Store, work: Work, claim: Claim, behind: Ahead) -> Done:
    """Close a claimed slot without a reading: what is read would be filed before what
    was read already.
    """
    names = _wanted(store, work, claim, behind.now)
    work.tell("clock set back", slot=claim.slot, note=behind.said)
    with store.writing() as unit:
        slot_rows.refuse(unit.connection, claim, names, behind.said)
        unit.commit()
    return _settled(store, work, claim, outcome="failed", note=behind.said)


def _tell_of(work: Work, each: SourceOutcome) -> None:
    note = "; ".join(filter(None, (each.note, each.shortfall)))
    work.tell(
        "source read",
        source=each.source,
        outcome=each.outcome,
        held=each.new_holds or None,
        note=note or None,
    )


def _settled(
    store: Store,
    work: Work,
    claim: Claim,
    *,
    outcome: str | None = None,
    note: str | None = None,
    doubtful: bool = False,
) -> Done:
    """Record how a slot ended, by what all its tries found."""
    with store.writing() as unit:
        found = slot_rows.noted(unit.connection, claim.run_id)
        outcome = outcome or _outcome(set(found.values()), doubtful=doubtful)
        slot_rows.settle(
            unit.connection, claim, at=work.clock(), outcome=outcome, note=note
        )
        unit.commit()
    work.tell("slot done", kind=claim.kind, slot=claim.slot, outcome=outcome, note=note)
    read = tuple(sorted(name for name in found if found[name] not in _UNREAD))
    return Done(claim.kind, claim.slot, outcome, tuple(sorted(found)), read)


def _outcome(found: set[str], *, doubtful: bool) -> str:
    if found == {"failed"}:
        return "failed"
    return "partly" if doubtful or found & _BAD else "done"


@contextmanager
def _leased(store: Store, work: Work, claim: Claim) -> Iterator[None]:
    """Keep the lease of a slot alive for the length of a block."""
    ended = threading.Event()
    keeper = threading.Thread(
        target=_keep, args=(store, work, claim, ended), daemon=True
    )
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()


def _keep(store: Store, work: Work, claim: Claim, ended: threading.Event) -> None:
    while not ended.wait(RENEWAL.total_seconds()):
        try:
            with store.writing() as unit:
                ours = slot_rows.renew(unit.connection, claim, work.clock() + LEASE)
                unit.commit()
        except PricetrailError as fault:
            # The work goes on, and the next renewal may well succeed.
            work.tell("lease not renewed", slot=claim.slot, error=str(fault))
        else:
            if not ours:
                work.tell("slot was taken over by another process", slot=claim.slot)
                return


def _run_hook(store: Store, work: Work, name: str, hook: Hook) -> None:
    """What follows the slots; a fault of it is told and tried again next time."""
    try:
        hook(store, work.clock())
    except (PricetrailError, OSError) as fault:
        work.tell(f"{name} failed", error=str(fault))
