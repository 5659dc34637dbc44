"""How far long work is: a bar on a terminal, plain lines elsewhere."""

import sys
from types import TracebackType
from typing import Any, Self

from tracker.cli.output import tell, visible

LINES = 10
"""How many lines a stage prints where there is no terminal."""


class Bar:
    """Progress of a few stages, one after the other, on standard error."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._name, self._total, self._done = "", 0, 0

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def stage(self, name: str, total: int) -> None:
        """A stage of `total` steps begins."""
        self._name, self._total, self._done = name, total, 0
        if self._bar is not None:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(name, total=total)

    def step(self, label: str) -> None:
        """One more step is done."""
        self._done += 1
        if self._bar is not None:
            words = f"{self._name} {visible(label)}"
            self._bar.update(self._task, advance=1, description=words)
        elif self._done == self._total or self._done % self._every() == 0:
            tell(f"{self._name} {self._done}/{self._total} {label}")

    def _every(self) -> int:
        return max(1, self._total // LINES)
