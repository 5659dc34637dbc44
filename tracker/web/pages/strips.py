"""When each source was read in the last year: a picture for each, on many pages."""

from datetime import timedelta

from storage.reading import drawing
from tracker.domain.addresses import strip_path
from tracker.sources.registry import SOURCES
from tracker.web import strips
from tracker.web.pages import NoPage, Query
from tracker.web.rendering import MEDIA, Content
from tracker.web.upkeep import freshness
from tracker.web.view import View


def paths(view: View) -> list[str]:
    """A picture for each source there is."""
    return list(_sources(view))


def made(view: View, path: str, _query: Query) -> Content:
    """The picture of a source.

    Raises:
        NoPage: there is no such source.
    """
    source = _sources(view).get(path) if path.startswith("syncs/") else None
    if source is None:
        raise NoPage
    with view.store.reading() as connection:
        reads = drawing.reads_of(connection, source)
    day = view.now.replace(hour=0, minute=0, second=0, microsecond=0)
    shown = strips.marks(reads, day + timedelta(days=1))
    return Content(strips.svg(source, shown), MEDIA[".svg"])


def _sources(view: View) -> dict[str, str]:
    """Every source, read or not, by the path of its picture."""
    with view.store.reading() as connection:
        read = [one.source for one in freshness(connection)]
    return {strip_path(name): name for name in sorted({*read, *SOURCES})}
