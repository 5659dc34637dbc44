"""A folder prepared by somebody who means harm: rows and links that lead out of it."""

import os
import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.support import sites
from tests.support.builds import ONE, built

MINE = "a file of somebody else"


@pytest.fixture
def outside(tmp_path):
    """A folder beside the site, with files of somebody else in it, and a hash of it
    that every test ends with.
    """
    folder = tmp_path / "outside"
    for name in ("file", "index.html", "cerebras/small/index.html", "config"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(MINE)
    before = sites.hashes(folder)
    yield folder
    assert sites.hashes(folder) == before


@pytest.fixture
def copy(little_site, tmp_path, outside):
    """A copy of the site, to be changed, beside the files of somebody else."""
    assert outside.parent == tmp_path
    return shutil.copytree(little_site, tmp_path / "site")


def _noted(folder, name):
    """A row of the manifest that nobody wrote."""
    with closing(sqlite3.connect(folder / ".pricetrail-site")) as manifest:
        row = (name, "mark", "0" * 64, len(MINE))
        manifest.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", row)
        manifest.commit()


def _ran(closet, folder):
    """The program on it: one line at most, and no traceback."""
    ran = closet("site", str(folder), "--jobs", "1")
    assert "Traceback" not in ran.text
    return ran


@pytest.mark.parametrize(
    "name",
    [
        "../outside/file",
        "models/../../outside/file",
        "models/./index.html",
        "/{outside}/file",
        "//{outside}/file",
        "models//index.html",
        "",
        ".",
        "..",
        "models/",
        "index.html\0",
        "../outside/file\0.html",
        ".git/config",
        ".pricetrail-site",
        ".pricetrail-site.part",
        ".pricetrail-site-journal",
    ],
)
def test_a_row_that_names_no_page_is_refused(closet, copy, outside, name):
    """A manifest with a row that leads out of the folder, or to what is no page, was
    not written by us: one line says so, and nothing is written or deleted.
    """
    _noted(copy, name.format(outside=str(outside).lstrip("/")))
    (copy / ".git").mkdir()
    (copy / ".git" / "config").write_text(MINE)
    before = sites.hashes(copy)
    ran = _ran(closet, copy)
    assert (ran.code, ran.err.count("\n")) == (3, 1), ran.text
    assert "damaged" in ran.err
    assert sites.hashes(copy) == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE files SET size = NULL",
        "DROP TABLE files",
        "ALTER TABLE files RENAME mark TO other",
        "UPDATE files SET name = CAST(X'ff' || name AS TEXT)",
    ],
)
def test_a_manifest_of_another_form_is_one_line(closet, copy, change):
    """Rows that lack what ours have, and tables that are not ours, are told."""
    with closing(sqlite3.connect(copy / ".pricetrail-site")) as manifest:
        manifest.execute(change)
        manifest.commit()
    before = sites.hashes(copy)
    ran = _ran(closet, copy)
    assert (ran.code, ran.err.count("\n")) == (3, 1), ran.text
    assert "damaged" in ran.err
    assert sites.hashes(copy) == before


@pytest.mark.parametrize("name", ["index.html", ONE, "robots.txt"])
def test_a_link_in_the_place_of_a_page_is_named(closet, copy, outside, name):
    """Where a file of ours was replaced by a link, the link stays, and so does what
    it leads to; the exit code says that a page is missing.
    """
    (copy / name).unlink()
    (copy / name).symlink_to(outside / "file")
    ran = _ran(closet, copy)
    assert (ran.code, ran.err.count(name)) == (1, 1), ran.text
    assert (copy / name).readlink() == outside / "file"


def test_a_link_to_nowhere_is_named(closet, copy, outside):
    """Nothing comes to be where a link leads that leads nowhere yet."""
    (copy / ONE).unlink()
    (copy / ONE).symlink_to(outside / "new")
    assert _ran(closet, copy).code == 1
    assert not (outside / "new").exists()


@pytest.mark.parametrize("known", [True, False])
def test_a_folder_that_is_a_link_is_not_entered(closet, copy, outside, known):
    """Nothing is written or deleted behind a link to another folder, whether the
    manifest knows the pages that would be there or not.
    """
    shutil.rmtree(copy / "models")
    (copy / "models").symlink_to(outside)
    if not known:
        with closing(sqlite3.connect(copy / ".pricetrail-site")) as manifest:
            manifest.execute("DELETE FROM files WHERE name LIKE 'models/%'")
            manifest.commit()
    ran = _ran(closet, copy)
    assert ran.code == 1
    assert ONE in ran.err
    assert (copy / "models").is_symlink()


def test_what_is_gone_is_not_deleted_behind_a_link(little, copy, outside):
    """A page that is there no more is not deleted where a link leads, nor is a link
    or a folder in its place.
    """
    (copy / "old").symlink_to(outside)
    (copy / "link.html").symlink_to(outside / "file")
    (copy / "folder.html").mkdir()
    for name in ("old/file", "old/cerebras/small/index.html", "link.html"):
        _noted(copy, name)
    _noted(copy, "folder.html")
    assert built(little, copy).deleted == 0
    assert (copy / "link.html").is_symlink()
    assert (copy / "folder.html").is_dir()
    with closing(sqlite3.connect(copy / ".pricetrail-site")) as manifest:
        ours = {name for (name,) in manifest.execute("SELECT name FROM files")}
    assert not ours & {"old/file", "link.html", "folder.html"}


@pytest.mark.parametrize("name", ["index.html", ONE])
def test_a_folder_in_the_place_of_a_page_is_named(closet, copy, name):
    """It stays with all that is in it, and every other page is up to date."""
    (copy / name).unlink()
    (copy / name).mkdir()
    (copy / name / "mine.txt").write_text(MINE)
    (copy / "api" / "index.html").unlink()
    ran = _ran(closet, copy)
    assert (ran.code, ran.err.count(name)) == (1, 1), ran.text
    assert (copy / name / "mine.txt").read_text() == MINE
    assert (copy / "api" / "index.html").is_file()


def test_a_file_in_the_place_of_a_folder_is_named(closet, copy):
    """The pages that belong into the folder are named, and the file stays."""
    shutil.rmtree(copy / "models")
    (copy / "models").write_text(MINE)
    ran = _ran(closet, copy)
    assert ran.code == 1
    assert ONE in ran.err
    assert (copy / "models").read_text() == MINE


@pytest.mark.parametrize("end", ["", "-journal", "-wal", "-shm", ".part"])
@pytest.mark.parametrize("there", [True, False])
def test_our_own_files_are_never_links(closet, copy, outside, end, there):
    """A manifest that is a link, or what is written beside it, is refused: it would
    be written where the link leads.
    """
    path = copy / f".pricetrail-site{end}"
    target = outside / ("file" if there else "new")
    if not end:
        shutil.move(path, copy.parent / "manifest")
        target = copy.parent / "manifest" if there else target
    path.symlink_to(target)
    before = sites.hashes(copy)
    ran = _ran(closet, copy)
    assert (ran.code, ran.err.count("\n")) == (2, 1), ran.text
    assert str(path) in ran.err
    assert sites.hashes(copy) == before
    assert not (outside / "new").exists()


@pytest.mark.parametrize("end", ["", ".part"])
def test_our_own_files_are_files(closet, copy, end):
    """A folder, or a pipe that nobody reads, by the name of one of them is refused."""
    path = copy / f".pricetrail-site{end}"
    path.unlink(missing_ok=True)
    for make in (os.mkfifo, os.mkdir):
        make(path)
        ran = _ran(closet, copy)
        assert (ran.code, ran.err.count("\n")) == (2, 1), ran.text
        (os.unlink if make is os.mkfifo else os.rmdir)(path)


def test_another_name_of_a_half_written_file_is_left(little, copy, outside):
    """What a killed run left half written may be known elsewhere by another name; it
    is not written into.
    """
    os.link(outside / "file", copy / ".pricetrail-site.part")
    (copy / ONE).unlink()
    assert built(little, copy).written == 1
    assert not (copy / ".pricetrail-site.part").exists()


def test_another_name_of_a_page_is_left(little, copy, outside):
    """A page that is written anew is a new file: what shares the old one's bytes, as
    copies by links do, keeps them.
    """
    (copy / ONE).unlink()
    os.link(outside / "file", copy / ONE)
    assert built(little, copy).written == 1
    assert (copy / ONE).read_text("utf-8").startswith("<!doctype html>")
