"""The command `schedule`: the daemon, one tick of it, or what it would do when."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli import options
from tracker.cli.output import Format, counted, emit, say, table
from tracker.domain.errors import UsageError

if TYPE_CHECKING:
    from storage.unit_of_work import Store
    from tracker.config.model import Config

COLUMNS = ("slot", "kind", "state", "sources")
AHEAD = 8
"""How many slots the list shows."""


def schedule(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due now, then exit.")
    ] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="Show the next runs, and exit.")
    ] = False,
    health_port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            min=1,
            max=65535,
            help="Answer /healthz on this port of 127.0.0.1.",
        ),
    ] = None,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """Read the sources at their times, in the foreground, until told to stop."""
    if once and listed:
        raise UsageError("--once does it, --list shows it; choose one")
    if health_port is not None and (once or listed):
        raise UsageError("--health-port is for the daemon, not for --once or --list")
    from tracker import config

    settings = config.load()
    config.crawl_settings()  # what is wrong with it is told now, not on Sunday
    if listed:
        _list(settings, db, form)
    elif once:
        raise typer.Exit(_once(settings, db))
    else:
        _run(settings, db, health_port)


def _run(settings: "Config", db: str | None, health_port: int | None) -> None:
    from tracker import wiring
    from tracker.schedule import daemon
    from tracker.schedule.health import Pulse

    def opened() -> Any:
        return wiring.opened(db, fresh=True)

    with opened():
        pass  # a database that cannot be used is told at once
    work = daemon.work(settings)
    daemon.run(daemon.Daemon(settings, opened, work, Pulse(work.clock)), health_port)


def _once(settings: "Config", db: str | None) -> int:
    from tracker import wiring
    from tracker.checks import silence
    from tracker.schedule import daemon
    from tracker.schedule.due import tick

    with wiring.opened(db, fresh=True) as store:
        done = tick(store, daemon.work(settings), wiring.now())
        notices = silence.notices(store, wiring.now(), settings)
    for notice in notices:
        say(notice.text)
    for each in done:
        read = f"{len(each.read)} of {counted(len(each.sources), 'source')} read"
        say(f"{each.kind} slot of {_at(each.slot)}: {each.outcome}, {read}")
    if any(notice.fault for notice in notices):
        return 3
    if not done:
        say("nothing is due")
    return max((each.exit_code for each in done), default=0)


def _list(settings: "Config", db: str | None, form: Format) -> None:
    from storage.engine import exists
    from tracker import wiring
    from tracker.config import database_url

    now = wiring.now()
    if exists(database_url(db)):
        with wiring.opened(db) as store:
            rows = _rows(settings, store, now)
    else:
        rows = _rows(settings, None, now)
    if form is not Format.TABLE:
        emit(rows, COLUMNS, form)
        return
    headers = ["slot (UTC)", ">in", "kind", "state", "sources"]
    table("", headers, [_line(row, now) for row in rows])


def _rows(
    settings: "Config", store: "Store | None", now: datetime
) -> list[dict[str, Any]]:
    """What is due or under way, then the second looks and slots to come."""
    from tracker.schedule.agenda import agenda

    plans = settings.schedule
    found = agenda(
        store,
        plans.calendar(),
        confirm_after=plans.confirm_after,
        now=now,
        ahead=AHEAD,
    )
    rows = []
    for each in found:
        row = {"slot": each.slot, "kind": each.kind, "state": each.state}
        rows.append({**row, "sources": " ".join(each.sources)})
    return rows


def _line(row: dict[str, Any], now: datetime) -> list[str]:
    names = row["sources"].split()
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if names[4:] else "")
    wait = row["slot"] - now
    ahead = _ahead(wait) if wait > timedelta(0) else "now"
    return [_at(row["slot"]), ahead, row["kind"], row["state"], shown]


def _ahead(wait: timedelta) -> str:
    hours = wait.seconds // 3600
    return (
        f"{wait.days} d {hours} h"
        if wait.days
        else (f"{hours} h {wait.seconds % 3600 // 60} min")
    )


def _at(slot: datetime) -> str:
    return f"{slot:%a %Y-%m-%d %H:%M}"
