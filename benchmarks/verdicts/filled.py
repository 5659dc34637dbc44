"""A database filled with the real series, and what the judge makes of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage import judging
from storage.judging import Library
from tracker import wiring

SOURCES = ("litellm", "openrouter", "models-dev")


class Silent:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int) -> None:
        """A stage begins."""

    def step(self, label: str) -> None:
        """One more of it is done."""


def fill(url: str, series: Path) -> None:
    """Backfill every source that has a folder of bodies.

    Args:
        url: an empty database.
        series: the folder with a folder for each source.
    """
    with wiring.opened(url, fresh=True) as store:
        for source in SOURCES:
            request = wiring.BackfillRequest(
                source=source,
                folder=series / source,
                weekly=False,
                since=None,
                until=None,
            )
            wiring.run_backfill(store, request, Silent())


@contextmanager
def library(url: str) -> Iterator[Library]:
    """All that was said, as the judge reads it."""
    with wiring.opened(url) as store, store.reading() as connection:
        yield judging.load(connection)
