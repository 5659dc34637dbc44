"""Building a site, with the clock of the filled database."""

import subprocess
import sys

from tests.support import showroom
from tests.support.program import environment
from tracker.web.site.build import Job, build

_PROGRAM = (
    "from tests.support import showroom; from tracker import wiring; "
    "wiring.now = lambda: showroom.NOW; from tracker.cli.main import main; main()"
)

ONE = "models/cerebras/small/index.html"
"""The page of one of the few models of `showroom.fill_a_little`."""


class Silent:
    """Progress that nobody watches."""

    def stage(self, name, total):
        """Nothing is shown."""

    def step(self, label):
        """Nothing is shown."""


def built(store, folder, **wanted):
    """A database as files, made in this process; what became of them."""
    job = Job(folder, **{"jobs": 1, **wanted})
    return build(store, job, lambda: showroom.NOW, Silent())


def site(trail, folder, *words, seed="0", **given):
    """The program as a process of its own."""
    asked = ("site", str(folder), "--db", trail.url, *words)
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *asked],
        cwd=trail.folder,
        env=environment(PYTHONHASHSEED=seed),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **given,
    )


def ended(process):
    """Its exit code and what it printed."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err
