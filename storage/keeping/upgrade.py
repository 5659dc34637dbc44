"""Bringing a database to the schema that the code expects.

Alembic is imported only when an older database has to be brought up to date,
because that costs a third of a second and most runs find nothing to do.
"""

from sqlalchemy import Connection, inspect, text

from storage.schema import HEAD
from storage.views import VIEWS
from tracker.domain.errors import StorageError

VERSIONS = ("storage:migrations/versions",)
"""Where the migrations are."""
_LOCK = 7_431_882_115
"""The PostgreSQL advisory lock under which one process migrates at a time."""


def revision_of(connection: Connection) -> str | None:
    """The schema a database is at; None if it holds no tables of ours.

    Raises:
        StorageError: it holds tables, but not ours.
    """
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        if tables and "captures" not in tables:
            raise StorageError(
                f"this database holds other tables ({', '.join(sorted(tables)[:3])}"
                ", ...); name a new one with --db"
            )
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version"))
    return found.scalar()


def upgrade(connection: Connection) -> None:
    """Apply what is missing, then make the views anew.

    Args:
        connection: a transaction; on SQLite one that does not check references, if
            the database has tables already.

    Raises:
        StorageError: the database was made by a newer Pricetrail, or by none that is
            known; or a reference leads nowhere in the end.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _LOCK})
    at = revision_of(connection)
    if at == HEAD:
        return
    if at is not None:
        refuse_newer(at)
    drop_views(connection)
    if at is None:
        _create(connection)
    else:
        _migrate(connection, at)
    for name, query in VIEWS.items():
        connection.execute(text(f"CREATE VIEW {name} AS {query}"))


def refuse_newer(at: str) -> None:
    """Leave a database alone that a newer Pricetrail made.

    Raises:
        StorageError: it is one.
    """
    if at > HEAD:
        raise StorageError(
            f"this database has schema {at}, newer than this Pricetrail knows "
            f"({HEAD}); upgrade Pricetrail"
        )


def drop_views(connection: Connection) -> None:
    """Drop the views; a table that a view reads cannot be altered."""
    there = set(inspect(connection).get_view_names())
    for name in reversed(VIEWS):
        if name in there:
            connection.execute(text(f"DROP VIEW {name}"))


def _create(connection: Connection) -> None:
    """Make an empty database what the migrations would make it, at once.

    Alembic's import alone costs as much as the rest of a first sync's start; a test
    holds the two ways against each other.
    """
    from storage.models import Base

    Base.metadata.create_all(connection)
    connection.execute(
        text(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(
        text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD}
    )


def _migrate(connection: Connection, at: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.set_main_option("path_separator", "newline")
    places = "\n".join(VERSIONS).replace("%", "%%")
    config.set_main_option("version_locations", places)
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as fault:
        said = str(fault).split("\n", maxsplit=1)[0]
        raise StorageError(f"schema {at} cannot become {HEAD}: {said}") from fault
    _references_hold(connection)


def _references_hold(connection: Connection) -> None:
    """What PostgreSQL checks by itself, and SQLite while it alters tables does not."""
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StorageError(
            f"row {broken[1]} of {broken[0]} would refer to no row of {broken[2]}"
        )
