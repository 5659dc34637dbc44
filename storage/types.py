"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    DateTime,
    Dialect,
    Double,
    Integer,
    Text,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

BigInt = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer; SQLite's STRICT tables know it as INTEGER."""

Flag = Boolean().with_variant(Integer(), "sqlite")
"""True or false; 1 or 0 in SQLite's STRICT tables."""

Real: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")
"""A double; for shares and confidence, never for money."""


@lru_cache(maxsize=4096)
def instant_text(value: datetime) -> str:
    """An aware instant as fixed-width UTC text, which sorts as time does.

    Raises:
        ValueError: the instant has no time zone.
    """
    if value.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {value!r}")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=4096)
def text_instant(text: str) -> datetime:
    """The inverse of `instant_text`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant in UTC, to the second: timestamptz, or ISO 8601 text with Z."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Timestamptz where the database has it."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive instants; drop fractions of a second on both databases."""
        if value is None:
            return None
        text = instant_text(value)
        return text_instant(text) if dialect.name == "postgresql" else text

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy names it
        """Always aware, always UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            return text_instant(value)
        found: datetime = value.astimezone(UTC)
        return found
