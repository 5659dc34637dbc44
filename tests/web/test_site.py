"""The site as files: whole, the same as served, and only written where it changed."""

import os
import random
import re
import shutil
import signal
import sqlite3
from contextlib import closing

import pytest

from storage.unit_of_work import Store
from tests.support import maps, showroom, sites
from tests.support.builds import built, ended, site
from tests.support.program import Trail
from tracker.domain.addresses import slug

ONLY_SERVED = (". From the API:", "history as JSON", ".")
NEXT = "2026-11-23"
"""The day of a sync after the filled database's last."""


@pytest.fixture(scope="session")
def whole(written):
    """The filled database as files, not to be changed."""
    return written


@pytest.fixture
def copy(whole, tmp_path):
    """A copy of the site, to be changed; its files keep their times."""
    return shutil.copytree(whole, tmp_path / "site")


def test_every_link_leads_somewhere(whole):
    """Under any path of any host, every link of every page finds its file, and every
    place on a page that a link names is there.
    """
    assert sites.broken(whole) == []


def test_nothing_is_loaded_from_elsewhere(whole):
    """No page loads a picture, a style or a script from another host."""
    for name, page in sites.pages(whole):
        loaded = [link for tag, link in page.links if tag not in ("a", "form", "body")]
        assert not [link for link in loaded if "//" in link], name


def test_every_offer_has_a_page(whole, still):
    """Whatever a name holds, its page is a file within the folder."""
    for offer in still.offers:
        assert (whole / "models" / slug(offer) / "index.html").is_file(), offer
    assert all(
        len(part) <= 255 for name in sites.files(whole) for part in name.split("/")
    )


def test_files_and_server_tell_the_same(whole, served):
    """A page has the same words in both, apart from what a form asks and the words
    on what only a server can do.
    """
    for name, page in sites.pages(whole):
        if name in ("404.html", "api/", "compare/", "models/"):
            continue  # for what is missing, and for what only a server answers
        answer = served.get(f"/{name}")
        assert answer.status_code == 200, name
        said = sites.Read(answer.text).words
        assert [w for w in said if w not in ONLY_SERVED] == [
            w for w in page.words if w not in ONLY_SERVED
        ], name


def test_a_second_run_touches_nothing(store, copy):
    """Where nothing changed, no file is written; their times stay."""
    before = sites.times(copy)
    counts = built(store, copy)
    assert (counts.written, counts.deleted, counts.unchanged) == (0, 0, len(before))
    assert sites.times(copy) == before


def test_several_processes_make_the_same(room, whole, copy):
    """However many make the pages, and in whatever order, each byte is the same, and
    what tells whether a page has to be made again.
    """
    _without_pages(copy)
    assert ended(site(room, copy, "--jobs", "2", seed="7"))[0] == 0
    assert sites.hashes(copy) == sites.hashes(whole)
    assert sites.manifest(copy) == sites.manifest(whole)


def test_one_change_writes_few_pages(own_room, copy):
    """After a sync that moved one price, that model's page is new, and no other
    model's is touched.
    """
    before = sites.times(copy)
    said = list(showroom.weeks().values())[-1]
    own_room.sync(maps.edited(said, showroom.MOVED, input_cost_per_token=5e-07), NEXT)
    with closing(Store(own_room.url)) as opened:
        built(opened, copy)
    after = sites.times(copy)
    changed = {name for name in after if after[name] != before.get(name)}
    mine = f"models/{showroom.MOVED}/index.html"
    assert mine in changed
    assert "$0.50" in (copy / mine).read_text("utf-8")
    others = {n for n in changed if re.fullmatch(r"models/.+/index\.html", n)} - {mine}
    steady = f"models/openai/{showroom.STABLE}/index.html"
    assert steady not in others
    # Those whose last move has lasted another week, and the one whose hold has ended.
    assert len(others) <= 3, others


def test_it_equals_a_site_from_nothing(own_room, copy, tmp_path):
    """What was brought up to date is, byte for byte, what would be made anew."""
    said = list(showroom.weeks().values())[-1]
    said = maps.without(said, showroom.FREE)
    own_room.sync(maps.edited(said, showroom.MOVED, input_cost_per_token=5e-07), NEXT)
    with closing(Store(own_room.url)) as opened:
        for folder in (copy, tmp_path / "new"):
            built(opened, folder)
    assert sites.hashes(copy) == sites.hashes(tmp_path / "new")


def test_a_killed_build_is_finished_by_the_next(room, whole, copy):
    """Killed at any point, it leaves whole files only; run again, the site is the same
    as if nothing had happened, and no process is left behind.
    """
    dice = random.Random(10)  # noqa: S311 - not for secrets
    wanted = sites.hashes(whole)
    _without_pages(copy)
    run = site(room, copy, "--jobs", "2", start_new_session=True)
    for _ in range(dice.randrange(1, 8)):
        run.stderr.readline()  # it tells how far it is
    run.kill()
    run.communicate()  # its pages' processes hold the pipe: they end, too
    found = sites.hashes(copy)
    assert {n: h for n, h in found.items() if wanted.get(n) != h} == {}
    assert len(found) < len(wanted)
    assert ended(site(room, copy, "--jobs", "2"))[0] == 0
    assert sites.hashes(copy) == wanted


def _without_pages(folder):
    """A site as it is at the beginning: with what pages load, and nothing else."""
    with closing(sqlite3.connect(folder / ".pricetrail-site")) as manifest:
        manifest.execute("DELETE FROM files WHERE name NOT LIKE 'static/%'")
        manifest.commit()
    for name, path in sites.files(folder).items():
        if not name.startswith("static/"):
            path.unlink()


def test_both_databases_make_the_same_site(postgres_url, whole, tmp_path):
    """On PostgreSQL every page is the same, byte for byte."""
    trail = Trail(postgres_url, tmp_path)
    showroom.fill(trail)
    with closing(Store(postgres_url)) as opened:
        built(opened, tmp_path / "out")
    assert sites.hashes(tmp_path / "out") == sites.hashes(whole)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_interrupted_says_so(room, copy, sign):
    """A program that is stopped says so in one line and leaves nobody: Ctrl-C goes to
    all its processes, what a supervisor sends to the first.
    """
    _without_pages(copy)
    # Where the tests run in the background, the shell has their programs ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run = site(room, copy, "--jobs", "2", start_new_session=True)
    finally:
        signal.signal(signal.SIGINT, before)
    run.stderr.readline()
    (os.killpg if sign == signal.SIGINT else os.kill)(run.pid, sign)
    code, _, err = ended(run)
    assert (code, err.count("interrupted")) == (130, 1), err
    assert "Traceback" not in err
    assert "Warning" not in err
