"""Notices by mail: who is named in `[schedule] notify` is told once that a source fell
silent, and once that it is over.

    what is silent ─► less what a recipient was told ─► one transaction: store, address

A notice is an item of a digest to its one recipient, and an item is told once: after a
crash the selection is simply repeated. The outbox delivers it as any other letter.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING

from storage import digests
from storage import slots as slot_rows
from storage import sources as source_rows
from storage.digests import Item, NewDigest
from storage.unit_of_work import Connection, Store
from tracker.checks import silence
from tracker.checks.silence import CLOCK, NEVER, Notice, stamp
from tracker.reports.wording import harmless

if TYPE_CHECKING:
    from tracker.config.model import Config

OVER = "over:"
"""What the name of an item begins with that tells the end of another one."""
KIND = "notice"

_FOOT = """
This comes once for each silence, and once when it is over, because [schedule] notify
in pricetrail.toml names you. What is overdue now: pricetrail doctor
"""


@dataclass(frozen=True, slots=True)
class _Letter:
    """What one recipient is to be told: names of items, and what they say."""

    items: tuple[str, ...]
    subject: str
    lines: tuple[str, ...]


def send_due(store: Store, config: "Config", now: datetime) -> None:
    """Put the notices that are due into the outbox; what the scheduler calls at each
    of its ticks. Cheap where there is nothing new to tell.
    """
    if not config.schedule.notify:
        return
    current = silence.notices(store, now, config)
    for recipient in config.schedule.notify:
        _tell(store, config, recipient, current, now)


def told_as(recipient: str) -> str:
    """The name under which it is remembered what a recipient was told: of no
    subscription, whose names hold neither @ nor a colon.
    """
    return f"notices to {recipient}"


def _tell(
    store: Store,
    config: "Config",
    recipient: str,
    current: list[Notice],
    now: datetime,
) -> None:
    name = told_as(recipient)
    with store.reading() as connection:
        told = digests.told_names(connection, name)
        read = slot_rows.last_good(connection, now)
    letter = _due(current, told, read)
    if letter is None:
        return
    row = NewDigest(name, KIND, now, now, letter.subject, _content(letter, config))
    with store.writing() as work:
        # As for digests: two processes do not tell the same thing.
        source_rows.lock_all(work.connection)
        if digests.told_names(work.connection, name) == told:
            _store(work.connection, row, letter, recipient, config)
            work.commit()


def _store(
    connection: Connection,
    row: NewDigest,
    letter: _Letter,
    recipient: str,
    config: "Config",
) -> None:
    id_ = digests.store(connection, row, [Item(name) for name in letter.items], ())
    named = "\n".join((recipient, *letter.items))
    name = hashlib.sha256(named.encode()).hexdigest()[:32]
    digests.address(connection, id_, {recipient: f"<{name}@{config.mail.domain}>"})


def _due(
    current: list[Notice], told: set[str], read: dict[str, datetime]
) -> _Letter | None:
    """What is new, and what is over, to somebody who was told some of it."""
    fresh = [notice for notice in current if notice.key not in told]
    over = _over(current, told)
    if not (fresh or over):
        return None
    ends = dict.fromkeys(_end(key, read) for key in over)
    items = [notice.key for notice in fresh] + [OVER + key for key in over]
    lines = [notice.text for notice in fresh] + list(ends)
    return _Letter(tuple(items), _subject(fresh, list(ends)), tuple(lines))


def _over(current: list[Notice], told: set[str]) -> list[str]:
    """What was told, lasts no more, and was not told to be over. While the clock is
    wrong, nothing is known to be over.
    """
    if any(notice.fault for notice in current):
        return []
    lasting = {_what(notice.key) for notice in current}
    open_ = (key for key in told if not key.startswith(OVER) and OVER + key not in told)
    found = (key for key in open_ if _what(key) not in lasting)
    return sorted(found, key=lambda key: (_source(key), key))


def _what(key: str) -> str:
    """A notice's name without since when."""
    return key.partition("@")[0]


def _source(key: str) -> str:
    """Of which source a notice is; empty if of all."""
    return _what(key).partition(":")[2]


def _end(key: str, read: dict[str, datetime]) -> str:
    """How something came to an end, in words."""
    if _what(key) == CLOCK:
        return "the clock is right again, and the sources are read at their times"
    source, since = _source(key), key.partition("@")[2]
    seen = [at for name, at in read.items() if source in ("", name)]
    if seen and (since == NEVER or stamp(max(seen)) > since):
        who = f"{source} was" if source else "sources are"
        return f"{who} read well again, on {max(seen):%Y-%m-%d at %H:%M} UTC"
    who = source or "the schedule"
    return f"{who} counts as overdue no more: the configuration was changed"


def _subject(fresh: list[Notice], ends: Collection[str]) -> str:
    silent = [notice.source for notice in fresh if notice.source]
    if any(notice.fault for notice in fresh):
        said = "the clock is wrong, nothing is read"
    elif any(not notice.source for notice in fresh):
        said = "no source was read for too long"
    elif silent:
        more = f" and {len(silent) - 3} more" if silent[3:] else ""
        verb = "is" if len(silent) == 1 else "are"
        said = f"{', '.join(silent[:3])}{more} {verb} silent"
    else:
        (first, *others) = ends
        more = f" (and {len(others)} more)" if others else ""
        said = f"{first}{more}"
    return f"Pricetrail: {said}"


def _content(letter: _Letter, config: "Config") -> bytes:
    from tracker.reports.headers import WRITTEN, address

    message = EmailMessage(policy=WRITTEN)
    message["Subject"] = harmless(letter.subject)
    message["From"] = address(config.mail.sender)
    if config.mail.reply_to:
        message["Reply-To"] = address(config.mail.reply_to)
    message["Auto-Submitted"] = "auto-generated"
    text = "\n".join(f"- {line}" for line in letter.lines)
    message.set_content(f"{text}\n{_FOOT}", cte="quoted-printable")
    return message.as_bytes()
