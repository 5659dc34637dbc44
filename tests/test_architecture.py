"""Who may import whom, and that the domain knows no clock."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOMAIN = sorted((ROOT / "tracker" / "domain").glob("*.py"))
CLOCKS = {"now", "today", "utcnow", "time", "monotonic", "fromtimestamp"}


def test_imports_point_inward():
    """Every import contract of the project is kept.

    In a process of its own: the linter stumbles over modules that Twisted has put
    into this one.
    """
    code = (
        "from importlinter.cli import lint_imports; "
        "raise SystemExit(lint_imports(no_cache=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


@pytest.mark.parametrize("path", DOMAIN, ids=lambda path: path.stem)
def test_the_domain_asks_no_clock(path):
    """`now` is a parameter: nothing in the domain calls for the time itself."""
    calls = [
        n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)
    ]
    asked = {_name_of(call) for call in calls}
    assert not asked & CLOCKS


def _name_of(call: ast.Call) -> str:
    """The last word of what is called: `now` of `datetime.now()`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def test_the_clock_rule_looks_at_every_module():
    """The rule above is checked on real modules, not on an empty list."""
    assert {"meters", "money", "timeline"} <= {path.stem for path in DOMAIN}
