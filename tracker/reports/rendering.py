"""A page as a message: plain text, HTML with its pictures, and what did not fit.

The message lacks only what differs by recipient; the outbox adds that.
"""

import base64
import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from typing import Any

from tracker.domain.money import plain
from tracker.reports.digest import Digest
from tracker.reports.layout import Page, Picture, content_id, laid_out
from tracker.reports.settings import Mail, Subscription, bare
from tracker.reports.wording import cell, harmless

COLUMNS = (
    *("section", "provider", "model", "region", "meter", "kind", "old", "new"),
    *("currency", "quantum", "unit", "pct", "verdict", "reason", "confidence"),
    *("source", "source_key", "previous_seen_at", "observed_at", "effective_at"),
    *("note",),
)

_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
_BADGE = (
    "display:inline-block;padding:1px 8px;border-radius:10px;font-size:13px;"
    "font-weight:600;white-space:nowrap;margin-left:6px;"
)
_WRAP = "overflow-wrap:anywhere;word-break:break-word;"
STYLES = {
    "sheet": f"{_FONT}background:#ffffff;border:1px solid #e5e7eb;border-radius:10px;"
    "padding:24px;text-align:left;",
    "h1": f"{_WRAP}margin:0 0 4px;font-size:21px;line-height:1.3;color:#16191d;",
    "h2": f"{_WRAP}margin:26px 0 10px;padding-bottom:5px;font-size:16px;"
    "line-height:1.3;color:#16191d;border-bottom:1px solid #e5e7eb;",
    "small": f"{_WRAP}margin:4px 0;font-size:14px;line-height:1.45;color:#5b6472;",
    "effect": "margin:12px 0 4px;font-size:17px;font-weight:600;color:#16191d;",
    "entry": "margin:0 0 18px;",
    "line": f"{_WRAP}margin:0 0 10px;font-size:15px;color:#16191d;",
    "head": f"{_WRAP}font-size:16px;line-height:1.4;font-weight:600;color:#16191d;",
    "plain": f"{_WRAP}font-size:15px;line-height:1.45;color:#16191d;",
    "table": "margin:5px 0 6px;border-collapse:collapse;",
    "meter": f"{_WRAP}padding:2px 14px 2px 0;font-size:14px;color:#5b6472;",
    "price": "padding:2px 14px 2px 0;font-size:14px;color:#16191d;"
    "font-variant-numeric:tabular-nums;",
    "step": "padding:2px 0;font-size:14px;color:#5b6472;text-align:right;"
    "white-space:nowrap;font-variant-numeric:tabular-nums;",
    "image": "display:block;width:100%;max-width:612px;height:auto;margin:8px 0;"
    "border:0;border-radius:8px;background:#ffffff;color:#5b6472;font-size:13px;",
    "detail": f"{_WRAP}margin:2px 0;font-size:13px;line-height:1.5;color:#5b6472;",
    "up": f"{_BADGE}background:#fdecea;color:#a12c1c;",
    "down": f"{_BADGE}background:#e3f6ee;color:#0b6b4f;",
    "link": "color:#2563eb;text-decoration:underline;",
    "footer": "margin-top:28px;padding-top:10px;border-top:1px solid #e5e7eb;",
    "fine": f"{_WRAP}margin:4px 0;font-size:12px;line-height:1.5;color:#5b6472;",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A digest in every form it is told in."""

    page: Page
    text: str
    html: str
    message: EmailMessage
    csv: str = ""

    @property
    def content(self) -> bytes:
        """The message's bytes."""
        return self.message.as_bytes()


@cache
def _templates() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=PackageLoader("tracker.reports"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


def rendered(
    digest: Digest,
    subscription: Subscription,
    mail: Mail,
    pictures: Mapping[str, Picture],
) -> Rendered:
    """Render a digest in every form.

    Args:
        digest: what is told.
        subscription: to whom.
        mail: whom it is from.
        pictures: charts by offer.
    """
    page = laid_out(digest, subscription, pictures)
    given = {"page": page, "unsubscribe": unsubscribe(mail, subscription)}
    text = _templates().get_template("digest.txt").render(given)
    html = _html(given, lambda cid: f"cid:{cid}")
    table = csv_of(digest) if page.left else ""
    message = _message(page, text, mail)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    _attach_pictures(message, html, pictures)
    if table:
        message.add_attachment(
            table.encode(), maintype="text", subtype="csv", filename="changes.csv"
        )
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
    message = EmailMessage(policy=SMTP)
    message["Subject"] = harmless(page.subject)
    message["From"] = mail.sender
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
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


def csv_of(digest: Digest) -> str:
    """Everything that a digest tells, one row each; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_csv_rows(digest))
    return out.getvalue()


def _csv_rows(digest: Digest) -> Iterable[list[str]]:
    for card in digest.cards:
        for move in card.moves:
            told = {**move.last, "section": "moves", "kind": "changed"}
            told |= {"old": move.old, "new": move.new, "pct": move.pct}
            told["note"] = f"in {len(move.rows)} steps" if move.rows[1:] else ""
            yield _csv_row(told)
    for section in digest.sections:
        for line in section.lines:
            for record in line.records or (
                {"section": section.key, "note": line.head},
            ):
                yield _csv_row(record)


def _csv_row(record: Mapping[str, Any]) -> list[str]:
    prices = {"old": record.get("old_price_nano"), "new": record.get("new_price_nano")}
    if record["section"] == "held":
        prices["new"] = record.get("price_nano")
    given = {**prices, **record}
    return [_csv_cell(name, given.get(name)) for name in COLUMNS]


def _csv_cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in ("old", "new") and isinstance(value, int):
        return plain(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, float):
        return format(Decimal(f"{value:.4g}"), "f") if abs(value) < 1e12 else ""
    return str(value) if isinstance(value, int) else cell(str(value))
