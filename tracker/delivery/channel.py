"""Delivery to channels of other kinds (Slack, Discord, webhooks, ...) by Apprise."""

import os
from email.message import EmailMessage
from typing import Any

from tracker.delivery.errors import Postponed, Unreachable

PREFIX = "apprise:"


def post(message: EmailMessage, to: str) -> str:
    """Post a message's subject, plain text and attached table. What is longer than a
    channel takes comes in parts.

    Args:
        message: what.
        to: `apprise:NAME`; the variable NAME holds the channel's address, a secret.

    Returns:
        what was done, in words.

    Raises:
        Unreachable: the extra, the variable or a usable address is missing.
        Postponed: the channel did not take it.
    """
    name = to.removeprefix(PREFIX)
    address = os.environ.get(name)
    if not address:
        raise Unreachable(f"no address for {to}: set the variable {name}")
    try:
        import apprise
    except ImportError:
        raise Unreachable(
            "channels need one more package; run: pip install 'pricetrail[apprise]'"
        ) from None
    channel = apprise.Apprise()
    if not channel.add(address):
        raise Unreachable(f"the address in {name} is of no kind that Apprise knows")
    for service in channel:
        service.overflow_mode = apprise.OverflowMode.SPLIT
    text = message.get_body(("plain",))
    body = text.get_content() if text is not None else ""
    tables = _attached(message)
    if tables and not all(service.attachment_support for service in channel):
        tables, body = [], f"{body}\n{_NO_TABLE}\n"
    told = str(message["Subject"])
    if not channel.notify(title=told, body=body, attach=tables or None):
        raise Postponed(f"{to} did not take it")
    return "posted"


_NO_TABLE = "This channel takes no attachment; for all of it: pricetrail report"


def _attached(message: EmailMessage) -> list[Any]:
    """What is attached to a message, as Apprise takes it."""
    from apprise.attachment import memory

    made: Any = memory.AttachMemory
    return [
        made(
            content=part.get_payload(decode=True),
            name=part.get_filename(),
            mimetype=part.get_content_type(),
        )
        for part in message.iter_attachments()
    ]
