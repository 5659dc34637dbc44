"""One engine for each database of a process, and none for two processes."""

import multiprocessing

from storage.engine import let_go, open_engine
from storage.unit_of_work import Store
from tests.support.maps import small_map


def test_a_database_has_one_engine(db_url, tmp_path):
    """Whoever opens a database again gets its engine; others have their own."""
    engine = open_engine(db_url)
    assert open_engine(db_url) is engine
    assert open_engine(f"sqlite:///{tmp_path / 'other.db'}") is not engine


def test_a_relative_path_is_the_one_of_today(tmp_path, monkeypatch):
    """In another folder the same relative path is another database."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        Store("trail.db").close()
    assert (tmp_path / "one" / "trail.db").is_file()
    assert (tmp_path / "two" / "trail.db").is_file()


def test_databases_in_memory_are_not_shared():
    """Each opening of a database in memory is a database of its own."""
    one, other = open_engine("sqlite://"), open_engine("sqlite://")
    with one.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")
    with other.connect() as connection:
        found = connection.exec_driver_sql("SELECT COUNT(*) FROM sqlite_master")
        assert found.scalar_one() == 0


def test_a_process_of_ours_has_an_engine_of_its_own(sqlite_url):
    """A connection that was open when a process was forked is not used by both."""
    context = multiprocessing.get_context("fork")
    engine = open_engine(sqlite_url)
    said = context.SimpleQueue()
    child = context.Process(
        target=lambda: said.put(open_engine(sqlite_url) is engine), daemon=True
    )
    child.start()
    child.join(60)
    assert (said.get(), open_engine(sqlite_url) is engine) == (False, True)


def test_who_closes_leaves_others_at_work(trail):
    """A store that is closed while another one of the process is in a transaction
    does not end it, and in the end no connection is left.
    """
    trail.sync(small_map(), "2026-01-05")
    engine, first = open_engine(trail.url), Store(trail.url)
    with first.writing() as work:
        work.connection.exec_driver_sql("UPDATE sources SET name = 'x'")
        pool = engine.pool
        Store(trail.url).close()
        work.commit()
    first.close()
    assert (pool.checkedout(), pool.checkedin()) == (0, 0)
    assert trail.tables.column("SELECT name FROM sources") == ["x"]


def test_idle_connections_are_closed(trail):
    """Who lets go of an engine closes what nobody uses."""
    engine = open_engine(trail.url)
    engine.connect().close()
    assert engine.pool.checkedin() == 1
    let_go(engine)
    assert engine.pool.checkedin() == 0
