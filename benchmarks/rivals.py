"""Other tools on the same maps: git-history and dlt, two fields of twenty maps.

Each is installed, at a pinned version, into a virtual environment of its own in
the user's cache folder. A tool that cannot be installed or run here is told as
a note, not as a figure.
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import floor
from benchmarks.figures import Figure
from benchmarks.measure import Spread, Usage, cpu_of, in_turns, ratio, run
from benchmarks.setting import Setting, backfill, forget, unpacked

NAME = "rivals"
LAST, FIRST = 40, 20
"""The first 20 of the last 40 maps."""
MOST_RUNS = 3
GIT_HISTORY = ("git-history==0.8", "sqlite-utils==4.2.1", "GitPython==3.2.1")
DLT = ("dlt[sqlalchemy,duckdb]==1.31.0", "SQLAlchemy==2.1.9", "duckdb==2.0.0")
CONVERT = """
found = []
for key, entry in json.loads(content).items():
    if key == "sample_spec":
        continue
    pair = {f: entry.get(f) for f in ("input_cost_per_token", "output_cost_per_token")}
    if any(f in entry for f in pair):
        found.append({"key": key, **pair})
return found
"""

Side = Callable[[], Usage]
Command = list[str | Path]


def measure(setting: Setting) -> list[Figure]:
    """CPU of each tool, in multiples of parsing these maps."""
    chosen = sorted(setting.maps.glob("*.json.xz"))[-LAST:][:FIRST]
    maps = unpacked(chosen, setting.work / "twenty")
    loads: list[float] = []
    sides: dict[str, Side] = {"floor": lambda: _floor(maps, loads)}
    for name, prepare in _TOOLS.items():
        try:
            side = prepare(setting, maps)
            side()
        except (RuntimeError, OSError) as fault:
            print(f"{name} cannot run here: {fault}", file=sys.stderr)
        else:
            sides[name] = side
    runs = min(setting.runs, MOST_RUNS)
    found = in_turns(sides, runs, warm_up=False)
    title = f"orjson.loads of {len(chosen)} maps"
    figures = [Figure(NAME, title, Spread.of(loads), "s CPU")]
    for name in list(sides)[1:]:
        cpu = cpu_of(found[name])
        figures.append(Figure(NAME, f"{name}: CPU / floor", ratio(cpu, loads), "×"))
        figures.append(Figure(NAME, f"{name}: CPU", Spread.of(cpu), "s CPU"))
    return figures


def _floor(maps: Path, loads: list[float]) -> Usage:
    one = floor.measured(maps)
    loads.append(one.loads)
    return one.process


def _pricetrail(setting: Setting, maps: Path) -> Side:
    return lambda: backfill(maps, setting.work / "rival.db")


def _git_history(setting: Setting, maps: Path) -> Side:
    tool = _installed("git-history", GIT_HISTORY) / "git-history"
    repo, db = setting.work / "repo", setting.work / "git-history.db"
    _commit_each(maps, repo)
    command: Command = [
        tool,
        "file",
        db,
        repo / "map.json",
        "--repo",
        repo,
        "--id",
        "key",
    ]
    command += ["--branch", "main", "--convert", CONVERT, "--silent"]

    def side() -> Usage:
        forget(db)
        return run(command)

    return side


def _commit_each(maps: Path, repo: Path) -> None:
    """A repository in which each map is a commit, dated as the map is."""
    git: Command = ["git", "-C", repo, "-c", "user.name=benchmark"]
    git += ["-c", "user.email=benchmark@example.org", "-c", "commit.gpgsign=false"]
    repo.mkdir()
    run([*git, "init", "--quiet", "--initial-branch=main"])
    for path in sorted(maps.iterdir()):
        shutil.copyfile(path, repo / "map.json")
        at = f"{path.name[:10]}T00:00:00Z"
        env = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
        run([*git, "add", "map.json"])
        run([*git, "commit", "--allow-empty", "--quiet", "-m", path.stem], env=env)


def _dlt(kind: str) -> Callable[[Setting, Path], Side]:
    def prepare(setting: Setting, maps: Path) -> Side:
        python = _installed("dlt", DLT) / "python"
        script = Path(__file__).with_name("rival_dlt.py")
        work = setting.work / f"dlt-{kind}"

        def side() -> Usage:
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            env = {"RUNTIME__DLTHUB_TELEMETRY": "false"}
            return run([python, script, kind, maps, work], cwd=work, env=env)

        return side

    return prepare


_TOOLS: dict[str, Callable[[Setting, Path], Side]] = {
    "Pricetrail, all fields": _pricetrail,
    f"{GIT_HISTORY[0]}, two fields": _git_history,
    f"{DLT[0].replace('[sqlalchemy,duckdb]', '')} scd2 on SQLite, two fields": _dlt(
        "sqlite"
    ),
    f"{DLT[0].replace('[sqlalchemy,duckdb]', '')} scd2 on DuckDB, two fields": _dlt(
        "duckdb"
    ),
}


def _installed(name: str, packages: tuple[str, ...]) -> Path:
    """The folder of programs of a virtual environment that holds these packages."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = cache / "pricetrail-benchmarks" / name
    ready = home / ".ready"
    if not ready.exists() or ready.read_text() != "\n".join(packages):
        shutil.rmtree(home, ignore_errors=True)
        run([sys.executable, "-m", "venv", home])
        pip: Command = [home / "bin" / "python", "-m", "pip", "install", "--quiet"]
        run([*pip, *packages])
        ready.write_text("\n".join(packages))
    return home / "bin"
