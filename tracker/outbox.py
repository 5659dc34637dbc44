"""The outbox: letters that wait, and the attempts to deliver them.

A letter is claimed in one transaction, handed over with none open, and its outcome is
recorded in another. Killed in between, it is handed over once more when its claim has
run out, under the same Message-ID: at least once, and recognisable.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage

from storage import outbox
from storage.outbox import Letter
from storage.unit_of_work import Store
from tracker.delivery.channel import PREFIX, post
from tracker.delivery.errors import DeliveryError, Refused, Unreachable
from tracker.delivery.folder import put
from tracker.delivery.letters import addressed
from tracker.delivery.smtp import MailServer
from tracker.domain.errors import UsageError
from tracker.reports.settings import Configured, Mail, Subscription, bare, is_name

CLAIM = timedelta(minutes=15)
"""How long an attempt may take before somebody else may make it."""

WAITS = (
    *(timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15)),
    *(timedelta(hours=1), timedelta(hours=3), timedelta(hours=6)),
)
"""How long to wait after each attempt; after the last of them always as long."""


@dataclass
class Delivered:
    """What a delivery run did, one line for each letter that did not go."""

    sent: int = 0
    later: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 if everything that was due and still wanted went out, else 1."""
        return 1 if self.later or self.failed else 0


def deliver(
    store: Store,
    mail: Mail,
    *,
    now: datetime,
    context: ssl.SSLContext | None = None,
    subscriptions: Mapping[str, Subscription] | None = None,
) -> Delivered:
    """Try every letter that is due.

    Args:
        store: the database.
        mail: how letters leave.
        now: the instant.
        context: what certificates are trusted; the system's if None.
        subscriptions: who is told of what now: whoever is no recipient any more gets
            no letter that still waits. None or empty if that is not known.
    """
    with store.reading() as connection:
        waiting = outbox.due(connection, now)
    with MailServer(mail, context) as server:
        run = _Run(store, mail, server, now, subscriptions or {})
        for id_ in waiting:
            letter = _claimed(run, id_)
            if letter is None:
                continue
            if why := _unwanted(letter, run.subscriptions):
                _drop(run, letter, why)
            else:
                _attempt(run, letter)
    return run.done


@dataclass
class _Run:
    """A delivery run: what it works with, what it did, and which ways are down."""

    store: Store
    mail: Mail
    server: MailServer
    now: datetime
    subscriptions: Mapping[str, Subscription]
    began: float = field(default_factory=time.monotonic)
    done: Delivered = field(default_factory=Delivered)
    down: dict[str, str] = field(default_factory=dict)

    @property
    def later(self) -> datetime:
        """The instant by now: many letters to a slow server take their time."""
        return self.now + timedelta(seconds=time.monotonic() - self.began)


def deliver_due(store: Store, config: Configured, now: datetime) -> None:
    """Deliver what is due; what the scheduler calls at each of its ticks. Failures are
    kept with their letters.
    """
    deliver(store, config.mail, now=now, subscriptions=config.subscriptions)


def _claimed(run: _Run, id_: int) -> Letter | None:
    """The letter, if it is ours to try; None if somebody else was quicker."""
    until = run.later + CLAIM
    with run.store.writing() as work:
        taken = outbox.claim(work.connection, id_, now=run.now, until=until)
        letter = outbox.letter(work.connection, id_) if taken else None
        work.commit()
    return letter


def _unwanted(letter: Letter, subscriptions: Mapping[str, Subscription]) -> str:
    """Why a letter is not sent any more: somebody unsubscribed meanwhile."""
    name = letter.subscription
    if not subscriptions or not is_name(name):
        return ""
    if name not in subscriptions:
        return f"there is no subscription {name} any more"
    known = {bare(to).casefold() for to in subscriptions[name].to}
    gone = bare(letter.recipient).casefold() not in known
    return f"no recipient of {name} any more" if gone else ""


def _drop(run: _Run, letter: Letter, why: str) -> None:
    """End the attempts of a letter that nobody wants."""
    with run.store.writing() as work:
        outbox.failed(work.connection, letter.id, note=f"not sent: {why}")
        work.commit()
    run.done.dropped.append(f"{letter.id} to {letter.recipient}: {why}")


def _attempt(run: _Run, letter: Letter) -> None:
    """Hand over one letter and record what became of it."""
    way = _way(letter, run.mail)
    try:
        if way in run.down:
            raise Unreachable(run.down[way])
        message = _message(run.store, letter, run.mail)
        note = _hand_over(message, letter, run.mail, run.server)
    except DeliveryError as fault:
        if isinstance(fault, Unreachable):
            run.down[way] = str(fault)
        _not_sent(run, letter, fault)
        return
    with run.store.writing() as work:
        outbox.sent(work.connection, letter.id, now=run.now, note=note)
        work.commit()
    run.done.sent += 1


def _way(letter: Letter, mail: Mail) -> str:
    """What a letter goes through: what is down for one is down for all of its way."""
    if letter.recipient.startswith(PREFIX):
        return letter.recipient
    return mail.server or "folder"


def _hand_over(
    message: EmailMessage, letter: Letter, mail: Mail, server: MailServer
) -> str:
    if letter.recipient.startswith(PREFIX):
        return post(message, letter.recipient)
    if mail.server is None:
        day = letter.created_at.strftime("%Y-%m-%d")
        return put(mail.folder, message, day=day, name=letter.subscription)
    return server.send(message, letter.recipient)


def _not_sent(run: _Run, letter: Letter, fault: DeliveryError) -> None:
    """Put a letter off, or give it up."""
    wait = WAITS[min(letter.attempts, len(WAITS)) - 1]
    ends = letter.created_at + timedelta(days=run.mail.give_up_days)
    # An old letter that a person has tried again gets as many attempts as a new one.
    late = run.now + wait > ends and letter.attempts >= len(WAITS)
    line = f"{letter.id} to {letter.recipient}: {fault}"
    with run.store.writing() as work:
        if isinstance(fault, Refused) or late:
            note = f"given up: {fault}" if late else str(fault)
            outbox.failed(work.connection, letter.id, note=note)
            run.done.failed.append(line)
        else:
            until = run.now + wait
            outbox.put_off(work.connection, letter.id, until=until, note=str(fault))
            run.done.later.append(line)
        work.commit()


def message_of(store: Store, id_: int, mail: Mail) -> tuple[Letter, EmailMessage]:
    """A letter and the message as it is, or was, sent.

    Raises:
        UsageError: no such letter.
    """
    with store.reading() as connection:
        letter = outbox.letter(connection, id_)
    if letter is None:
        raise UsageError(f"no letter {id_}; list them with: pricetrail outbox --all")
    return letter, _message(store, letter, mail)


def _message(store: Store, letter: Letter, mail: Mail) -> EmailMessage:
    with store.reading() as connection:
        content = outbox.content(connection, letter.digest_id)
    return addressed(
        content,
        to=letter.recipient if not letter.recipient.startswith(PREFIX) else "",
        message_id=letter.message_id,
        at=letter.created_at,
        stop=mail.unsubscribe or _stop(letter, mail),
        name=letter.subscription,
    )


def _stop(letter: Letter, mail: Mail) -> str:
    from urllib.parse import quote

    topic = quote(f"unsubscribe {letter.subscription}")
    return f"mailto:{bare(mail.reply_to or mail.sender)}?subject={topic}"


def retry(store: Store, ids: list[int], *, now: datetime) -> int:
    """Have letters tried at the next delivery; all that are not sent if none is named.

    Returns:
        how many.

    Raises:
        UsageError: one of them does not exist, or was sent.
    """
    with store.writing() as work:
        known = {letter.id for letter in outbox.letters(work.connection)}
        if unknown := set(ids) - known:
            told = ", ".join(map(str, sorted(unknown)))
            raise UsageError(
                f"no letter {told} waits or failed; list them with: pricetrail outbox"
            )
        chosen = ids or sorted(known)
        outbox.again(work.connection, chosen, now=now)
        work.commit()
    return len(chosen)
