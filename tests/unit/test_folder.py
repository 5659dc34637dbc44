"""Folders of captured bodies: their names, their order, their packing."""

import gzip
import lzma
from datetime import UTC, datetime

import pytest
import zstandard

from tracker.domain.errors import SourceError, UsageError
from tracker.sources.folder import list_bodies, read_body

BODY = bytes(range(256)) * 400
PACKED = {
    "json": BODY,
    "json.xz": lzma.compress(BODY),
    "json.gz": gzip.compress(BODY),
    "json.zst": zstandard.compress(BODY),
}
ROOM = 10_000_000


def listed(folder, *names):
    """What a folder with these files is taken for: (name, instant, version)."""
    for name in names:
        (folder / name).write_bytes(b"{}")
    bodies, others = list_bodies(folder)
    found = [(b.path.name, b.observed_at, b.version) for b in bodies]
    return found, [path.name for path in others]


@pytest.mark.parametrize(
    ("name", "instant", "version"),
    [
        ("2025-06-14_1.72.6.json.xz", datetime(2025, 6, 14, tzinfo=UTC), "1.72.6"),
        ("2025-06-14_1.72.6rc1.json", datetime(2025, 6, 14, tzinfo=UTC), "1.72.6rc1"),
        ("2025-06-14.json", datetime(2025, 6, 14, tzinfo=UTC), None),
        ("2025-06-14_main.json.zst", datetime(2025, 6, 14, tzinfo=UTC), None),
        (
            "2025-06-14T120005Z.json.gz",
            datetime(2025, 6, 14, 12, 0, 5, tzinfo=UTC),
            None,
        ),
        (
            "2025-06-14T235959Z_pricing.page.html",
            datetime(2025, 6, 14, 23, 59, 59, tzinfo=UTC),
            None,
        ),
        ("2024-02-29__2.0.md", datetime(2024, 2, 29, tzinfo=UTC), "2.0"),
    ],
)
def test_a_name_says_when_and_which(tmp_path, name, instant, version):
    """A body's name holds its instant and, if its label is one, its release."""
    assert listed(tmp_path, name) == ([(name, instant, version)], [])


@pytest.mark.parametrize(
    "name",
    [
        "2025-02-30.json",
        "2025-13-01_1.0.json",
        "2025-06-14T250000Z.json",
        "2025-06-14T1200Z.json",
        "2025-06-14T120000.json",
        "2025-6-14.json",
        "2025-06-14.json.bz2",
        "2025-06-14.pdf",
        "2025-06-14",
        "x2025-06-14.json",
        "2025-06-14-1.0.json",
        "2025-06-14.json.xz.tmp",
        "README.md",
    ],
)
def test_other_files_are_named_not_read(tmp_path, name):
    """A file whose name is no body's is told apart, not guessed at."""
    bodies, others = listed(tmp_path, "2025-01-01.json", name)
    assert [body[0] for body in bodies] == ["2025-01-01.json"]
    assert others == [name]


def test_hidden_files_and_folders_are_passed_over(tmp_path):
    """What a system leaves in a folder is no surprise in it."""
    (tmp_path / "2025-01-02.json").mkdir()
    _, others = listed(tmp_path, "2025-01-01.json", ".DS_Store", ".2025-01-03.json")
    assert others == []


def test_bodies_come_oldest_first(tmp_path):
    """Bodies are ordered by instant, and those of one instant by release."""
    names = [
        "2025-06-14_1.10.0.json",
        "2025-06-14_1.9.0.json",
        "2025-06-14T010000Z.json",
        "2025-06-14_main.json",
        "2025-06-13_2.0.0.json.xz",
    ]
    bodies, _ = listed(tmp_path, *names)
    assert [body[0] for body in bodies] == [
        "2025-06-13_2.0.0.json.xz",
        "2025-06-14_main.json",
        "2025-06-14_1.9.0.json",
        "2025-06-14_1.10.0.json",
        "2025-06-14T010000Z.json",
    ]


def test_a_folder_without_bodies_is_answered_with_advice(tmp_path):
    """Neither a missing folder nor one without bodies passes for an empty history."""
    with pytest.raises(UsageError, match="is no folder"):
        list_bodies(tmp_path / "missing")
    (tmp_path / "notes.txt").write_text("no body")
    with pytest.raises(UsageError, match="named like"):
        list_bodies(tmp_path)


@pytest.mark.parametrize("ending", PACKED)
def test_a_body_is_unpacked_by_its_ending(tmp_path, ending):
    """A body reads the same however it is packed."""
    path = tmp_path / f"2025-01-01.{ending}"
    path.write_bytes(PACKED[ending])
    assert read_body(path, max_bytes=len(BODY)) == BODY


@pytest.mark.parametrize("ending", PACKED)
def test_a_body_too_large_is_refused(tmp_path, ending):
    """A body that unpacks to more than allowed is an error, never a part of it."""
    path = tmp_path / f"2025-01-01.{ending}"
    path.write_bytes(PACKED[ending])
    with pytest.raises(SourceError, match="too large to be a price list"):
        read_body(path, max_bytes=len(BODY) - 1)


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        ("json.xz", PACKED["json.xz"][:-20]),
        ("json.xz", b"junk"),
        ("json.xz", b""),
        ("json.gz", PACKED["json.gz"][:-20]),
        ("json.gz", b"junk"),
        ("json.gz", PACKED["json.gz"][:-8] + b"\0" * 8),
        ("json.zst", b"junk"),
        ("json.zst", PACKED["json.zst"][:6] + b"\xff" * 40),
    ],
    ids=["xz-cut", "xz-junk", "xz-0", "gz-cut", "gz-junk", "gz-sum", "zst", "zst-bits"],
)
def test_a_damaged_body_is_an_error_that_names_it(tmp_path, ending, content):
    """A damaged file is told in one line with its name, not read in part."""
    path = tmp_path / f"2025-01-01.{ending}"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"cannot be read \(.+\)") as told:
        read_body(path, max_bytes=ROOM)
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("cut", [20, 200], ids=["short", "shorter"])
def test_a_zstandard_body_cut_short_is_damaged(tmp_path, cut):
    """A file that ends in the middle of its frame is damaged, not a shorter body."""
    path = tmp_path / "2025-01-01.json.zst"
    path.write_bytes(PACKED["json.zst"][:-cut])
    with pytest.raises(SourceError, match="cannot be read"):
        read_body(path, max_bytes=ROOM)


def test_a_zstandard_body_may_have_several_frames(tmp_path):
    """A file of several frames, as parallel packers write it, is read to its end."""
    path = tmp_path / "2025-01-01.json.zst"
    path.write_bytes(zstandard.compress(BODY) + zstandard.compress(b"end"))
    assert read_body(path, max_bytes=ROOM) == BODY + b"end"


def test_a_missing_body_is_an_error(tmp_path):
    """A file that is not there is told as such."""
    with pytest.raises(SourceError, match="No such file"):
        read_body(tmp_path / "2025-01-01.json", max_bytes=ROOM)
