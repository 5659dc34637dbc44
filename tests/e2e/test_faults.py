"""What goes wrong is one line, the right exit code, and never a traceback."""

import subprocess
import sys

import pytest

from tests.support.maps import KEY, small_map
from tests.support.program import Trail, command, environment, process
from tracker.cli.main import COMMANDS, program


@pytest.fixture
def asked(sqlite_trail):
    """A small database; its commands run in this process."""
    sqlite_trail.sync(small_map(), "2025-01-06")
    return sqlite_trail


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("sync", "--source", "nowhere"), 2),
        (("sync", "--file", "x.json"), 2),
        (("sync", "--at", "yesterday"), 2),
        (("sync", "--source", "openrouter", "--offline"), 3),
        (("sync", "--source", "litellm", "--file", "/nonexistent"), 3),
        (("backfill", "nowhere"), 2),
        (("backfill", "openrouter"), 2),
        (("backfill", "litellm", "--from-dir", "/nonexistent"), 2),
        (("backfill", "litellm", "--every", "day"), 2),
        (("rebuild", "nowhere"), 2),
        (("price", "no-such-model"), 2),
        (("price", ""), 2),
        (("price", "/"), 2),
        (("price", "%_!*?'\";--"), 2),
        (("price", KEY, "--meter", "not a meter"), 2),
        (("price", KEY, "--at", "2025-02-30"), 2),
        (("price", KEY, "--at", "2020-01-01"), 1),
        (("price", KEY, "--format", "xml"), 2),
        (("history", KEY, "--since", "2025-13-01"), 2),
        (("changes", "--min-pct", "many"), 2),
        (("changes", "--min-pct", "-5"), 2),
        (("changes", "--min-pct", "nan"), 2),
        (("price", KEY, "--at", "2020-01-01", "--format", "json"), 1),
        (("history", KEY, "--until", "2020-01-01"), 1),
        (("history", KEY, "--until", "2020-01-01", "--format", "csv"), 1),
        (("models", "--nosuchoption"), 2),
        (("nosuchcommand",), 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_fault_has_its_exit_code(asked, words, code):
    """2 is wrong usage, 3 is nothing done, 1 is partly; each says why."""
    ran = asked.run(*words) if words[0].startswith("nosuch") else asked(*words)
    assert ran.code == code, ran.text
    assert ran.text.strip()
    assert "Traceback" not in ran.text


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize(
    "words",
    [
        ("models", "--query", "no such model"),
        ("changes", "--until", "2020-01-01"),
        ("changes", "--until", "2020-01-01", "--stories"),
        ("review", "--all"),
    ],
    ids=" ".join,
)
def test_a_list_of_nothing_is_an_answer(asked, words, form):
    """Filters that nothing matches are answered, in every format, with exit 0."""
    ran = asked(*words, "--format", form)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.strip()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("price", KEY, "--at", "0001-01-01T00:00:00+05:00")),
        ("price", KEY, "--meter", "input;a=%FF"),
        pytest.param(("price", "gpt\udcff")),
        pytest.param(("price", KEY, "--db", "://")),
        pytest.param(("price", KEY, "--db", "postgresql+psycopg://host:port/base")),
    ],
    ids=lambda words: " ".join(words).encode("ascii", "replace").decode(),
)
def test_odd_words_are_wrong_usage(asked, words):
    """Whatever is written on the command line, the answer is a line."""
    ran = asked.run(*words) if "--db" in words else asked(*words)
    assert ran.code in (2, 3)
    assert ran.err.count("\n") == 1


def test_an_option_before_the_command_is_told_its_place(asked):
    """Options are the commands'; who writes one first learns where it goes."""
    ran = asked.run("--db", asked.url, "price", KEY)
    assert ran.code == 2
    assert ran.err.startswith("pricetrail: --db goes after the command: pricetrail")
    assert asked.run("--version").code == 0


def test_one_failed_source_of_two_is_partly_done(asked):
    """A source that cannot be read leaves the others alone, and the exit is 1."""
    ran = asked("sync", "--offline", "--source", "openrouter", "--source", "litellm")
    assert ran.code == 1
    assert "openrouter: failed" in ran.out
    found = asked.tables.rows("SELECT outcome FROM source_runs ORDER BY id DESC")
    assert {row["outcome"] for row in found[:2]} >= {"failed"}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("sqlite:///nowhere/trail.db", 3),
        ("sqlite:////proc/trail.db", 3),
        ("mysql://host/base", 2),
        ("postgresql+psycopg://me:secret@127.0.0.1:1/base", 3),
    ],
)
def test_a_database_that_cannot_be_used_is_a_line(tmp_path, address, code):
    """An address that leads nowhere ends a sync with one line and exit 3; one of a
    kind of database that we do not know is wrong usage, exit 2.
    """
    ran = process("sync", "--offline", "--db", address, cwd=tmp_path)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.count("\n") == 1
    assert "secret" not in ran.err


def test_a_question_without_a_database(tmp_path):
    """A question before the first sync says what to run; exit 2."""
    ran = process("price", "gpt-4o", cwd=tmp_path)
    assert ran.code == 2
    assert ran.err == (
        "pricetrail: no database at sqlite:///pricetrail.db yet; run: pricetrail sync\n"
    )


def test_a_text_file_for_a_database(tmp_path):
    """A file that is something else is refused; exit 3."""
    (tmp_path / "notes.db").write_text("notes\n" * 1000)
    ran = process("models", "--db", "sqlite:///notes.db", cwd=tmp_path)
    assert ran.code == 3
    assert ran.err.count("\n") == 1
    assert "not a database" in ran.err


def test_the_database_of_the_environment(tmp_path):
    """PRICETRAIL_DB names the database where --db does not."""
    Trail("sqlite:///" + str(tmp_path / "mine.db"), tmp_path).sync(
        small_map(), "2025-01-06"
    )
    address = f"sqlite:///{tmp_path / 'mine.db'}"
    ran = process("price", KEY, cwd=tmp_path, PRICETRAIL_DB=address)
    assert ran.code == 0
    assert "$1.01" in ran.out


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_reader_that_leaves_early(asked, form):
    """A pipe that is closed after a line ends the program without a word."""
    words = ("changes", "--kind", "introduced", "--format", form, "--db", asked.url)
    with subprocess.Popen(
        command(*words),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as running:
        running.stdout.close()
        said = running.stderr.read()
    assert said == ""
    assert running.returncode not in (2, 3)


def test_a_terminal_without_unicode(asked):
    """Where the output cannot hold a character, the table still is printed."""
    ran = process(
        *("price", KEY, "--db", asked.url), cwd=asked.folder, PYTHONIOENCODING="ascii"
    )
    assert ran.code == 0
    assert "$1.01" in ran.out


def test_a_history_on_a_terminal_without_unicode(asked):
    """Dots and dashes that the output cannot hold are replaced, not fatal."""
    asked.sync({**small_map(), KEY: small_map()["acme/model-07"]}, "2025-01-13")
    ran = process(
        *("history", KEY, "--db", asked.url),
        cwd=asked.folder,
        PYTHONIOENCODING="latin-1",
    )
    assert ran.code == 0


@pytest.mark.parametrize("words", [(), *((name,) for name in COMMANDS)])
def test_every_command_has_help(asked, words):
    """Each command says what it does and what each of its options is for."""
    ran = asked.run(*words, "--help")
    assert ran.code == 0
    assert "Usage:" in ran.out
    about = ran.out.split("Options:")[0].splitlines()[1:]
    assert any(line.strip() for line in about)
    assert "--help" in ran.out


def test_a_call_imports_its_own_command():
    """A command that is called is the only one that is imported and known."""
    app = program(["sync", "--offline"])
    assert [c.name for c in app.registered_commands] == ["sync"]
    assert app.registered_groups == []
    every = program(["--help"])
    names = [c.name for c in (*every.registered_commands, *every.registered_groups)]
    assert set(names) == set(COMMANDS)


def test_help_is_quick():
    """Help imports nothing heavy."""
    script = (
        "import runpy, sys\nsys.argv = ['pricetrail', '--help']\n"
        "try:\n    runpy.run_module('tracker', run_name='__main__')\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'sqlalchemy', 'rich', 'pandas', 'litellm', 'orjson', 'requests', "
        "'scrapy', 'alembic', 'zstandard'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
