"""The command that shows what would be mailed."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import options
from tracker.cli.output import say
from tracker.domain.errors import UsageError

if TYPE_CHECKING:
    from tracker.config.model import Config
    from tracker.reports.preparing import Prepared
    from tracker.reports.selecting import Window
    from tracker.reports.settings import Subscription

EVERYTHING = "everything"
"""What a report is called that nobody has subscribed to."""


def report(
    *,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="What was seen from this day on (UTC), told or not. "
            "[default: what was not told yet]",
            show_default=False,
        ),
    ] = None,
    until: options.Until = None,
    subscription: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="As this one is told. [default: all of it]"),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as a page.")
    ] = None,
    text: Annotated[
        bool, typer.Option("--text", help="Print it; so without --html and --atom.")
    ] = False,
    atom: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the moves as a feed.")
    ] = None,
    db: options.Db = None,
) -> None:
    """What would be mailed, from what is stored; nothing is sent or remembered."""
    from tracker import config, wiring
    from tracker.reports.preparing import preview

    settings = config.load()
    chosen = _chosen(settings, subscription)
    now = wiring.now()
    window = _window(since, until, now)
    with wiring.opened(db) as store:
        url = settings.web.url
        made = preview(store, chosen, settings.mail, window, now, url=url)
    if html is not None:
        _write(html, _page(made, settings, chosen).encode())
    if atom is not None:
        from tracker.reports.atom import feed_of

        title = f"Pricetrail: {chosen.name}"
        _write(atom, feed_of(made.digest, title=title, url=url))
    if text or (html is None and atom is None):
        for line in made.rendered.text.splitlines():
            say(line)


def _chosen(settings: "Config", name: str | None) -> "Subscription":
    """The subscription of a name; without one, everything.

    Raises:
        UsageError: there is none of that name.
    """
    from tracker.reports.settings import Subscription

    if name is None:
        return Subscription(name=EVERYTHING)
    return subscription_named(settings, name)


def subscription_named(settings: "Config", name: str) -> "Subscription":
    """A subscription of the configuration.

    Raises:
        UsageError: there is none of that name.
    """
    found = settings.subscriptions.get(name)
    if found is None:
        known = ", ".join(sorted(settings.subscriptions)) or "none"
        raise UsageError(f"no subscription {name!r}; configured: {known}")
    return found


def _window(since: str | None, until: str | None, now: datetime) -> "Window | None":
    """What is asked for; None for what was not told yet."""
    from tracker import wiring
    from tracker.reports.selecting import FIRST, Window

    span = wiring.span(since, until)
    start, end = span["since"], span["until"]
    if start is None and end is None:
        return None
    last = min(end or now, now)
    live = end is None or end >= now
    return Window(start or last - FIRST, last, fresh=True, live=live)


def _page(made: "Prepared", settings: "Config", chosen: "Subscription") -> str:
    from tracker.reports.rendering import standalone, unsubscribe

    stop = unsubscribe(settings.mail, chosen) if chosen.to else ""
    return standalone(made.rendered.page, made.pictures, stop)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    say(f"wrote {path}")
