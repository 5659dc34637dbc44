"""The folder that a site is written into: what is ours, what is whole, what stays."""

import gzip
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.support import sites
from tests.support.builds import ONE, built, ended, site
from tests.support.program import CHECKOUT, environment
from tracker.web import rendering


@pytest.fixture
def copy(little_site, tmp_path):
    """A copy of the site, to be changed; its files keep their times."""
    return shutil.copytree(little_site, tmp_path / "site")


def test_pages_that_are_gone_are_deleted_and_nothing_else(little, copy):
    """A file that the last run wrote and this one does not is deleted, and its folder
    with it; files of others stay, also beside it.
    """
    with closing(sqlite3.connect(copy / ".pricetrail-site")) as manifest:
        for name in ("models/old/index.html", "models/kept/index.html"):
            (copy / name).parent.mkdir()
            (copy / name).write_text("ours")
            row = (name, "", "0" * 64, 4)
            manifest.execute("INSERT INTO files VALUES (?, ?, ?, ?)", row)
        manifest.commit()
    (copy / "models/kept/mine.txt").write_text("mine")
    (copy / "CNAME").write_text("prices.example.org")
    assert built(little, copy).deleted == 2
    assert not (copy / "models/old").exists()
    assert sorted(p.name for p in (copy / "models/kept").iterdir()) == ["mine.txt"]
    assert (copy / "CNAME").read_text() == "prices.example.org"


def test_a_file_of_others_is_not_written_over(closet, tmp_path):
    """Where one of ours belongs, it stays, is named, and the exit code says so."""
    folder = tmp_path / "out"
    assert closet("site", str(folder), "--jobs", "1").code == 0
    with closing(sqlite3.connect(folder / ".pricetrail-site")) as manifest:
        manifest.execute("DELETE FROM files WHERE name = 'robots.txt'")
        manifest.commit()
    (folder / "robots.txt").write_text("mine")
    ran = closet("site", str(folder), "--jobs", "1")
    assert (ran.code, ran.err.count("robots.txt")) == (1, 1)
    assert (folder / "robots.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["index.html", ".profile", "notes/a.txt"])
def test_a_folder_that_is_not_ours_is_refused(closet, tmp_path, name):
    """A folder that holds anything else is left as it is."""
    folder = tmp_path / "home"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text("mine")
    ran = closet("site", str(folder))
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert sites.files(folder).keys() == {name}


def test_an_empty_folder_of_git_is_taken(little, tmp_path):
    """A branch to be published from is empty but for `.git`, which stays."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/pages")
    built(little, tmp_path)
    assert (tmp_path / ".git" / "HEAD").read_text() == "ref: refs/heads/pages"


def test_places_that_make_no_sense_are_one_line(closet, tmp_path):
    """A file, a folder in no folder, and an address of no site are wrong usage."""
    (tmp_path / "file").write_text("")
    for words in (
        (str(tmp_path / "file"),),
        (str(tmp_path / "no" / "such"),),
        (str(tmp_path / "out"), "--url", "example.org"),
    ):
        ran = closet("site", *words)
        assert (ran.code, ran.err.count("\n")) == (2, 1), ran.text
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("bytes_", [b"something else", b""])
def test_a_manifest_that_is_none_is_one_line(closet, copy, bytes_):
    """A damaged manifest is told, and no file is deleted or written over."""
    before = sites.hashes(copy)
    (copy / ".pricetrail-site").write_bytes(bytes_)
    ran = closet("site", str(copy), "--jobs", "1")
    assert ran.code in (1, 3)
    assert "Traceback" not in ran.text
    assert sites.hashes(copy) == before


def test_two_builders_do_not_meet(little, closet, copy):
    """While one builds, another one is told so, in one line."""
    with closing(sqlite3.connect(copy / ".pricetrail-site")) as other:
        other.execute("BEGIN EXCLUSIVE")
        ran = closet("site", str(copy), "--jobs", "1")
    assert (ran.code, ran.err.count("\n")) == (3, 1)
    assert "another" in ran.err


def test_what_a_killed_build_left_is_not_trusted(little, copy):
    """A file that was being written when the program was killed is made again, though
    what it was to be made from has not changed.
    """
    name = ONE
    whole = (copy / name).read_bytes()
    with closing(sqlite3.connect(copy / ".pricetrail-site")) as manifest:
        manifest.execute(
            "UPDATE files SET mark = '', sha256 = '', size = -1 WHERE name = ?", (name,)
        )
        manifest.commit()
    (copy / name).write_bytes(whole[:100])
    (copy / ".pricetrail-site.part").write_bytes(b"half")
    built(little, copy)
    assert (copy / name).read_bytes() == whole
    assert not (copy / ".pricetrail-site.part").exists()


def test_a_page_that_was_lost_is_made_again(little, copy):
    """A file that somebody deleted or cut short is there again after the next run."""
    lost = copy / ONE
    cut = copy / "models/cerebras/large/index.html"
    before = sites.hashes(copy)
    lost.unlink()
    cut.write_bytes(b"")
    assert built(little, copy).written == 2
    assert sites.hashes(copy) == before


def test_a_full_disk_is_one_line(little, closet, tmp_path):
    """Where nothing more can be written, one line says so, and the next run goes on."""
    folder = tmp_path / "out"

    def narrow():
        resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))

    code, _, err = ended(site(closet, folder, "--jobs", "1", preexec_fn=narrow))
    told = [line for line in err.splitlines() if line.startswith("pricetrail:")]
    assert (code, len(told)) == (3, 1), err
    assert "Traceback" not in err
    built(little, folder)
    assert sites.broken(folder) == []


def test_a_new_edition_makes_every_page_anew(closet, copy, tmp_path):
    """A program with another template leaves no page of the old one."""
    for package in ("tracker", "storage", "crawler"):
        shutil.copytree(CHECKOUT / package, tmp_path / "code" / package)
    base = tmp_path / "code" / "tracker" / "web" / "templates" / "base.html"
    base.write_text(base.read_text("utf-8").replace("<footer", "<hr><footer"))
    subprocess.run(
        [sys.executable, "-m", "tracker", "site", str(copy), "--db", closet.url],
        env=environment(PYTHONPATH=str(tmp_path / "code")),
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    pages = [n for n in sites.files(copy) if n.endswith(".html")]
    assert all("<hr><footer" in (copy / n).read_text("utf-8") for n in pages)


def test_hosts_find_what_they_look_for(little, tmp_path):
    """With an address there is a site map of every page, `robots.txt` that names it,
    and a page for what is missing whose links hold from everywhere.
    """
    folder = tmp_path / "out"
    built(little, folder, url="https://example.org/prices/")
    places = re.findall(r"<loc>(.*?)</loc>", (folder / "sitemap.xml").read_text())
    found = {name for name, _ in sites.pages(folder)} - {"404.html"}
    assert len(places) == len(found)
    assert {p.removeprefix("https://example.org/prices/") for p in places} == found
    robots = (folder / "robots.txt").read_text()
    assert "Sitemap: https://example.org/prices/sitemap.xml" in robots
    missing = sites.Read((folder / "404.html").read_text("utf-8"))
    assert {link.startswith(("/prices/", "#")) for _, link in missing.links} == {True}


def test_without_what_draws_it_is_said(closet, tmp_path, monkeypatch):
    """Where pictures cannot be drawn, pages have none, and that is told."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    rendering.versioned.cache_clear()
    ran = closet("site", str(tmp_path / "out"), "--jobs", "1")
    rendering.versioned.cache_clear()
    assert (ran.code, ran.err.count("have no pictures")) == (0, 1)
    assert 'role="img"' not in (tmp_path / "out" / ONE).read_text("utf-8")


def test_compressed_copies_are_the_same_files(little, copy):
    """Asked for, each file that is worth it has a compressed copy; not asked for, they
    are deleted again.
    """
    before = sites.hashes(copy)
    built(little, copy, packs=True)
    packed = [name for name in sites.files(copy) if name.endswith(".gz")]
    assert len(packed) > len(before) / 2
    for name in packed:
        plain = (copy / name.removesuffix(".gz")).read_bytes()
        assert gzip.decompress((copy / name).read_bytes()) == plain
    assert built(little, copy, packs=True).written == 0
    assert built(little, copy).deleted == len(packed)
    assert sites.hashes(copy) == before
