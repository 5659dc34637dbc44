"""The README and docs/ tell the truth: commands print what is shown, and exist.

What the console blocks show is made by this file: after a change of output run

    PRICETRAIL_WRITE_DOCS=1 python -m pytest tests/e2e/test_readme.py \
        tests/e2e/test_docs_queries.py

and read the difference before it is committed.
"""

import contextlib
import io
import os
import re
import shlex
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pytest
import typer

from tests.support.program import CHECKOUT, cli

README = CHECKOUT / "README.md"
DOCUMENTS = [README, *sorted((CHECKOUT / "docs").rglob("*.md"))]
FENCE = "```"


def name_of(document: Path) -> str:
    """A document's path within the checkout."""
    return str(document.relative_to(CHECKOUT))


WITH_OUTPUT = [d for d in DOCUMENTS if f"{FENCE}console" in d.read_text("utf-8")]
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)


@pytest.fixture(scope="session")
def history(shared, once):
    """The path of a database with three years of litellm's maps."""

    def make(folder: Path) -> None:
        bodies = str(shared / "data" / "litellm")
        url = f"sqlite:///{folder / 'pricetrail.db'}"
        ran = cli("backfill", "litellm", "--from-dir", bodies, "--db", url)
        assert ran.code in (0, 1), ran.text

    return once("history", make) / "pricetrail.db"


class Shell:
    """Runs the commands that documents show, and remembers how the last one ended."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._code = 0

    def __call__(self, line: str) -> list[str]:
        """The lines that a command prints, those on standard error among them."""
        program, *words = shlex.split(line)
        if program == "pricetrail":
            return self._program(words)
        if program == "sqlite3":
            return self._query(words[-1])
        assert line == "echo $?", f"no way to run {line!r}"
        return [str(self._code)]

    def _program(self, words: list[str]) -> list[str]:
        from tracker.cli.main import main

        printed, self._code = io.StringIO(), 0
        with (
            patch.object(sys, "argv", ["pricetrail", *words]),
            patch.dict(os.environ, PRICETRAIL_DB=f"sqlite:///{self._database}"),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            try:
                main()
            except SystemExit as end:
                self._code = int(end.code or 0)
        return _trimmed(printed.getvalue())

    def _query(self, sql: str) -> list[str]:
        """As the program sqlite3 prints rows."""
        with closing(sqlite3.connect(self._database)) as connection:
            rows = connection.execute(sql).fetchall()
        return ["|".join("" if v is None else str(v) for v in row) for row in rows]


def _trimmed(text: str) -> list[str]:
    """Lines without blanks at their ends, and without blank lines around them."""
    return (
        "\n".join(line.rstrip() for line in text.splitlines()).strip("\n").split("\n")
    )


def refreshed(text: str, run: Callable[[str], list[str]]) -> str:
    """The document with the output under each command of its console blocks anew."""
    lines: list[str] = []
    inside = False
    for line in text.splitlines():
        if line.startswith(FENCE):
            inside = line == f"{FENCE}console"
            lines.append(line)
        elif not inside:
            lines.append(line)
        elif line.startswith("$ "):
            lines += ["", line] if lines[-1] != f"{FENCE}console" else [line]
            lines += run(line.removeprefix("$ "))
    return "\n".join(lines) + "\n"


def settled(document: Path, fresh: str) -> None:
    """The document says this already, or is made to where that was asked for."""
    if os.environ.get("PRICETRAIL_WRITE_DOCS"):
        document.write_text(fresh, "utf-8")
    assert document.read_text("utf-8").splitlines() == fresh.splitlines()


@pytest.mark.parametrize("document", WITH_OUTPUT, ids=name_of)
def test_commands_print_what_the_document_shows(history, document):
    """Every command of a console block prints exactly the lines under it."""
    settled(document, refreshed(document.read_text("utf-8"), Shell(history)))


def _code(text: str) -> Iterator[str]:
    """Pieces of code: the lines of fenced blocks, and spans between backticks."""
    inside = False
    for line in text.splitlines():
        if line.startswith(FENCE):
            inside = not inside
        elif inside:
            yield line
        else:
            yield from re.findall(r"`([^`]+)`", line)


def _calls(text: str) -> Iterator[list[str]]:
    """The words after `pricetrail` wherever it is called."""
    for code in _code(text):
        for found in re.finditer(r"(?<![\w.-])pricetrail +([^;&|>]+)", code):
            yield _words(found[1])


def _words(call: str) -> list[str]:
    try:
        return shlex.split(call)
    except ValueError:
        return call.split()


def _options(words: list[str]) -> set[str]:
    return {word.split("=")[0] for word in words if word.startswith("--")}


@pytest.fixture(scope="module")
def commands():
    """The program's options by command; under no name, those of the program."""
    from tracker.cli.main import program

    group = typer.main.get_command(program())
    found = {"": _of(group)}
    return found | {name: _of(c) for name, c in group.commands.items()}


def _of(command) -> set[str]:
    """The options of a command; those of its parts, where it has parts."""
    names = {name for p in command.params for name in p.opts if name.startswith("--")}
    parts = getattr(command, "commands", {}) if command.name else {}
    return names.union({"--help"}, *(_of(part) for part in parts.values()))


@each_document
def test_commands_and_options_that_are_named_exist(commands, document):
    """Every command and option that a document names is in the program's help."""
    text = document.read_text("utf-8")
    for words in _calls(text):
        name = "" if words[0].startswith("--") else words[0]
        assert name in commands, words
        assert _options(words) <= commands[name], words
    bare = {c for c in _code(text) if re.fullmatch(r"--[a-z][a-z-]*", c)}
    assert bare <= set().union(*commands.values())


def test_every_command_and_option_is_documented(commands):
    """Every command and every option is named somewhere in README or docs."""
    texts = [document.read_text("utf-8") for document in DOCUMENTS]
    called = [words for text in texts for words in _calls(text)]
    assert commands.keys() - {words[0] for words in called} <= {""}
    named = {
        o for text in texts for code in _code(text) for o in _options(code.split())
    }
    assert set().union(*commands.values()) <= named


@each_document
def test_links_lead_somewhere(document):
    """Every relative link of a document leads to a file that is there."""
    text = document.read_text("utf-8")
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    assert [link for link in links if not (document.parent / link).exists()] == []
