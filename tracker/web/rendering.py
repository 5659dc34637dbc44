"""From what a page shows to its HTML: templates, how numbers look, what is loaded.

Everything is escaped. A page loads its style, its scripts and nothing else, and only
from the site itself; the policy that says so stands in the page as well as in the
server's answer, since files have no server to say it.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import orjson

from tracker.charts import files as charts
from tracker.domain import addresses
from tracker.domain.errors import StorageError
from tracker.domain.judge import REASONS
from tracker.domain.money import in_units
from tracker.domain.offers import Offer
from tracker.reports import wording
from tracker.web.view import View

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'"
)
"""What a page may load: only what comes from the site itself, and no inline code."""

MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".atom": "application/atom+xml; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}
"""Media types by the ending of a name."""


LIBRARY = "vega.js"
"""What makes charts interactive: put together when it is asked for, from the package
that draws them."""


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a page or a file, and what kind they are of.

    Attributes:
        body: the bytes.
        media: their kind.
        link: where more of it is, as a header says it; empty if there is no more.
    """

    body: bytes
    media: str = MEDIA[".html"]
    link: str = ""


def page(view: View, path: str, template: str, given: Mapping[str, Any]) -> Content:
    """A page as HTML.

    Args:
        view: the state it shows.
        path: where it is, from the site's root; it ends with a slash.
        template: a file in `templates`.
        given: what the template shows, beside `view`, `path` and `root`.
    """
    root = addresses.root_of(path)
    usual = {"view": view, "path": path, "root": root, "policy": POLICY}
    html = _environment().get_template(template).render({**usual, **given})
    return Content(html.encode("utf-8", "replace"))


def fault(path: str, given: Mapping[str, Any]) -> Content:
    """A page that tells what went wrong: `status` and `words`; it reads nothing."""
    root = addresses.root_of(path)
    usual = {"path": path, "root": root, "policy": POLICY, "view": None}
    html = _environment().get_template("fault.html").render({**usual, **given})
    return Content(html.encode("utf-8", "replace"))


def as_json(value: Any) -> Content:
    """A value as JSON; decimals as exact text, instants with Z."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z
    return Content(orjson.dumps(value, _jsonable, options), MEDIA[".json"])


@cache
def static(name: str) -> Content:
    """A file that pages load, by the name it has in `static`.

    Raises:
        KeyError: there is none of that name.
        UsageError: it is what draws charts, which is not installed.
    """
    if name == LIBRARY:
        return Content(_library().encode(), MEDIA[".js"])
    folder = files("tracker.web") / "static"
    if name not in {entry.name for entry in folder.iterdir()}:
        raise KeyError(name)
    ending = f".{name.rpartition('.')[2]}"
    return Content((folder / name).read_bytes(), MEDIA[ending])


@cache
def packed(name: str) -> bytes:
    """A file that pages load, compressed.

    Raises:
        KeyError, UsageError: see `static`.
    """
    return gzip.compress(static(name).body, mtime=0)


def draws() -> bool:
    """Whether pages have pictures: what draws them is in an extra."""
    return find_spec("vl_convert") is not None


def statics() -> dict[str, str]:
    """Every file that pages load: its name, and the one it is served under, which
    changes with its content, so that it may be kept for ever.
    """
    folder = files("tracker.web") / "static"
    drawing = [LIBRARY] if draws() else []
    names = [*(entry.name for entry in folder.iterdir()), *drawing]
    return {name: versioned(name) for name in names}


@cache
def versioned(name: str) -> str:
    """`style.css` as `static/style.1a2b3c4d.css`."""
    stem, _, ending = name.rpartition(".")
    if name == LIBRARY:
        mark = charts.library_mark()
    else:
        mark = hashlib.sha256(static(name).body).hexdigest()[:10]
    return f"static/{stem}.{mark}.{ending}"


def _library() -> str:
    """What draws charts, put together in a process of its own: that takes a second or
    two in which nothing else of a process runs.
    """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(1, context) as pool:
            return pool.submit(charts.library).result()
    except BrokenProcessPool:
        raise StorageError(
            "the process that puts the charts' script together was killed; is there "
            "memory enough?"
        ) from None


def _jsonable(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize() if value else Decimal(0), "f")
    if isinstance(value, Offer):
        return value.text
    raise TypeError(f"{type(value).__name__} has no form in JSON")


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("tracker.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(_FILTERS)
    made.globals.update(_GLOBALS)
    return made


def _usd(amount: Decimal | None) -> str:
    """Dollars, exact: `$0.40`; a dash where none is stated."""
    return "–" if amount is None else wording.price(round(amount * 10**9))


def _small(amount: Decimal | None) -> str:
    """Dollars to two digits: `$0.0006`, `$1.20`."""
    return "–" if amount is None else wording.amount(amount).lstrip("+")


def _when(at: datetime | None) -> str:
    return wording.day(at)


def _count(number: int) -> str:
    """`1,048,576`."""
    return f"{number:,}"


def _tokens(number: int | None) -> str:
    """A limit as people say it: `128k`, `1M`, `32,768`; a dash if not stated."""
    if number is None:
        return "–"
    for size, word in ((1_000_000, "M"), (1_000, "k")):
        if number >= size and number % (size // 100 if size > 1_000 else size) == 0:
            return f"{number / size:g}{word}"
    return f"{number:,}"


def _reason(code: str | None) -> str:
    return REASONS.get(code or "", code or "")


_FILTERS = {
    "usd": _usd,
    "small": _small,
    "when": _when,
    "count": _count,
    "tokens": _tokens,
    "short": wording.short,
    "harmless": wording.harmless,
    "reason": _reason,
    "units": in_units,
}
_GLOBALS = {
    "price": wording.price,
    "step": wording.step,
    "counted": wording.counted,
    "model_path": addresses.model_path,
    "provider_path": addresses.provider_path,
    "strip_path": addresses.strip_path,
    "slug": addresses.slug,
    "asset": versioned,
}
