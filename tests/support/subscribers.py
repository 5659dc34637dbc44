"""Databases with something to tell, and people to be told."""

import csv
import io
import json
import zipfile

from tests.support import maps

MON1, MON2, MON3, MON4 = ("2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26")


def subscribe(
    trail,
    monkeypatch,
    *,
    mail="",
    to='["ann@example.org"]',
    charts="false",
    more="",
    **options,
):
    """Write the configuration of one subscription, `team`, and what else is given."""
    told = "\n".join(f"{name} = {value}" for name, value in options.items())
    path = trail.folder / "pricetrail.toml"
    folder = (trail.folder / "mail").as_posix()
    path.write_text(
        f'[mail]\nfrom = "Prices <prices@example.org>"\nfolder = "{folder}"\n'
        f"charts = {charts}\n{mail}\n[subscriptions.team]\nto = {to}\n{told}\n{more}\n"
    )
    monkeypatch.setenv("PRICETRAIL_CONFIG", str(path))
    return path


def moved(trail, *, price=2e-06, at=MON2, key=maps.KEY):
    """Two syncs, a week apart: the input price of a model moves."""
    before = maps.small_map()
    trail.sync(before, MON1)
    trail.sync(maps.edited(before, key, input_cost_per_token=price), at)


def send(trail, at=MON2):
    """Make and deliver what is due."""
    return trail("digest", "send", "--at", at)


def letters(trail):
    """The messages in the folder, oldest first."""
    from email import message_from_bytes
    from email.message import EmailMessage
    from email.policy import SMTP

    found = sorted((trail.folder / "mail").glob("*.eml"))
    read = [
        message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=SMTP)
        for path in found
    ]
    return sorted(read, key=lambda message: message["Date"].datetime)


def text_of(message):
    """The plain text of a message."""
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_of(message):
    """The HTML of a message."""
    return message.get_body(("html",)).get_content()


def table_of(message):
    """The rows of the attached table, packed or not; None if there is none."""
    for part in message.iter_attachments():
        if part.get_filename() == "changes.csv":
            return list(csv.DictReader(io.StringIO(part.get_content())))
        if part.get_filename() == "changes.zip":
            with zipfile.ZipFile(io.BytesIO(part.get_content())) as file:
                text = file.read("changes.csv").decode()
            return list(csv.DictReader(io.StringIO(text, newline="")))
    return None


ANNOUNCED = "acme-9"
"""A model of OpenAI's that another source lists with the days of its prices."""


def announced(trail, at, *prices):
    """Sync a list of prices with days: of one model `(price, from, to)` each, and of
    as many others as the source must have.
    """
    mine = {"id": ANNOUNCED, "vendor": "openai", "name": "Acme 9"}
    others = [
        {"id": f"other-{n}", "vendor": "mistral", "name": f"Other {n}"}
        for n in range(1, 45)
    ]
    found = [
        {**mine, "input": price, "output": 9, "from_date": begin, "to_date": end}
        for price, begin, end in prices
    ]
    found += [
        {**other, "input": n, "output": n, "from_date": None, "to_date": None}
        for n, other in enumerate(others, start=1)
    ]
    path = trail.file(json.dumps({"prices": found}).encode())
    return trail("sync", "--source", "llm-prices", "--file", str(path), "--at", at)


def witnessed(trail, dollars, at):
    """Sync another source that states the input price of `openai/model-00`."""
    mine = {"model-00": {"cost": {"input": dollars, "output": 4.0}}}
    rest = {f"o-{n}": {"cost": {"input": 1, "output": 2}} for n in range(110)}
    said = {"openai": {"models": mine}, "other": {"models": rest}}
    path = trail.file(json.dumps(said).encode())
    return trail("sync", "--source", "models-dev", "--file", str(path), "--at", at)
