"""The views as files: complete, exact, in one order, and never half written."""

import csv
import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.support import maps
from tracker.exporting import files as exported
from tracker.exporting.files import MANIFEST

SHOW = ("price_history", "believed_prices", "price_timeline", "best_prices")
HOSTILE = '=HYPERLINK("evil")'


def told(trail):
    """Two weeks: a cut, and a model whose name is a formula."""
    first = maps.small_map()
    first[HOSTILE] = {
        "litellm_provider": "acme",
        "input_cost_per_token": 3.3333e-7,
        "output_cost_per_token": 0.0,
    }
    trail.sync(first, "2025-01-06")
    trail.sync(maps.edited(first, input_cost_per_token=1.5e-06), "2025-01-13")
    return first


def manifest(folder):
    """What an export says of itself."""
    return json.loads((folder / MANIFEST).read_text("utf-8"))


def files(folder):
    """Every file of a folder, and what is in it."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def lines(folder, view):
    """The rows of a view that was exported as JSON Lines."""
    text = (folder / f"{view}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_the_manifest_lists_what_is_there(trail, tmp_path, form):
    """Every file is listed with its checksum and rows, and nothing else is there."""
    if form == "parquet":
        pytest.importorskip("pyarrow", reason="Parquet needs the extra export")
    told(trail)
    folder = tmp_path / "out"
    assert trail("export", str(folder), "--format", form).code == 0
    said, found = manifest(folder), files(folder)
    listed = {f["path"]: f for view in said["views"] for f in view["files"]}
    assert found.keys() == {*listed, MANIFEST}
    for path, file in listed.items():
        assert hashlib.sha256(found[path]).hexdigest() == file["sha256"]
        assert len(found[path]) == file["bytes"]
    for view in said["views"]:
        rows = trail.tables.one(f"SELECT COUNT(*) FROM {view['view']}")
        assert view["rows"] == sum(f["rows"] for f in view["files"]) == rows
    assert (said["format"], said["since"]) == (form, None)
    assert [source["source"] for source in said["sources"]] == ["litellm"]


def test_both_databases_write_the_same_bytes(
    sqlite_url, postgres_url, tmp_path, monkeypatch
):
    """The same history is the same files, in the same order, on both databases."""
    from tests.support.program import Trail

    found = []
    for name, url in (("one", sqlite_url), ("two", postgres_url)):
        (tmp_path / name).mkdir()
        trail = Trail(url, tmp_path / name)
        told(trail)
        trail("export", str(tmp_path / name / "out"), "--format", "csv")
        found.append(files(tmp_path / name / "out"))
    for made in found:
        del made[MANIFEST]
    assert found[0] == found[1]
    assert len(found[0]) == 6


def test_rows_are_exact_and_complete(trail, tmp_path):
    """Prices are texts of exact decimals, instants have a Z, nothing is rounded."""
    told(trail)
    trail("export", str(tmp_path / "out"), "--format", "jsonl")
    for view in SHOW:
        mine = lines(tmp_path / "out", view)
        assert [list(row) for row in mine[:1]] == [
            list(trail.tables.rows(f"SELECT * FROM {view} LIMIT 1")[0])
        ]
    history = lines(tmp_path / "out", "price_history")
    priced = [row for row in history if row["usd"] is not None]
    assert all(Decimal(r["usd"]) * 10**9 == r["price_nano"] for r in priced)
    assert {row["usd"] for row in history if row["model"] == HOSTILE} == {
        "0.33333",
        "0",
    }
    assert all(row["valid_from"].endswith("Z") for row in history)
    steps = lines(tmp_path / "out", "price_timeline")
    (cut,) = [row for row in steps if row["kind"] == "changed"]
    assert (cut["old_usd"], cut["new_usd"], cut["pct"]) == ("1.01", "1.5", 48.51)


def test_a_formula_is_made_harmless_in_csv(trail, tmp_path):
    """A text that a spreadsheet would run begins with an apostrophe; numbers do not."""
    told(trail)
    trail("export", str(tmp_path / "out"), "--format", "csv")
    text = (tmp_path / "out" / "price_history.csv").read_text("utf-8")
    models = {row["model"] for row in csv.DictReader(text.splitlines())}
    assert f"'{HOSTILE}" in models
    assert not [name for name in models if name[0] in "=+-@"]
    steps = (tmp_path / "out" / "price_timeline.csv").read_text("utf-8")
    assert "'-" not in steps


def test_what_did_not_change_stays_the_same_bytes(trail, tmp_path):
    """A second export differs only where the history does, so that diffs are small."""
    first = told(trail)
    out = tmp_path / "out"
    trail("export", str(out), "--format", "csv")
    before = files(out)
    (out / ".git").mkdir()
    (out / "README.md").write_text("kept")
    trail("export", str(out), "--format", "csv")
    again = files(out)
    assert again.pop("README.md") == b"kept"
    same = {path for path in before if before[path] == again[path]}
    assert before.keys() - same <= {MANIFEST}
    assert (out / ".git").is_dir()

    moved = maps.edited(first, "acme/model-07", input_cost_per_token=2e-6)
    moved = maps.edited(moved, input_cost_per_token=1.5e-06)
    trail.sync(moved, "2025-01-20")
    trail("export", str(out), "--format", "csv")
    old = facts_of(before["price_timeline.csv"])
    new = facts_of(files(out)["price_timeline.csv"])
    assert new[: len(old)] == old
    assert len(new) == len(old) + 1


def facts_of(body):
    """The lines of a timeline up to the verdict, which later captures may amend."""
    return [line.split(",")[:14] for line in body.decode().splitlines()]


def test_an_increment_holds_what_changed_since(trail, tmp_path):
    """With `--since` only periods and changes from that day on are there."""
    told(trail)
    out = tmp_path / "since"
    words = ("export", str(out), "--format", "jsonl", "--since", "2025-01-10")
    assert trail(*words).code == 0
    assert manifest(out)["since"] == "2025-01-10T00:00:00Z"
    assert [row["kind"] for row in lines(out, "price_timeline")] == ["changed"]
    assert [(r["usd"], r["valid_to"]) for r in lines(out, "price_history")] == [
        ("1.01", "2025-01-13T00:00:00Z"),
        ("1.5", None),
    ]


def test_parquet_is_read_by_duckdb_and_pandas(trail, tmp_path):
    """Partitions are found, decimals exact, instants in UTC, counts those of the
    views.
    """
    pytest.importorskip("pyarrow", reason="Parquet needs the extra export")
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    import pandas as pd

    told(trail)
    out = tmp_path / "out"
    assert trail("export", str(out), "--format", "parquet").code == 0
    with duckdb.connect() as database:
        for view in SHOW:
            (count,) = database.execute(
                f"SELECT COUNT(*) FROM read_parquet('{out}/{view}/*/*.parquet', "
                "hive_partitioning = true)"
            ).fetchone()
            assert count == trail.tables.one(f"SELECT COUNT(*) FROM {view}")
        kept = f"read_parquet('{out}/price_history/*/*.parquet', hive_partitioning = 1)"
        (row,) = database.execute(
            f"SELECT source, usd, price_nano, epoch(valid_from) FROM {kept} "
            f"WHERE source_key = '{maps.KEY}' AND meter = 'input' AND valid_to IS NULL"
        ).fetchall()
    since = datetime(2025, 1, 13, tzinfo=UTC).timestamp()
    assert row == ("litellm", Decimal("1.5"), 1_500_000_000, since)
    frame = pd.read_parquet(out / "price_timeline")
    assert set(frame["year"].astype(int)) == {2025}
    assert str(frame["observed_at"].dtype) == "datetime64[ms, UTC]"
    assert set(frame["new_usd"].map(type)) <= {Decimal, type(None)}


def test_files_of_other_kinds_are_left_alone(sqlite_trail, tmp_path):
    """A folder with other things, a file, or an export of another kind is refused."""
    told(sqlite_trail)
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    full = tmp_path / "full"
    assert sqlite_trail("export", str(full), "--format", "csv").code == 0
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / MANIFEST).write_text("[]")
    for folder, form, more, words in (
        (other, "csv", (), "holds something else"),
        (other / "thesis.txt", "csv", (), "is a file"),
        (full, "jsonl", (), "holds a full export as csv"),
        (full, "csv", ("--since", "2025-01-01"), "holds a full export as csv"),
        (broken, "csv", (), "is no manifest"),
        (tmp_path / "a" / "b", "csv", (), "does not exist; make it first"),
    ):
        ran = sqlite_trail("export", str(folder), "--format", form, *more)
        assert (ran.code, words in ran.err) == (2, True), ran.text
        assert len(ran.err.splitlines()) == 1
    assert files(other) == {"thesis.txt": b"mine"}


def test_a_failed_export_leaves_the_last_one(sqlite_trail, tmp_path, monkeypatch):
    """Nothing is moved to its place before everything is written."""
    first = told(sqlite_trail)
    out = tmp_path / "out"
    sqlite_trail("export", str(out), "--format", "csv")
    before = files(out)
    sqlite_trail.sync(maps.edited(first, input_cost_per_token=9e-7), "2025-01-20")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exported.views, "newest_captures", full)
    ran = sqlite_trail("export", str(out), "--format", "csv")
    assert (ran.code, "No space left" in ran.err) == (3, True)
    assert files(out) == before
    assert [path.name for path in tmp_path.iterdir() if path.name[0] == "."] == []


def test_a_manifest_cannot_reach_out_of_its_folder(sqlite_trail, tmp_path):
    """Paths in an old manifest, which anyone may edit, delete nothing elsewhere."""
    told(sqlite_trail)
    out = tmp_path / "out"
    sqlite_trail("export", str(out), "--format", "csv")
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")
    said = manifest(out)
    said["views"][0]["files"] += [{"path": "../precious.txt"}, {"path": str(precious)}]
    (out / "stale.csv").write_text("old")
    said["views"][0]["files"] += [{"path": "stale.csv"}]
    (out / MANIFEST).write_text(json.dumps(said))
    assert sqlite_trail("export", str(out), "--format", "csv").code == 0
    assert precious.read_text() == "mine"
    assert not (out / "stale.csv").exists()


def test_parquet_without_its_library_says_what_to_install(
    sqlite_trail, tmp_path, monkeypatch
):
    """The extra is named, and the formats that need none."""
    import sys

    told(sqlite_trail)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    ran = sqlite_trail("export", str(tmp_path / "out"))
    assert ran.code == 2
    assert "pip install 'pricetrail[export]'" in ran.err
