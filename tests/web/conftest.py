"""The pages over a small database: called directly, served, and in a browser."""

import os
import shutil
import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import freezegun
import pytest

from storage.stamp import stamp
from storage.unit_of_work import Store
from tests.support import showroom
from tests.support.builds import built
from tests.support.program import Trail
from tracker.web.app import application
from tracker.web.view import View

# A server in a thread would wait for ever for what it planned while the clock stood.
freezegun.configure(extend_ignore_list=["asyncio"])

BROWSERS = ("chromium-headless-shell", "chromium")
"""Chromium, for choice without what draws windows: a page costs a fifth of the time."""
PLAIN = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
"""How Chromium is started: also as root, and without calls of its own."""


def trail_in(folder: Path) -> Trail:
    """The program on a database in a folder."""
    return Trail(f"sqlite:///{folder / 'trail.db'}", folder)


@pytest.fixture(scope="session")
def room(once) -> Trail:
    """The program on a filled database (tests/support/showroom.py), not to be
    changed; `showroom.NOW` is its today.
    """
    return trail_in(once("showroom", lambda folder: showroom.fill(trail_in(folder))))


@pytest.fixture(scope="session")
def closet(once) -> Trail:
    """The program on a database of three models, not to be changed: for what is about
    the folder of a site and not about what is in it.
    """
    fill = showroom.fill_a_little
    return trail_in(once("closet", lambda folder: fill(trail_in(folder))))


@pytest.fixture(scope="session")
def little(closet) -> Iterator[Store]:
    """The database of three models, open."""
    with closing(Store(closet.url)) as opened:
        yield opened


@pytest.fixture(scope="session")
def little_site(little, once) -> Path:
    """It as files, not to be changed."""
    return once("little-site", lambda folder: built(little, folder))


@pytest.fixture
def own_room(room, tmp_path) -> Trail:
    """A copy of the filled database, to be changed."""
    for path in room.folder.glob("trail.db*"):
        shutil.copy(path, tmp_path)
    return Trail(f"sqlite:///{tmp_path / 'trail.db'}", tmp_path)


def now():
    """What the pages take for now."""
    return showroom.NOW


@pytest.fixture(scope="session")
def store(room) -> Iterator[Store]:
    """The filled database, open."""
    opened = Store(room.url)
    yield opened
    opened.close()


def view_of(store: Store, *, live: bool = True, url: str = "") -> View:
    """The newest state of a database."""
    with store.reading() as connection:
        return View(store, now(), stamp(connection), live=live, url=url)


@pytest.fixture(scope="session")
def view(store) -> View:
    """The state that a server shows."""
    return view_of(store)


@pytest.fixture(scope="session")
def still(store) -> View:
    """The same state for files: no question is answered."""
    return view_of(store, live=False)


@pytest.fixture(scope="session")
def app(store):
    """The application over the filled database."""
    return application(store, now)


@pytest.fixture(scope="session")
def served(app):
    """A client of it, without a network; faults of the application are raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather have a successor of httpx
        from fastapi.testclient import TestClient

    with TestClient(app, base_url="http://localhost") as client:
        yield client


@pytest.fixture(scope="session")
def written(store, once):
    """The filled database as files, in a folder of a host, not to be changed."""

    def make(host: Path) -> None:
        (host / "some").mkdir()
        built(store, host / "some" / "where")

    return once("site", make) / "some" / "where"


@contextmanager
def listening(app, **given) -> Iterator[str]:
    """An application served on a free port of loopback; its address. What is `given`
    are settings of the server.
    """
    import uvicorn

    # Named as TCP: else its answers would wait for the reader's word on the last one.
    with socket.socket(proto=socket.IPPROTO_TCP) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()  # who comes before the server is up waits for it
        settings = uvicorn.Config(
            app,
            log_level="critical",
            lifespan="off",
            timeout_graceful_shutdown=1,
            **given,
        )
        server = uvicorn.Server(settings)
        thread = threading.Thread(target=server.run, args=([taken],), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{taken.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(20)


@pytest.fixture(scope="session")
def live_server(app) -> Iterator[str]:
    """The address of the application, with a slash at its end."""
    with listening(app) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; its tests are skipped where there is none. Its driver keeps
    an event loop running, so it ends with the module.
    """
    named = os.environ.get("PRICETRAIL_CHROMIUM")
    path = next(filter(None, map(shutil.which, [named or "", *BROWSERS])), None)
    if not path:
        pytest.skip(f"needs Chromium: no {' and no '.join(BROWSERS)} in PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=[*PLAIN])
        yield opened
        opened.close()


@pytest.fixture
def page(browser):
    """A page of its own, as a person without a past sees it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
