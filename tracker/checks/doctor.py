"""The self-check: what is wrong here, and what to do about it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from storage import slots as slot_rows
from storage.engine import masked
from storage.keeping import checkup
from storage.schema import HEAD
from storage.unit_of_work import Store
from tracker import config
from tracker.checks import reachable, silence
from tracker.domain.errors import PricetrailError

if TYPE_CHECKING:
    from tracker.reports.settings import Mail

OK, NOTE, WRONG = "ok", "note", "wrong"
PATIENCE = 3.0
"""Seconds that anything on the network has to answer."""
SKEW = timedelta(minutes=5)
"""How far two clocks may be apart."""
LEAST_FREE = 500 * 1024 * 1024
"""Bytes that should be free: a week's bodies, their packed copies, and the log that
SQLite keeps beside its file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `text` is one line, and says what to do."""

    check: str
    status: str
    text: str


Found = Iterator[Finding]


def examine(db: str | None, now: datetime) -> list[Finding]:
    """Check everything; one fault hides no other.

    Args:
        db: the database that was asked for on the command line.
        now: this instant.
    """
    checks: dict[str, Callable[[], Found]] = {
        "configuration": _configuration,
        "database": lambda: _database(db),
        "space": lambda: _space(db),
        "clock": lambda: _clock(db, now),
        "stored": lambda: _stored(db),
        "sources": lambda: _sources(db, now),
        "network": _network,
        "mail": _mail,
    }
    found: list[Finding] = []
    for name, check in checks.items():
        try:
            found += check()
        except (PricetrailError, OSError) as fault:
            found.append(Finding(name, WRONG, str(fault)))
    # What keeps the database or the file from being read is told once.
    return list({finding.text: finding for finding in reversed(found)}.values())[::-1]


def _configuration() -> Found:
    from tracker.config import display

    notes = display.checked()
    path = config.find()
    yield Finding(
        "configuration", OK, f"{path} is right" if path else "none; the usual settings"
    )
    for note in notes:
        yield Finding("configuration", NOTE, note)


def _database(db: str | None) -> Found:
    url = config.database_url(db)
    look = checkup.look(url)
    if look is None:
        text = f"no database at {masked(url)} yet; run: pricetrail sync"
    elif look.current:
        yield Finding("database", OK, f"{masked(url)}, schema {HEAD}")
        return
    elif look.revision is None:
        text = f"{masked(url)} is empty; run: pricetrail sync"
    elif look.revision < HEAD:
        text = (
            f"schema {look.revision}, this Pricetrail has {HEAD}; any command brings "
            "it up to date, after a backup: pricetrail sources"
        )
    else:
        text = f"schema {look.revision} is newer than {HEAD}; upgrade Pricetrail"
    yield Finding("database", WRONG, text)


def _space(db: str | None) -> Found:
    """Room, and the right to write, where the database and the spool are."""
    file = checkup.file_of(config.database_url(db))
    places = {Path(tempfile.gettempdir()): "for what is fetched"}
    if file is not None:
        places[file.absolute().parent] = "for the database"
    for folder, use in places.items():
        yield _room(folder, use, file)


def _room(folder: Path, use: str, file: Path | None) -> Finding:
    if not folder.is_dir():
        return Finding("space", WRONG, f"the folder {folder} {use} does not exist")
    size = file.stat().st_size if file and file.is_file() else 0
    wanted = max(LEAST_FREE, size)
    free = shutil.disk_usage(folder).free
    parts = [folder, file] if file and file.parent == folder and size else [folder]
    if not all(os.access(part, os.W_OK) for part in parts):
        return Finding("space", WRONG, f"{folder} {use} may not be written; see chmod")
    said = f"{_size(free)} free in {folder} {use}"
    if free < wanted:
        return Finding("space", WRONG, f"{said}; make it {_size(wanted)}")
    return Finding("space", OK, said)


def _size(count: int) -> str:
    mebibytes = count / 1024**2
    return (
        f"{mebibytes / 1024:.1f} GiB" if mebibytes >= 1024 else f"{mebibytes:.0f} MiB"
    )


def _clock(db: str | None, now: datetime) -> Found:
    """Whether anything that is stored lies in the future."""
    url = config.database_url(db)
    look = checkup.look(url)
    if look is None or not look.current:
        return
    with closing(Store(url)) as store, store.reading() as connection:
        slot = slot_rows.future(connection, now)
    ahead = [at for at in (look.newest, slot) if at is not None and at - now > SKEW]
    if ahead:
        text = (
            f"it is {now:%Y-%m-%d %H:%M} UTC here, and something stored is of "
            f"{max(ahead):%Y-%m-%d %H:%M}; set the clock right (it was, or is, wrong)"
        )
        yield Finding("clock", WRONG, text)
    else:
        yield Finding("clock", OK, f"{now:%Y-%m-%d %H:%M} UTC, nothing is newer")


def _stored(db: str | None) -> Found:
    """Whether work was left undone."""
    look = checkup.look(config.database_url(db))
    if look is None or not look.current:
        return
    if look.waiting or look.unjudged:
        what = f"captures that wait: {look.waiting}" if look.waiting else "verdicts due"
        text = f"{what}; a run was stopped, the next one goes on: pricetrail sync"
        yield Finding("stored", NOTE, text)
    if look.held:
        yield Finding(
            "stored", NOTE, f"values held: {look.held}; see pricetrail review"
        )


def _sources(db: str | None, now: datetime) -> Found:
    """Sources that were not read well for too long."""
    url = config.database_url(db)
    look = checkup.look(url)
    if look is None or not look.current:
        return
    settings = config.load()
    with closing(Store(url)) as store:
        silent = silence.notices(store, now, settings)
    for notice in silent:
        yield Finding("clock" if notice.fault else "sources", WRONG, notice.text)
    if not silent:
        count = len(settings.schedule.calendar().cadences)
        yield Finding("sources", OK, f"none of {count} is overdue")


def _network() -> Found:
    """Whether the outside can be reached at all."""
    found = reachable.unreachable(config.crawl_settings().origins, PATIENCE)
    faults = {host: why for host, why in found.items() if why}
    if len(faults) == len(found):
        said = "; ".join(f"{host}: {why}" for host, why in faults.items())
        text = f"{said}; check the connection, the name server and the firewall"
        yield Finding("network", WRONG, text)
        return
    for host, why in faults.items():
        yield Finding("network", NOTE, f"{host}: {why}; others can be reached")
    yield Finding(
        "network", OK, f"{', '.join(set(found) - set(faults))} can be reached"
    )


def _mail() -> Found:
    """Whether the mail server answers; nothing is sent."""
    settings = config.load()
    mail = settings.mail
    if settings.subscriptions and not settings.schedule.notify:
        text = "nobody is told when sources fall silent; see [schedule] notify"
        yield Finding("mail", NOTE, text)
    if mail.server is None:
        if settings.subscriptions or settings.schedule.notify:
            yield Finding("mail", OK, f"no server; digests go to {mail.folder}")
        return
    fault = _greeted(mail)
    place = f"{mail.server}:{mail.smtp_port}"
    if fault:
        text = f"{place}: {fault}; check [mail] server, port and security"
        yield Finding("mail", WRONG, text)
    else:
        yield Finding("mail", OK, f"{place} answers, {mail.security}")


def _greeted(mail: "Mail") -> str:
    """Why a mail server does not answer as it should; empty if it does."""
    import smtplib
    import ssl

    place = (mail.server or "", mail.smtp_port)
    secure = ssl.create_default_context()
    try:
        if mail.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                *place, timeout=PATIENCE, context=secure
            )
        else:
            server = smtplib.SMTP(*place, timeout=PATIENCE)
        with server:
            if mail.security == "starttls":
                server.starttls(context=secure)
            server.ehlo_or_helo_if_needed()
    except (OSError, smtplib.SMTPException) as fault:
        return str(fault).split("\n", maxsplit=1)[0][:200] or type(fault).__name__
    return ""
