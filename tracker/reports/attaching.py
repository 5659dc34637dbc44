"""The table that is attached to a letter: all that it tells, one row each.

A large table is packed: rows that are much alike come to a twentieth, and every mail
program opens a zip file.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

from tracker.domain.money import plain
from tracker.reports.digest import Digest
from tracker.reports.wording import cell

COLUMNS = (
    *("section", "provider", "model", "region", "meter", "kind", "old", "new"),
    *("currency", "quantum", "unit", "pct", "verdict", "reason", "confidence"),
    *("source", "source_key", "previous_seen_at", "observed_at", "effective_at"),
    *("note",),
)

NAME = "changes.csv"
PACKED = "changes.zip"
LARGE = 40_000
"""From so many bytes on a table is packed."""


def attach(message: EmailMessage, table: str, at: datetime) -> None:
    """Attach a table, packed if it is large.

    Args:
        message: what to.
        table: as CSV.
        at: the instant that the packed file says it was made: the same digest has the
            same bytes.
    """
    content = table.encode()
    if len(content) < LARGE:
        message.add_attachment(table, subtype="csv", charset="utf-8", filename=NAME)
        return
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        made = at.astimezone(UTC)
        entry = zipfile.ZipInfo(NAME, (max(made.year, 1980), *made.timetuple()[1:6]))
        entry.external_attr = 0o644 << 16
        file.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    message.add_attachment(
        packed.getvalue(), maintype="application", subtype="zip", filename=PACKED
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
            told["note"] = f"in {move.steps} steps" if move.steps > 1 else ""
            yield _csv_row(told)
    for section in digest.sections:
        for line in section.lines:
            for record in line.records or (
                {"section": section.key, "note": line.head},
            ):
                yield _csv_row(record)


def _csv_row(record: Mapping[str, Any]) -> list[str]:
    given = {**_prices(record), **record}
    if not record.get("provider"):
        seller, _, model = str(record.get("offer") or "").partition("/")
        given |= {"provider": seller, "model": model}
    return [_csv_cell(name, given.get(name)) for name in COLUMNS]


def _prices(record: Mapping[str, Any]) -> dict[str, Any]:
    """Old and new, whatever they are called; of what is taken back, what was told and
    what is believed now.
    """
    if record["section"] == "held":
        return {"new": record.get("price_nano")}
    if record["section"] == "amendments":
        return {"old": record.get("price_nano"), "new": record.get("believed_nano")}
    return {"old": record.get("old_price_nano"), "new": record.get("new_price_nano")}


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
