"""What all tables share: names of constraints, types, and how columns are written."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, LargeBinary, MetaData
from sqlalchemy.orm import DeclarativeBase, declared_attr, mapped_column
from sqlalchemy.types import Text

from storage.types import BigInt, Flag, Real, UtcDateTime


class Base(DeclarativeBase):
    """Naming of constraints, types by annotation, STRICT tables on SQLite."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        str: Text,
        int: BigInt,
        bool: Flag,
        float: Real,
        bytes: LargeBinary,
        datetime: UtcDateTime,
    }
    constraints: tuple[Any, ...] = ()

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805 - SQLAlchemy gives the class
        """The constraints of a table, and STRICT on SQLite."""
        return (*cls.constraints, {"sqlite_strict": True})


def key() -> Any:
    """A surrogate key."""
    return mapped_column(primary_key=True)


def reference(target: str, *, index: bool = False, null: bool = False) -> Any:
    """A foreign key, indexed where it is searched by."""
    return mapped_column(ForeignKey(target), index=index, nullable=null)
