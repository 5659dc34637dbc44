"""Databases with something to tell, and people to be told."""

from tests.support import maps

MON1, MON2, MON3, MON4 = ("2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26")


def subscribe(
    trail,
    monkeypatch,
    *,
    mail="",
    to='["ann@example.org"]',
    charts="false",
    **options,
):
    """Write the configuration of one subscription, `team`."""
    told = "\n".join(f"{name} = {value}" for name, value in options.items())
    path = trail.folder / "pricetrail.toml"
    folder = (trail.folder / "mail").as_posix()
    path.write_text(
        f'[mail]\nfrom = "Prices <prices@example.org>"\nfolder = "{folder}"\n'
        f"charts = {charts}\n{mail}\n[subscriptions.team]\nto = {to}\n{told}\n"
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
