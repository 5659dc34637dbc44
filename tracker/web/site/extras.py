"""The files of a site that hosts and search engines look for."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from tracker.web import rendering

MOST = 50_000
"""Addresses that a site map may hold."""


def extras(url: str, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Each file by its name.

    Args:
        url: where readers reach the site, with a slash at its end; may be empty.
        paths: of all pages.
    """
    yield "404.html", _missing(url)
    yield "robots.txt", _robots(url)
    yield ".nojekyll", b""  # GitHub would leave out folders that begin with _
    if url:
        yield "sitemap.xml", _sitemap(url, paths)


def _missing(url: str) -> bytes:
    """What a host shows in the place of any page: its links hold from everywhere."""
    given = {
        "status": HTTPStatus.NOT_FOUND,
        "words": "there is no page at this address",
        "root": urlsplit(url).path or "/",
    }
    return rendering.fault("404.html", given).body


def _robots(url: str) -> bytes:
    lines = ["User-agent: *", "Allow: /"]
    if url:
        lines.append(f"Sitemap: {url}sitemap.xml")
    return "\n".join([*lines, ""]).encode()


def _sitemap(url: str, paths: Iterable[str]) -> bytes:
    listed = sorted(path for path in paths if not path or path.endswith("/"))[:MOST]
    places = (escape(f"{url}{quote(path, safe='/@~')}") for path in listed)
    inner = "".join(f"<url><loc>{place}</loc></url>\n" for place in places)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{inner}</urlset>\n"
    ).encode()
