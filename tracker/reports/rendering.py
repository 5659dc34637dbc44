"""A page as a message: plain text, HTML with its pictures, and what did not fit.

The message lacks only what differs by recipient; the outbox adds that.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cache
from typing import Any

from tracker.reports.attaching import attach, csv_of
from tracker.reports.digest import Digest
from tracker.reports.entries import content_id
from tracker.reports.headers import WRITTEN, address
from tracker.reports.layout import laid_out
from tracker.reports.links import NOWHERE, Links
from tracker.reports.page import Page, Picture
from tracker.reports.settings import Mail, Subscription, bare
from tracker.reports.wording import harmless

_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
_BADGE = (
    "display:inline-block;padding:1px 8px;border-radius:10px;font-size:13px;"
    "font-weight:600;white-space:nowrap;"
)
_INK, _PALE = "color:#16191d;", "color:#5b6472;"
_DIGITS = "font-variant-numeric:tabular-nums;"
STYLES = {
    "sheet": f"{_FONT}{_INK}background:#ffffff;border:1px solid #e5e7eb;"
    "border-radius:10px;padding:24px;text-align:left;font-size:15px;line-height:1.45;"
    "overflow-wrap:anywhere;word-break:break-word;",
    "h1": f"margin:0 0 4px;font-size:21px;line-height:1.3;{_INK}",
    "h2": "margin:26px 0 10px;padding-bottom:5px;font-size:16px;line-height:1.3;"
    f"{_INK}border-bottom:1px solid #e5e7eb;",
    "small": f"margin:4px 0;font-size:14px;{_PALE}",
    "effect": f"margin:12px 0 4px;font-size:17px;font-weight:600;{_INK}",
    "entry": "margin:0 0 20px;",
    "line": "margin:0 0 10px;",
    "head": f"font-size:16px;font-weight:600;{_INK}",
    "plain": _INK,
    "faint": _PALE,
    "table": "margin:5px 0 6px;border-collapse:collapse;",
    "what": f"padding:2px 14px 2px 0;font-size:14px;vertical-align:top;{_PALE}",
    "price": "padding:2px 14px 2px 0;font-size:14px;vertical-align:top;"
    f"{_INK}{_DIGITS}",
    "step": "padding:2px 0;font-size:14px;vertical-align:top;text-align:right;"
    f"white-space:nowrap;{_PALE}{_DIGITS}",
    "image": f"display:block;width:100%;height:auto;margin:8px 0;border:0;{_PALE}"
    "font-size:13px;",
    "detail": f"margin:2px 0;font-size:13px;line-height:1.5;{_PALE}",
    "up": f"{_BADGE}background:#fdecea;color:#a12c1c;",
    "down": f"{_BADGE}background:#e3f6ee;color:#0b6b4f;",
    "link": "color:#2563eb;text-decoration:underline;",
    "footer": "margin-top:28px;padding-top:10px;border-top:1px solid #e5e7eb;",
    "fine": f"margin:4px 0;font-size:12px;line-height:1.5;{_PALE}",
}
"""For programs that know no style sheets; most is inherited, which keeps it short."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A digest in every form it is told in."""

    page: Page
    text: str
    html: str
    message: EmailMessage
    table: str = ""

    @property
    def content(self) -> bytes:
        """The message's bytes."""
        return self.message.as_bytes()


@cache
def _templates() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=PackageLoader("tracker.reports"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    made.filters["breakable"] = _breakable
    return made


def _breakable(text: str) -> str:
    """A meter as HTML that may be broken between its parts, not within a word."""
    from markupsafe import Markup, escape

    parts = str(escape(text)).replace(";", ";<wbr>").replace("=", "=<wbr>")
    return Markup(parts)  # noqa: S704 - escaped above


def rendered(
    digest: Digest,
    subscription: Subscription,
    mail: Mail,
    pictures: Mapping[str, Picture],
    links: Links = NOWHERE,
) -> Rendered:
    """Render a digest in every form.

    Args:
        digest: what is told.
        subscription: to whom.
        mail: whom it is from.
        pictures: charts by offer.
        links: where the web page is.
    """
    page = laid_out(digest, subscription, pictures, links)
    given = {"page": page, "unsubscribe": unsubscribe(mail, subscription)}
    text = _templates().get_template("digest.txt").render(given)
    html = _html(given, lambda cid: f"cid:{cid}")
    table = "" if page.whole else csv_of(digest)
    message = _message(page, text, mail)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    _attach_pictures(message, html, pictures)
    if table:
        attach(message, table, digest.until)
    return Rendered(page, text, html, message, table)


def standalone(page: Page, pictures: Mapping[str, Picture], stop: str) -> str:
    """The HTML as a file of its own, its pictures inside."""
    inside = {
        content_id(offer): base64.b64encode(picture.png).decode()
        for offer, picture in pictures.items()
    }
    given = {"page": page, "unsubscribe": stop}
    return _html(given, lambda cid: f"data:image/png;base64,{inside[cid]}")


def _html(given: Mapping[str, Any], source: Any) -> str:
    template = _templates().get_template("digest.html")
    html: str = template.render({**given, "s": STYLES, "source": source})
    return html


def unsubscribe(mail: Mail, subscription: Subscription) -> str:
    """Where a subscriber says that it is enough."""
    from urllib.parse import quote

    if mail.unsubscribe:
        return mail.unsubscribe
    topic = quote(f"unsubscribe {subscription.name}")
    return f"mailto:{bare(mail.reply_to or mail.sender)}?subject={topic}"


def _message(page: Page, text: str, mail: Mail) -> EmailMessage:
    message = EmailMessage(policy=WRITTEN)
    message["Subject"] = harmless(page.subject)
    message["From"] = address(mail.sender)
    if mail.reply_to:
        message["Reply-To"] = address(mail.reply_to)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    return message


def _attach_pictures(
    message: EmailMessage, html: str, pictures: Mapping[str, Picture]
) -> None:
    """Put the pictures that the HTML shows beside it."""
    page = message.get_body(("html",))
    for offer, picture in pictures.items():
        cid = content_id(offer)
        if isinstance(page, EmailMessage) and f"cid:{cid}" in html:
            page.add_related(
                picture.png,
                maintype="image",
                subtype="png",
                cid=f"<{cid}>",
                disposition="inline",
                filename=f"{cid.partition('@')[0]}.png",
            )
