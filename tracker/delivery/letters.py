"""The stored message made ready for one recipient."""

from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import format_datetime

from tracker.reports.headers import KEPT, address
from tracker.reports.settings import Mail, bare


def addressed(
    content: bytes, *, to: str, message_id: str, at: datetime, stop: str, name: str
) -> EmailMessage:
    """A message with the headers that differ by recipient.

    Args:
        content: the message as it was stored.
        to: the recipient; empty if it is no mailbox.
        message_id: the same at each attempt.
        at: when the digest was made.
        stop: where the recipient unsubscribes.
        name: the subscription.
    """
    message: EmailMessage
    message = message_from_bytes(content, _class=EmailMessage, policy=KEPT)
    if to:
        message["To"] = address(to)
    message["Message-ID"] = message_id
    message["Date"] = format_datetime(at)
    message["List-Unsubscribe"] = f"<{stop}>"
    if stop.startswith("https://"):
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    domain = message_id.rpartition("@")[2].rstrip(">")
    message["List-Id"] = f"<{_word(name)}.pricetrail.{domain}>"
    return message


def _word(name: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else "-" for c in name)


def envelope_sender(mail: Mail) -> str:
    """Whom a server tells about letters that it could not deliver."""
    return bare(mail.sender)
