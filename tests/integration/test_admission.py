"""The installed package and back-ports: prices never go back in time."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.maps import Map, body, edited, small_map
from tracker.sources import litellm_package, litellm_releases
from tracker.sources.litellm_package import InstalledMap

CUT = edited(small_map(), input_cost_per_token=8e-07)
RAISED = edited(small_map(), input_cost_per_token=1.6e-06)


class Installed:
    """A litellm that is installed, with the index that knows its upload time.

    Args:
        monkeypatch: undoes it after the test.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch

    def __call__(self, version: str, said: Map, uploaded: str | None = None) -> None:
        """Install a release; without an upload time the index must not be asked."""
        found = InstalledMap(Path("map.json"), body(said), version)
        self._patch.setattr(
            litellm_package, "read_installed_map", lambda max_bytes: found
        )

        def upload_time(asked: str) -> datetime | None:
            assert asked == version
            assert uploaded is not None, "the package index was asked"
            return datetime.fromisoformat(uploaded).replace(tzinfo=UTC)

        self._patch.setattr(litellm_releases, "upload_time", upload_time)


@pytest.fixture
def installed(monkeypatch):
    """Installs a litellm of a version and a map; its live map is not to be had."""
    nowhere = {"https://raw.githubusercontent.com": "http://127.0.0.1:9"}
    monkeypatch.setenv("PRICETRAIL_ORIGINS", json.dumps(nowhere))
    monkeypatch.setenv("PRICETRAIL_CRAWL_BACKOFF", "0.01")
    return Installed(monkeypatch)


ONLINE = ("--source", "litellm")
SECOND_BEST = 1
"""The exit code where the live map was asked for and the installed one taken."""


def observed(trail):
    """The instants and states of the captures."""
    found = trail.tables.rows(
        "SELECT observed_at, version, status FROM captures ORDER BY id"
    )
    return [(r["observed_at"][:10], r["version"], r["status"]) for r in found]


def test_an_empty_database_takes_what_is_installed(trail, installed):
    """With nothing known the installed map is applied as of now, off line."""
    installed("1.5.0", small_map())
    ran = trail("sync", "--offline", "--at", "2025-01-06")
    assert ran.code == 0
    assert "litellm 1.5.0: applied, as of 2025-01-06" in ran.out
    assert observed(trail) == [("2025-01-06", "1.5.0", "applied")]


def test_an_empty_database_dates_it_by_its_upload(sqlite_trail, installed):
    """With the index at hand the installed map is dated when it was uploaded."""
    installed("1.5.0", small_map(), uploaded="2024-12-24")
    ran = sqlite_trail("sync", *ONLINE, "--at", "2025-01-06")
    assert ran.code == SECOND_BEST
    assert "looked at the installed map instead" in ran.out
    assert observed(sqlite_trail) == [("2024-12-24", "1.5.0", "applied")]


def test_the_same_package_again_is_unchanged(trail, installed):
    """What is installed and was applied already is unchanged, off line."""
    installed("1.5.0", small_map())
    trail("sync", "--offline", "--at", "2025-01-06")
    before = trail.tables.projection()
    ran = trail("sync", "--offline", "--at", "2025-01-13")
    assert (ran.code, "unchanged" in ran.out) == (0, True)
    assert trail.tables.projection() == before


def test_reading_a_package_again_does_not_narrow_a_change(sqlite_trail, installed):
    """A change happened after the release was made, not after it was last read."""
    installed("1.5.0", small_map())
    sqlite_trail("sync", "--offline", "--at", "2025-01-06")
    sqlite_trail("sync", "--offline", "--at", "2025-01-13")
    installed("1.6.0", CUT)
    sqlite_trail("sync", "--offline", "--at", "2025-01-20")
    assert sqlite_trail.tables.column(
        "SELECT previous_seen_at FROM price_changes WHERE kind = 'changed'"
    ) == ["2025-01-06T00:00:00Z"]


def test_a_newer_package_is_applied(trail, installed):
    """Where all is known by release, a higher release is later, off line too."""
    installed("1.5.0", small_map())
    trail("sync", "--offline", "--at", "2025-01-06")
    installed("1.10.0", CUT)
    ran = trail("sync", "--offline", "--at", "2025-01-13")
    assert ran.code == 0
    assert [s[3:] for s in trail.tables.steps() if s[2] == "changed"] == [(1.01, 0.8)]


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--offline",), 0), (ONLINE, SECOND_BEST)],
    ids=["offline", "online"],
)
def test_an_older_package_is_left_alone(sqlite_trail, installed, words, code):
    """A downgraded package never puts old prices back."""
    installed("1.10.0", CUT, uploaded="2025-01-05")
    sqlite_trail("sync", *words, "--at", "2025-01-06")
    before = sqlite_trail.tables.projection()
    installed("1.9.0", small_map(), uploaded="2025-01-08")
    ran = sqlite_trail("sync", *words, "--at", "2025-01-13")
    assert ran.code == code
    assert "skipped" in ran.out
    assert "older than release 1.10.0" in ran.out
    assert sqlite_trail.tables.projection() == before
    assert len(observed(sqlite_trail)) == 1


def test_an_undated_package_waits_behind_a_body(trail, installed):
    """After a body of no release a package needs its upload time, and says so."""
    trail.sync(CUT, "2025-01-06")
    before = trail.tables.projection()
    installed("1.9.0", small_map())
    ran = trail("sync", "--offline", "--at", "2025-01-13")
    assert ran.code == 0
    assert "run sync without --offline" in ran.out
    assert trail.tables.projection() == before


@pytest.mark.parametrize(
    ("uploaded", "taken"), [("2025-01-05", False), ("2025-01-07", True)]
)
def test_a_dated_package_is_taken_if_it_is_later(
    sqlite_trail, installed, uploaded, taken
):
    """With its upload time a package counts if it is later than what is known."""
    sqlite_trail.sync(CUT, "2025-01-06")
    installed("1.9.0", RAISED, uploaded=uploaded)
    ran = sqlite_trail("sync", *ONLINE, "--at", "2025-01-13")
    assert ran.code == SECOND_BEST
    assert ("skipped" in ran.out) is not taken
    changed = [s for s in sqlite_trail.tables.steps() if s[2] == "changed"]
    assert [s[3:] for s in changed] == ([(0.8, 1.6)] if taken else [])
    if taken:
        assert observed(sqlite_trail)[-1] == (uploaded, "1.9.0", "applied")


def test_an_edited_package_is_told_apart_from_its_release(sqlite_trail, installed):
    """A map that is not the one of its release says how to give it on purpose."""
    installed("1.5.0", small_map())
    sqlite_trail("sync", "--offline", "--at", "2025-01-06")
    installed("1.5.0", CUT)
    ran = sqlite_trail("sync", "--offline", "--at", "2025-01-13")
    assert "not the one of that release" in ran.out
    assert len(observed(sqlite_trail)) == 1


def test_a_package_between_backfills_ends_up_in_its_place(trail, installed):
    """A package applied first falls behind the newer releases that are filled in."""
    installed("1.5.0", CUT)
    trail("sync", "--offline", "--at", "2025-02-01")
    older = {
        "2025-01-06_1.4.0.json": small_map(),
        "2025-01-20_1.6.0.json": RAISED,
    }
    assert trail.backfill(older).code == 0
    assert trail.tables.standing("acme/model-01")["input"] == 1.6
    assert ("2025-02-01", "1.5.0", "rejected") in observed(trail)
    before = trail.tables.projection()
    trail("rebuild")
    assert trail.tables.projection() == before


def test_back_ports_in_a_folder_are_left_out(trail):
    """A lower release after a higher one is named and not taken."""
    ran = trail.backfill(
        {
            "2025-01-06_1.5.0.json": small_map(),
            "2025-01-13_1.6.0.json": CUT,
            "2025-01-14_1.5.1.json": small_map(),
            "2025-01-20_1.6.1rc1.json": edited(CUT, max_input_tokens=200000),
        }
    )
    assert ran.code == 0
    assert "1 back-ports left out: 2025-01-14_1.5.1.json" in ran.out
    assert "3 bodies wanted" in ran.out
    assert [s[3:] for s in trail.tables.steps() if s[2] == "changed"] == [(1.01, 0.8)]


def test_a_back_port_that_was_captured_is_rejected(sqlite_trail):
    """A back-port that arrives by itself is kept as a capture and not applied."""
    sqlite_trail.backfill({"2025-01-13_1.6.0.json": CUT})
    before = sqlite_trail.tables.projection()
    ran = sqlite_trail.backfill({"2025-01-14_1.5.1.json": small_map()})
    assert "1 rejected" in ran.out
    assert sqlite_trail.tables.projection() == before
    assert "older than 1.6.0" in sqlite_trail.tables.one(
        "SELECT note FROM captures WHERE status = 'rejected'"
    )


def test_files_that_are_no_bodies_are_named(sqlite_trail):
    """A backfill says what it passed over, and takes what is packed."""
    import gzip
    import lzma

    packed = {
        "2025-01-06_1.5.0.json.xz": lzma.compress(body(small_map())),
        "2025-01-13T060000Z_1.6.0.json.gz": gzip.compress(body(CUT)),
        "notes.txt": b"not a body",
        "2025-13-45_1.7.0.json": b"no such day",
    }
    ran = sqlite_trail.backfill(packed)
    assert ran.code == 0
    assert "notes.txt is no captured body" in ran.out
    assert "2025-13-45_1.7.0.json is no captured body" in ran.out
    assert [row[0] for row in observed(sqlite_trail)] == ["2025-01-06", "2025-01-13"]


def test_a_damaged_file_costs_only_itself(sqlite_trail):
    """A body that cannot be unpacked is named; the others are applied, exit 1."""
    ran = sqlite_trail.backfill(
        {
            "2025-01-06_1.5.0.json": small_map(),
            "2025-01-13_1.6.0.json.xz": b"not packed at all",
            "2025-01-20_1.7.0.json": CUT,
        }
    )
    assert ran.code == 1
    assert "2025-01-13_1.6.0.json.xz" in ran.out
    assert len(observed(sqlite_trail)) == 2


def test_a_second_backfill_has_nothing_to_do(trail):
    """What is captured is not fetched again."""
    bodies = {"2025-01-06_1.5.0.json": small_map(), "2025-01-13_1.6.0.json": CUT}
    trail.backfill(bodies)
    before = trail.tables.projection()
    ran = trail.backfill(bodies)
    assert ran.code == 0
    assert "2 captured before, 0 fetched" in ran.out
    assert trail.tables.projection() == before
