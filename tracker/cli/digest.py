"""The command that makes the digests that are due, and sends them."""

from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import options
from tracker.cli.output import counted, say
from tracker.cli.report import subscription_named
from tracker.domain.errors import UsageError

if TYPE_CHECKING:
    from tracker.outbox import Delivered
    from tracker.reports.preparing import Queued
    from tracker.reports.settings import Mail

_QUIET = {
    "nothing": "nothing to tell",
    "waiting": "not its day",
}


def digest(
    action: Annotated[str, typer.Argument(metavar="send", help="What to do.")],
    *,
    subscription: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this one.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="ISO", help="As if it were this day or instant. [default: now]"
        ),
    ] = None,
    db: options.Db = None,
) -> None:
    """Tell subscribers what they were not told yet, and deliver what waits."""
    from tracker import config, outbox, wiring
    from tracker.reports.preparing import queue_due

    if action != "send":
        raise UsageError("write: pricetrail digest send [--subscription NAME]")
    settings = config.load()
    chosen = list(settings.subscriptions.values())
    if subscription is not None:
        chosen = [subscription_named(settings, subscription)]
    if not chosen:
        raise UsageError(
            "nobody has subscribed; write [subscriptions.NAME] into pricetrail.toml"
        )
    now = wiring.instant_if_any(at) or wiring.now()
    with wiring.opened(db) as store:
        url = settings.web.url
        for made in queue_due(store, chosen, settings.mail, now=now, url=url):
            say(_line(made))
            for line in made.unmatched:
                say(f"{made.subscription}: {line}; check pricetrail.toml")
        known = settings.subscriptions
        done = outbox.deliver(store, settings.mail, now=now, subscriptions=known)
    raise typer.Exit(tell_delivered(done, settings.mail))


def _line(made: "Queued") -> str:
    if made.kind in _QUIET:
        return f"{made.subscription}: {_QUIET[made.kind]}"
    to = counted(made.recipients, "recipient")
    return f"{made.subscription}: {made.subject} (to {to})"


def tell_delivered(done: "Delivered", mail: "Mail") -> int:
    """Say what a delivery did; its exit code."""
    filed = done.sent and mail.server is None
    where = f"; mail into the folder {mail.folder}, as no server is set"
    say(f"{counted(done.sent, 'letter')} delivered{where if filed else ''}")
    for line in done.later:
        say(f"to be tried again: {line}")
    for line in done.failed:
        say(f"failed: {line}")
    for line in done.dropped:
        say(f"not sent: {line}")
    return done.exit_code
