"""A look at a database without changing it: for the doctor."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from storage.engine import exists, explained, let_go, open_engine
from storage.keeping.upgrade import revision_of
from storage.models import Capture, Hold, Source
from storage.schema import HEAD


@dataclass(frozen=True, slots=True)
class Look:
    """What a database is like.

    Attributes:
        revision: the schema it is at; None if it holds no tables of ours yet.
        newest: when its newest body was read.
        waiting: captures that are stored and not yet applied.
        unjudged: whether changes wait for a verdict, or a history to be told anew.
        held: values that wait for a person.
    """

    revision: str | None
    newest: datetime | None = None
    waiting: int = 0
    unjudged: bool = False
    held: int = 0

    @property
    def current(self) -> bool:
        """Whether its schema is the one that this program knows."""
        return self.revision == HEAD


def look(url: str) -> Look | None:
    """Look at a database; None if there is none yet.

    Raises:
        StorageError: it cannot be used; the message says what to do.
    """
    if not exists(url):
        return None
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            reader = connection.execution_options(pricetrail_reads=True)
            with reader.begin():
                return _look(reader)
    except SQLAlchemyError as fault:
        raise explained(fault, url) from fault
    finally:
        let_go(engine)


def _look(connection: Connection) -> Look:
    revision = revision_of(connection)
    if revision != HEAD:
        return Look(revision)
    pending = select(func.count()).where(Capture.status == "pending")
    held = select(func.count()).where(Hold.status == "pending")
    behind = select(func.count()).where(
        Source.unjudged.is_(True) | Source.rebuild.is_(True)
    )
    return Look(
        revision,
        newest=connection.execute(select(func.max(Capture.fetched_at))).scalar(),
        waiting=connection.execute(pending).scalar_one(),
        unjudged=bool(connection.execute(behind).scalar_one()),
        held=connection.execute(held).scalar_one(),
    )


def file_of(url: str) -> Path | None:
    """The file that an SQLite database is in; None if it is in none, or on a server."""
    if "://" not in url:
        return Path(url)
    parsed = make_url(url)
    named = parsed.database if parsed.get_backend_name() == "sqlite" else None
    return Path(named) if named and named != ":memory:" else None
