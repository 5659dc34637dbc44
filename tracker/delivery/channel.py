"""Delivery to channels of other kinds (Slack, Discord, webhooks, ...) by Apprise."""

import os
from email.message import EmailMessage

from tracker.delivery.errors import Postponed, Unreachable

PREFIX = "apprise:"


def post(message: EmailMessage, to: str) -> str:
    """Post a message's subject and plain text.

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
    text = message.get_body(("plain",))
    body = text.get_content() if text is not None else ""
    if not channel.notify(title=str(message["Subject"]), body=body):
        raise Postponed(f"{to} did not take it")
    return "posted"
