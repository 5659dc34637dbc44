"""Captures: raw bodies, append-only, the truth that everything else follows from."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import zstandard
from sqlalchemy import Connection, Select, func, or_, select, update
from sqlalchemy.orm import aliased

from storage.bulk import insert_new
from storage.models import Capture, Source

LEVEL = 3
"""zstd level: a litellm map shrinks to a fifteenth in a millisecond a megabyte."""


@dataclass(frozen=True, slots=True)
class NewCapture:
    """A body as it came, and where it came from.

    Attributes:
        observed_at: when the source said this (a release's upload time).
        fetched_at: when we read it.
        origin: live, package, backfill or file.
        version: the release that carried it, if one did.
        complete: whether a key that is not in it may be taken for gone.
    """

    source_id: int
    observed_at: datetime
    fetched_at: datetime
    origin: str
    body: bytes
    url: str | None = None
    version: str | None = None
    complete: bool = True
    note: str | None = None


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """A capture's row, without its body."""

    id: int
    source_id: int
    observed_at: datetime
    origin: str
    version: str | None
    sha256: str
    size: int
    complete: bool
    status: str


def sha256_of(body: bytes) -> str:
    """The hash that a body is known by."""
    return hashlib.sha256(body).hexdigest()


class Captures:
    """The captures of one source.

    Args:
        connection: the transaction to work in.
        source_id: whose captures.
    """

    def __init__(self, connection: Connection, source_id: int) -> None:
        self._connection = connection
        self._source_id = source_id

    def add(self, new: NewCapture, *, status: str = "pending") -> int | None:
        """Store a capture; its bytes only if the source has not stored them yet.

        Returns:
            the new row's id, or None if this very capture is there already.
        """
        digest = sha256_of(new.body)
        packed = None
        if self._stored_body(digest) is None:
            packed = zstandard.ZstdCompressor(level=LEVEL).compress(new.body)
        row = {
            "source_id": new.source_id,
            "observed_at": new.observed_at,
            "fetched_at": new.fetched_at,
            "url": new.url,
            "origin": new.origin,
            "version": new.version,
            "sha256": digest,
            "size": len(new.body),
            "body": packed,
            "complete": new.complete,
            "status": status,
            "note": new.note,
        }
        added: int | None = insert_new(self._connection, Capture, row)
        return added

    def body(self, capture: StoredCapture) -> bytes:
        """The raw bytes of a capture, from whichever row keeps them."""
        packed = self._stored_body(capture.sha256)
        if packed is None:
            return b""
        unpacker = zstandard.ZstdDecompressor()
        return unpacker.decompress(packed, max_output_size=capture.size + 1)

    def head(self) -> StoredCapture | None:
        """The newest capture that the projection was made from."""
        query = self._rows().where(Capture.status == "applied")
        return self._one(
            query.order_by(Capture.observed_at.desc(), Capture.id.desc()).limit(1)
        )

    def pending(self, limit: int | None = None) -> list[StoredCapture]:
        """Captures that wait to be applied, in the order of what they are."""
        query = self._rows().where(Capture.status == "pending")
        ordered = query.order_by(Capture.observed_at, Capture.id).limit(limit)
        return [StoredCapture(*row) for row in self._connection.execute(ordered)]

    def held(self) -> list[StoredCapture]:
        """Captures held as a whole, oldest first, repetitions of one left out."""
        query = self._rows().where(Capture.status == "held")
        ordered = query.order_by(Capture.observed_at.desc(), Capture.id.desc())
        found = [StoredCapture(*row) for row in self._connection.execute(ordered)]
        first = {capture.sha256: capture for capture in found}
        return sorted(first.values(), key=lambda held: (held.observed_at, held.id))

    def repeats(self, capture: StoredCapture) -> list[StoredCapture]:
        """Later captures of the same bytes that were held because of it."""
        query = self._rows().where(
            Capture.status == "held",
            Capture.sha256 == capture.sha256,
            Capture.id != capture.id,
        )
        ordered = query.order_by(Capture.observed_at, Capture.id)
        return [StoredCapture(*row) for row in self._connection.execute(ordered)]

    def get(self, capture_id: int) -> StoredCapture | None:
        """A capture by its id."""
        return self._one(self._rows().where(Capture.id == capture_id))

    def applied_before(self, capture: StoredCapture) -> StoredCapture | None:
        """The capture that was applied last before this one."""
        query = self._rows().where(
            Capture.status == "applied", Capture.observed_at < capture.observed_at
        )
        return self._one(query.order_by(Capture.observed_at.desc()).limit(1))

    def newest_at(self) -> datetime | None:
        """The instant of the newest capture that was looked at, whatever came of it;
        one that belongs before it calls for a rebuild.
        """
        query = select(func.max(Capture.observed_at)).where(
            Capture.source_id == self._source_id,
            Capture.status.in_(("applied", "unchanged", "held", "rejected")),
        )
        found: datetime | None = self._connection.execute(query).scalar()
        return found

    def last_seen(self) -> datetime | None:
        """When the source was last known to say what was applied last.

        A map that was merely read again from the installed package says nothing
        new of its source, so it does not count.
        """
        seen = or_(
            Capture.status == "applied",
            (Capture.status == "unchanged") & (Capture.origin != "package"),
        )
        query = select(func.max(Capture.observed_at)).where(
            Capture.source_id == self._source_id, seen
        )
        found: datetime | None = self._connection.execute(query).scalar()
        return found

    def versions(self, *statuses: str) -> set[str]:
        """The releases that were captured, whatever became of them."""
        query = select(Capture.version).where(
            Capture.source_id == self._source_id, Capture.version.is_not(None)
        )
        if statuses:
            query = query.where(Capture.status.in_(statuses))
        return {version for (version,) in self._connection.execute(query) if version}

    def instants(self) -> set[datetime]:
        """The instants at which the source was captured."""
        query = select(Capture.observed_at).where(
            Capture.source_id == self._source_id, Capture.origin == "backfill"
        )
        return {instant for (instant,) in self._connection.execute(query)}

    def unversioned_applied(self) -> bool:
        """Whether an applied capture came from no release."""
        query = select(Capture.id).where(
            Capture.source_id == self._source_id,
            Capture.status == "applied",
            Capture.version.is_(None),
        )
        return self._connection.execute(query.limit(1)).first() is not None

    def count(self) -> int:
        """How many captures the source has."""
        query = select(func.count()).where(Capture.source_id == self._source_id)
        return self._connection.execute(query).scalar() or 0

    def settle(self, capture_id: int, status: str, note: str | None = None) -> None:
        """Record what became of a capture."""
        values: dict[str, str] = {"status": status}
        if note is not None:
            values["note"] = note
        self._connection.execute(
            update(Capture).where(Capture.id == capture_id).values(values)
        )

    def reopen_all(self) -> None:
        """Make every capture pending again, for a rebuild."""
        self._connection.execute(
            update(Capture)
            .where(Capture.source_id == self._source_id)
            .values(status="pending")
        )

    def _stored_body(self, digest: str) -> bytes | None:
        query = select(Capture.body).where(
            Capture.source_id == self._source_id,
            Capture.sha256 == digest,
            Capture.body.is_not(None),
        )
        found: bytes | None = self._connection.execute(query.limit(1)).scalar()
        return found

    def _rows(self) -> Select[*tuple[Any, ...]]:
        return select(
            Capture.id,
            Capture.source_id,
            Capture.observed_at,
            Capture.origin,
            Capture.version,
            Capture.sha256,
            Capture.size,
            Capture.complete,
            Capture.status,
        ).where(Capture.source_id == self._source_id)

    def _one(self, query: Select[*tuple[Any, ...]]) -> StoredCapture | None:
        row = self._connection.execute(query).first()
        return StoredCapture(*row) if row is not None else None


def listed(
    connection: Connection,
    *,
    source: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[dict[str, Any]]:
    """Captures as they are shown, newest first; `kept` tells of the bytes."""
    holder = aliased(Capture)
    has_bytes = (
        select(holder.id)
        .where(
            holder.source_id == Capture.source_id,
            holder.sha256 == Capture.sha256,
            holder.body.is_not(None),
        )
        .exists()
    )
    query = select(
        *(Source.name.label("source"), Capture.observed_at, Capture.fetched_at),
        *(Capture.origin, Capture.version, Capture.status, Capture.complete),
        *(Capture.size, func.length(Capture.body).label("packed")),
        *(has_bytes.label("kept"), Capture.sha256, Capture.url, Capture.note),
    ).join(Source, Source.id == Capture.source_id)
    if source:
        query = query.where(Source.name == source)
    if since:
        query = query.where(Capture.observed_at >= since)
    if until:
        query = query.where(Capture.observed_at < until)
    ordered = query.order_by(Capture.observed_at.desc(), Capture.id.desc())
    found = [dict(row._mapping) for row in connection.execute(ordered)]  # noqa: SLF001 - SQLAlchemy's own name for it
    return [
        {**row, "complete": bool(row["complete"]), "kept": bool(row["kept"])}
        for row in found
    ]
