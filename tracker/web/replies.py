"""Answers of the server: kept until the state changes, compressed once, dated.

What was made from a state is kept beside its compressed form. A reader who has it
already is told so before anything is made.
"""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from tracker.web.rendering import Content
from tracker.web.view import View, Views

KEPT_BYTES = 64 * 2**20
"""How much is kept of what was made; the least recently asked for goes first."""
PACKED_FROM = 860
"""Smaller bodies fit one packet anyway and are not compressed."""

Key = tuple[str, str]
"""The state's tag, and what was asked for."""


@dataclass(frozen=True, slots=True)
class Made:
    """A content and its compressed form, if that is worth it."""

    content: Content
    packed: bytes | None

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.content.body) + len(self.packed or b"")


class Shelf:
    """What was made, up to so many bytes."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._most = most
        self._size = 0
        self._made: OrderedDict[Key, Made] = OrderedDict()

    def get(self, key: Key) -> Made | None:
        """What was made for it, if it is still there."""
        if key in self._made:
            self._made.move_to_end(key)
        return self._made.get(key)

    def put(self, key: Key, made: Made) -> None:
        """Keep it; what was not asked for the longest makes room."""
        self._size += made.size - (self._made[key].size if key in self._made else 0)
        self._made[key] = made
        while self._size > self._most and len(self._made) > 1:
            self._size -= self._made.popitem(last=False)[1].size


class Replies:
    """Answers from the newest state.

    Args:
        views: tells the newest state.
    """

    def __init__(self, views: Views) -> None:
        self._views = views
        self._shelf = Shelf()
        self._making: dict[Key, asyncio.Future[Made]] = {}

    async def view(self) -> View:
        """The newest state."""
        if (rested := self._views.rested) is not None:
            return rested
        return await run_in_threadpool(self._views.current)

    async def reply(
        self, request: Request, key: str, make: Callable[[View], Content]
    ) -> Response:
        """What `make` makes of the newest state, or word that the reader has it.

        Args:
            request: may name the state that the reader has, and what it can unpack.
            key: what is asked for; the same text, the same content.
            make: may raise whatever the application knows to answer.
        """
        view = await self.view()
        headers = _dated(view)
        if _known(request, view, headers["etag"]):
            return Response(status_code=304, headers=headers)
        made = await self._made(view, key, make)
        if made.packed is not None and _unpacks(request):
            headers["content-encoding"] = "gzip"
            return Response(made.packed, headers=headers, media_type=made.content.media)
        return Response(
            made.content.body, headers=headers, media_type=made.content.media
        )

    async def _made(
        self, view: View, key: str, make: Callable[[View], Content]
    ) -> Made:
        """From the shelf, or made once for all who wait for it."""
        place = (view.tag, key)
        if (kept := self._shelf.get(place)) is not None:
            return kept
        if (waiting := self._making.get(place)) is not None:
            return await asyncio.shield(waiting)
        task = asyncio.ensure_future(run_in_threadpool(_packed, view, make))
        self._making[place] = task
        try:
            made = await asyncio.shield(task)
        finally:
            del self._making[place]
        self._shelf.put(place, made)
        return made


def _packed(view: View, make: Callable[[View], Content]) -> Made:
    content = make(view)
    if len(content.body) < PACKED_FROM:
        return Made(content, None)
    return Made(content, gzip.compress(content.body, 6, mtime=0))


def _dated(view: View) -> dict[str, str]:
    headers = {
        "etag": f'W/"{view.tag}"',
        "cache-control": "no-cache",
        "vary": "accept-encoding",
    }
    if view.stamp.at is not None:
        at = view.stamp.at.astimezone(UTC)
        headers["last-modified"] = format_datetime(at, usegmt=True)
    return headers


def _known(request: Request, view: View, etag: str) -> bool:
    """Whether the reader has this state; a tag counts for more than a date."""
    if (tags := request.headers.get("if-none-match")) is not None:
        bare = etag.removeprefix("W/")
        named = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return bool(named & {bare, "*"})
    since = request.headers.get("if-modified-since")
    if since is None or view.stamp.at is None:
        return False
    try:
        seen = parsedate_to_datetime(since)
    except ValueError:
        return False
    written = int(view.stamp.at.timestamp())  # the header knows no smaller parts
    return seen.tzinfo is not None and written <= seen.timestamp()


def _unpacks(request: Request) -> bool:
    """Whether the reader takes gzip."""
    for offered in request.headers.get("accept-encoding", "").split(","):
        coding, _, terms = offered.strip().partition(";")
        if coding.strip().lower() in ("gzip", "*"):
            return terms.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
