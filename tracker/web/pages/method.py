"""About: where the prices come from, and how a change is judged."""

from tracker.domain.judge import REASONS
from tracker.web.pages import NoPage, Query
from tracker.web.rendering import Content, page
from tracker.web.view import View

PATH = "method/"


def paths(_view: View) -> list[str]:
    """Its one page."""
    return [PATH]


def made(view: View, path: str, _query: Query) -> Content:
    """The page.

    Raises:
        NoPage: another path.
    """
    if path != PATH:
        raise NoPage
    return page(view, path, "method.html", {"reasons": REASONS})
