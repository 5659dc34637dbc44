"""Opening a database: SQLite by default, PostgreSQL by URL."""

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from tracker.domain.errors import StorageError, UsageError

BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up (SQLite)."""

LOCKED_SECONDS = 300
"""The same on PostgreSQL, where a writer may wait for a whole rebuild."""

KEPT = 8
"""Of how many databases of a kind a process remembers the engine."""


def open_engine(db: str) -> Engine:
    """The engine for a URL, or for the path of an SQLite file.

    Whoever opens the same one again in this process gets the same engine: what was
    learnt about the server and the SQL of its statements are not made anew. Who is done
    with it says so (`let_go`).

    Raises:
        UsageError: it is no address of a database that we know.
        StorageError: not a database we can use, with what to do about it.
    """
    url = db if "://" in db else f"sqlite:///{db}"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UsageError(f"{masked(db)!r} is no database URL; {_EXAMPLES}") from None
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        return _postgresql(url, os.getpid())
    if kind != "sqlite":
        raise UsageError(f"{kind} is not supported; {_EXAMPLES}")
    if not parsed.database or parsed.database == ":memory:":
        return _new_sqlite(url, BUSY_SECONDS)
    path = Path(parsed.database)
    if not path.parent.is_dir():
        raise StorageError(f"the folder {path.parent} does not exist; make it first")
    if _only_to_be_read(path):
        url = f"sqlite:///file:{quote(str(path.resolve()))}?immutable=1&uri=true"
    return _sqlite(url, BUSY_SECONDS, os.getpid(), path.absolute())


def let_go(engine: Engine) -> None:
    """Close its connections, if nobody else in this process is at work with one: what
    is in use then would be forgotten, and stay open.
    """
    pool = engine.pool
    if not isinstance(pool, QueuePool) or not pool.checkedout():
        engine.dispose()


def exists(db: str) -> bool:
    """Whether there is something to open; a server is taken to be there."""
    if "://" not in db:
        return Path(db).is_file()
    try:
        parsed = make_url(db)
    except (ArgumentError, ValueError):
        return True  # opening it will tell what is wrong
    if parsed.get_backend_name() != "sqlite":
        return True
    return bool(parsed.database) and Path(parsed.database or "").is_file()


_EXAMPLES = (
    "use sqlite:///pricetrail.db or postgresql+psycopg://user:password@host/database"
)


def masked(db: str) -> str:
    """The URL without its password, fit to be shown."""
    return re.sub(r"(://[^:/]*):.*@", r"\1:***@", db)


def _only_to_be_read(path: Path) -> bool:
    """Whether an SQLite file lies where nothing can be written, at rest.

    SQLite keeps a log beside a file even to read it. Where it cannot, the file may be
    read as one that does not change, unless a log says that somebody changes it.
    """
    if not path.is_file():
        return False
    at_rest = not Path(f"{path}-wal").exists()
    own = os.access in os.supports_effective_ids
    return at_rest and not os.access(path.parent, os.W_OK, effective_ids=own)


@lru_cache(maxsize=KEPT)
def _sqlite(url: str, patience: float, _process: int, _path: Path) -> Engine:
    """One for each process, since a connection must not be used by two, and for each
    file, since the path in a URL may be relative.
    """
    return _new_sqlite(url, patience)


def _new_sqlite(url: str, patience: float) -> Engine:
    try:
        engine = create_engine(url, connect_args={"timeout": patience})
    except NoSuchModuleError:
        raise StorageError(f"no such SQLite driver; {_EXAMPLES}") from None

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        # 32 MiB of pages and rarer checkpoints: an eighth off a backfill's time.
        cursor.execute("PRAGMA cache_size = -32768")
        cursor.execute("PRAGMA wal_autocheckpoint = 8000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        reads = connection.get_execution_options().get("pricetrail_reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


@lru_cache(maxsize=KEPT)
def _postgresql(url: str, _process: int) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise StorageError(
            "PostgreSQL needs its driver: pip install 'pricetrail[postgresql]' and "
            "an address that begins with postgresql+psycopg://"
        ) from None

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LOCKED_SECONDS}s'")
            # A machine that vanished must not hold its locks for two hours.
            cursor.execute("SET tcp_keepalives_idle = 60")
            cursor.execute("SET tcp_keepalives_interval = 10")
        connection.commit()

    return engine


def explained(fault: SQLAlchemyError, db: str) -> StorageError:
    """A database's own error as one line that says what to do."""
    cause = str(getattr(fault, "orig", None) or fault).strip().split("\n")[0]
    advice = next(
        (advice for sign, advice in _ADVICE.items() if sign in cause.lower()), ""
    )
    return StorageError(f"database {masked(db)}: {cause}{advice}")


_ADVICE = {
    "locked": "; another Pricetrail is writing, try again when it is done",
    "lock timeout": "; another Pricetrail is writing, try again when it is done",
    "deadlock": "; two were in each other's way, run again, nothing was lost",
    "administrator command": "; the server was stopped, run again, nothing was lost",
    "server closed the connection": "; did it stop? run again, nothing was lost",
    "connection is closed": "; did the server stop? run again, nothing was lost",
    "connection is lost": "; did the server stop? run again, nothing was lost",
    "starting up": "; try again in a moment",
    "shutting down": "; try again when the server is back",
    "no space left": "; free some space on the server and run again",
    "permission denied": "; ask for the right to make tables and write to them",
    "no such file": "; is the server running, is the path right?",
    "readonly": "; give the file and its folder write permission",
    "unable to open": "; check the path and its permissions",
    "malformed": "; the file is damaged, move it away, then put a backup in its "
    "place: pricetrail db restore FILE",
    "not a database": "; the file is something else, name another with --db",
    "disk is full": "; free some space and run again, nothing was lost",
    "disk i/o": "; check the disk, then run again",
    "connection refused": "; is the server running, are host and port right?",
    "password authentication": "; check user and password in PRICETRAIL_DB",
    "does not exist": "; create it first",
}
