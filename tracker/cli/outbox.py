"""The command that shows what waits to be delivered, and has it tried again."""

from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import options
from tracker.cli.output import Format, counted, emit, say, table
from tracker.domain.errors import UsageError

if TYPE_CHECKING:
    from storage.outbox import Letter

COLUMNS = (
    *("id", "subscription", "recipient", "subject", "status", "attempts"),
    *("created_at", "next_attempt_at", "sent_at", "message_id", "note"),
)


def outbox(
    action: Annotated[
        str | None, typer.Argument(metavar="[retry|show]", help="Default: list.")
    ] = None,
    letter: Annotated[
        int | None,
        typer.Argument(metavar="[ID]", min=1, max=2**31 - 1, help="As listed."),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Also what was sent.")] = False,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """What waits to be delivered or failed; try it again, or show it."""
    from tracker import wiring

    if action not in (None, "retry", "show") or (action == "show" and letter is None):
        raise UsageError("write: pricetrail outbox [retry [ID] | show ID]")
    if action == "retry":
        raise typer.Exit(_retry(db, letter))
    if action == "show" and letter is not None:
        _show(db, letter)
        return
    from storage import outbox as letters

    with wiring.opened(db) as store, store.reading() as connection:
        found = letters.letters(connection, every=every)
    _list(found, form)


def _list(found: "list[Letter]", form: Format) -> None:
    rows = [{name: getattr(one, name) for name in COLUMNS} for one in found]
    if form is not Format.TABLE:
        emit(rows, COLUMNS, form)
        return
    if not rows:
        say("nothing waits")
        return
    headers = [">id", "to", "subject", "status", ">attempts", "next", "note"]
    table("", headers, [_line(one) for one in found])
    failed = sum(one.status == "failed" for one in found)
    waiting = sum(one.status == "pending" for one in found)
    say(f"{waiting} waiting, {failed} failed; try now with: pricetrail outbox retry")


def _line(one: "Letter") -> list[str]:
    after = f"{one.next_attempt_at:%Y-%m-%d %H:%M}" if one.next_attempt_at else ""
    status = f"sent {one.sent_at:%Y-%m-%d %H:%M}" if one.sent_at else one.status
    what = [str(one.id), one.recipient, one.subject, status, str(one.attempts)]
    return [*what, after, one.note or ""]


def _retry(db: str | None, letter: int | None) -> int:
    from tracker import config, outbox, wiring
    from tracker.cli.digest import tell_delivered

    settings, now = config.load(), wiring.now()
    with wiring.opened(db) as store:
        chosen = [] if letter is None else [letter]
        count = outbox.retry(store, chosen, now=now)
        say(f"trying {counted(count, 'letter')}")
        known = settings.subscriptions
        done = outbox.deliver(store, settings.mail, now=now, subscriptions=known)
    return tell_delivered(done, settings.mail)


def _show(db: str | None, letter: int) -> None:
    """A letter as it is, or was, sent: headers, then its text."""
    from tracker import config, wiring
    from tracker.outbox import message_of

    settings = config.load()
    with wiring.opened(db) as store:
        found, message = message_of(store, letter, settings.mail)
    say(f"Status: {found.status}, {counted(found.attempts, 'attempt')}")
    if found.note:
        say(f"Note: {found.note}")
    for name in ("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe"):
        if message[name]:
            say(f"{name}: {message[name]}")
    attached = [part.get_filename() for part in message.iter_attachments()]
    if attached:
        say(f"Attached: {', '.join(str(name) for name in attached)}")
    text = message.get_body(("plain",))
    say("")
    for line in (text.get_content() if text is not None else "").splitlines():
        say(line)
