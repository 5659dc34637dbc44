"""The web page: how many readers it can serve, and how long it takes as files."""

import json
import lzma
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, once
from benchmarks.measure import ROOT, Spread, Usage, ratio, run
from benchmarks.setting import HELD, Setting, copied, opened, program
from tracker.domain.addresses import model_path
from tracker.domain.offers import Offer

NAME = "web"
READERS = 16
"""How many ask at once."""
SECONDS = 2.0
"""How long each thing is asked in a turn."""
FIRST_TIME = 150
"""How many pages are asked for the first time in a turn, by one reader."""
MODEL = "openai/gpt-4.1-mini-2025-04-14"
OTHERS = ("models-dev", "openrouter")
"""Sources whose bodies may stand beside the maps."""
PLAIN = ("accept-encoding: identity",)
PACKED = ("accept-encoding: gzip",)

_PLACE = re.compile(r"serving .*? at http://127\.0\.0\.1:(\d+)/ ")


def measure(setting: Setting) -> list[Figure]:
    """What readers wait for, and what who writes the files waits for."""
    db = _filled(setting)
    return [*_served(setting, db), *_built(setting, db, setting.work / "site")]


def _filled(setting: Setting) -> Path:
    """All maps, and what there is of other sources; its file is left closed."""
    db = copied(setting.history, "web.db")
    for name in OTHERS:
        folder = setting.maps.parent / name
        if folder.is_dir():
            words = ("backfill", name, "--from-dir", folder)
            run(program(*words, db=db), may_exit=(0, HELD))
    with opened(db) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return db


def _built(setting: Setting, db: Path, folder: Path) -> list[Figure]:
    """The time of the site from nothing, unchanged, and after one model changed."""
    db = copied(db, "site.db")
    runs = [_site(db, folder)]
    figures = [
        once(NAME, "site: files", _files(folder), "files"),
        once(NAME, "site: bytes", _bytes(folder) / 2**20, "MiB"),
        once(NAME, "site from nothing: wall", runs[0].wall, "s"),
        once(NAME, "site from nothing: CPU", runs[0].cpu, "s"),
        once(NAME, "site from nothing: peak of a process", runs[0].peak_mib, "MiB"),
    ]
    same = [_site(db, folder) for _ in range(setting.runs)]
    walls = Spread.of([one.wall for one in same])
    figures.append(Figure(NAME, "site, nothing changed: wall", walls, "s"))
    changed = []
    for turn in range(setting.runs):
        _sync_one_change(setting, db, turn)
        changed.append(_site(db, folder))
    walls = Spread.of([one.wall for one in changed])
    figures.append(Figure(NAME, "site, one model changed: wall", walls, "s"))
    written = Spread.of([float(_written(one)) for one in changed])
    what = "site, one model changed: written"
    return [*figures, Figure(NAME, what, written, "files")]


def _site(db: Path, folder: Path) -> Usage:
    return run(program("site", folder, db=db))


def _written(usage: Usage) -> int:
    found = re.search(r"([0-9,]+) written", usage.output)
    if found is None:
        raise RuntimeError(f"unknown answer: {usage.output!r}")
    return int(found[1].replace(",", ""))


def _sync_one_change(setting: Setting, db: Path, turn: int) -> None:
    """Store another map as of now, the last one but for one price."""
    newest = max(setting.maps.glob("*.json.xz"))
    said = json.loads(lzma.decompress(newest.read_bytes()))
    said[MODEL.partition("/")[2]]["input_cost_per_token"] = (41 + turn) * 1e-8
    body = setting.work / "changed.json"
    body.write_text(json.dumps(said))
    words = ("sync", "--source", "litellm", "--file", body)
    run(program(*words, db=db), may_exit=(0, HELD))


def _files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _served(setting: Setting, db: Path) -> list[Figure]:
    """What readers get, in turns with a bare word of the same server."""
    fresh = _pages(db)
    api = [f"api/v1/{path}" for path in fresh]
    warm: Mapping[str, tuple[str, Sequence[str]]] = {
        "model page": (f"models/{MODEL}/", PACKED),
        "model page, not compressed": (f"models/{MODEL}/", PLAIN),
        "API, one model": (f"api/v1/models/{MODEL}", PACKED),
        "API, its history": (f"api/v1/history?model={MODEL}", PACKED),
        "API, the newest changes": ("api/v1/changes", PACKED),
        "API, a page of all models": ("api/v1/models", PACKED),
    }
    found: dict[str, list[dict[str, Any]]] = {}
    with (
        _server(program("serve", "--port", "0", db=db), setting.work / "ours") as ours,
        _server(_HELLO, setting.work / "hello") as bare,
    ):
        for turn in range(setting.runs):
            _asked(found, "hello", bare, ["hello"])
            for what, (path, headers) in warm.items():
                _asked(found, what, ours, [path], headers)
            part = slice(turn * FIRST_TIME, (turn + 1) * FIRST_TIME)
            for what, paths in (("model page", fresh), ("API, one model", api)):
                _first(found, f"{what}, first time", ours, paths[part])
    return _figures(found)


def _pages(db: Path) -> list[str]:
    """The pages of models, spread over all providers, in an order of their own."""
    listed = run(program("models", "--format", "json", db=db)).output
    offers = [Offer(r["provider"], r["model"], r["region"]) for r in json.loads(listed)]
    paths = [model_path(offer) for offer in offers if offer.text != MODEL]
    step = max(1, len(paths) // 997)
    return [path for start in range(step) for path in paths[start::step]]


def _figures(found: Mapping[str, list[dict[str, Any]]]) -> list[Figure]:
    figures = []
    rates = {
        what: [len(one["ms"]) / one["seconds"] for one in turns]
        for what, turns in found.items()
    }
    for what, turns in found.items():
        if "first time" not in what:
            figures.append(Figure(NAME, what, Spread.of(rates[what]), "requests/s"))
            if what != "hello":
                share = ratio(rates["hello"], rates[what])
                figures.append(Figure(NAME, f"hello / {what}", share, "×"))
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            ends = Spread.of([_percentile(one["ms"], share) for one in turns])
            figures.append(Figure(NAME, f"{what}: {name}", ends, "ms"))
    return figures


def _percentile(values: Sequence[float], share: float) -> float:
    return statistics.quantiles(values, n=1000)[round(1000 * share) - 1]


def _asked(
    found: dict[str, list[dict[str, Any]]],
    what: str,
    port: int,
    paths: Sequence[str],
    headers: Sequence[str] = PACKED,
) -> None:
    """Have many readers ask for the same, which is made once at most."""
    _load(port, paths[:1], headers, readers=1, seconds=0)
    done = _load(port, paths, headers, readers=READERS, seconds=SECONDS)
    found.setdefault(what, []).append(done)


def _first(
    found: dict[str, list[dict[str, Any]]], what: str, port: int, paths: Sequence[str]
) -> None:
    """Have one reader ask for what nobody has asked for."""
    done = _load(port, paths, PACKED, readers=1, seconds=0)
    found.setdefault(what, []).append(done)


def _load(
    port: int,
    paths: Sequence[str],
    headers: Sequence[str],
    *,
    readers: int,
    seconds: float,
) -> dict[str, Any]:
    asked = {
        "port": port,
        "paths": [*paths],
        "readers": readers,
        "seconds": seconds,
        "headers": [*headers],
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.web_load"],
        cwd=ROOT,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-600:])
    return dict(json.loads(done.stdout))


_HELLO = [sys.executable, "-m", "benchmarks.web_hello"]


@contextmanager
def _server(command: Sequence[str | Path], log: Path) -> Iterator[int]:
    """A server as a process of its own; the port that it listens on."""
    with log.open("w") as lines:
        process = subprocess.Popen(
            [str(part) for part in command], cwd=ROOT, stderr=lines
        )
    try:
        while (found := _PLACE.match(log.read_text())) is None:
            if process.poll() is not None:
                raise RuntimeError(f"no server: {log.read_text()[-600:]!r}")
            time.sleep(0.05)
        yield int(found[1])
    finally:
        process.kill()
        process.wait()
