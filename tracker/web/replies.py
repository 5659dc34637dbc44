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

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from tracker.web.rendering import Content
from tracker.web.view import View, Views

KEPT_BYTES = 64 * 2**20
"""How much is kept of pages; the least recently asked for goes first."""
ANSWER_BYTES = 32 * 2**20
"""The same of answers to questions, on a shelf of their own: one may ask anything."""
HANDS = (4, 2)
"""How many pages, and how many answers to questions, are made at once. More would be
no quicker, as only one thread of a process runs at a time; fewer answers, so that who
asks much does not keep others from a page. Each hand may read from the database twice
at once, and the pool has 15 connections.
"""
TRIES = 3
"""How often an answer is made anew if the database does not stand still meanwhile."""
ROW_BYTES = 400
"""What an entry of a shelf takes beside its texts."""
ONCE = 8192
"""How many questions are remembered that were asked once."""
PACKED_FROM = 860
"""Smaller bodies fit one packet anyway and are not compressed."""

Key = tuple[str, str]
"""The state's tag, and what was asked for."""


@dataclass(frozen=True, slots=True)
class Made:
    """A content and its compressed form, if that is worth it.

    `whole` tells that it shows one state: nothing was written while it was made.
    """

    content: Content
    packed: bytes | None
    whole: bool = True

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.content.body) + len(self.packed or b"")


class Shelf:
    """What was made, up to so many bytes.

    Args:
        most: how many bytes.
        picky: keep only what is asked for a second time, so that a reader who goes
            through everything once pushes nothing off that many ask for.
    """

    def __init__(self, most: int = KEPT_BYTES, *, picky: bool = False) -> None:
        self._most = most
        self._size = 0
        self._picky = picky
        self._made: OrderedDict[Key, Made] = OrderedDict()
        self._once: OrderedDict[int, None] = OrderedDict()

    def get(self, key: Key) -> Made | None:
        """What was made for it, if it is still there."""
        if key in self._made:
            self._made.move_to_end(key)
        return self._made.get(key)

    def put(self, key: Key, made: Made) -> None:
        """Keep it; what was not asked for the longest makes room."""
        if self._picky and self._is_new(key):
            return
        if key in self._made:
            self._size -= _room(key, self._made[key])
        self._size += _room(key, made)
        self._made[key] = made
        while self._size > self._most and len(self._made) > 1:
            self._size -= _room(*self._made.popitem(last=False))

    def _is_new(self, key: Key) -> bool:
        """Whether this is asked for the first time in a while."""
        mark = hash(key)
        if mark in self._once:
            del self._once[mark]
            return False
        self._once[mark] = None
        if len(self._once) > ONCE:
            self._once.popitem(last=False)
        return True


def _room(key: Key, made: Made) -> int:
    """Bytes that an entry takes: small answers to long questions count, too."""
    return made.size + len(key[1]) + ROW_BYTES


class Replies:
    """Answers from the newest state.

    Args:
        views: tells the newest state.
    """

    def __init__(self, views: Views) -> None:
        self._views = views
        self._shelves = (Shelf(), Shelf(ANSWER_BYTES, picky=True))
        self._hands = tuple(CapacityLimiter(number) for number in HANDS)
        self._making: dict[tuple[bool, Key], asyncio.Future[Made]] = {}

    async def view(self) -> View:
        """The newest state."""
        if (rested := self._views.rested) is not None:
            return rested
        return await run_in_threadpool(self._views.current)

    async def reply(
        self,
        request: Request,
        key: str,
        make: Callable[[View], Content],
        *,
        answer: bool = False,
        asked: bool = False,
    ) -> Response:
        """What `make` makes of the newest state, or word that the reader has it.

        Args:
            request: may name the state that the reader has, and what it can unpack.
            key: what is asked for; the same text, the same content.
            make: may raise whatever the application knows to answer.
            answer: whether a program asks. It is told what is wrong with its question
                before it is told that it has the state.
            asked: whether a page answers a question: there are as many of those as
                somebody cares to ask.
        """
        for _ in range(TRIES):
            view = await self.view()
            headers = _dated(view)
            known = _known(request, view, headers["etag"])
            if known and not answer:
                return Response(status_code=304, headers=headers)
            made = await self._made(view, key, make, any_number=answer or asked)
            if made.whole:
                break
        else:  # somebody writes all the time: this is not to be kept by anybody
            known, headers = False, {"cache-control": "no-store"}
        if known:
            return Response(status_code=304, headers=headers)
        if made.content.link:
            headers["link"] = made.content.link
        if made.packed is not None and unpacks(request):
            headers["content-encoding"] = "gzip"
            return Response(made.packed, headers=headers, media_type=made.content.media)
        return Response(
            made.content.body, headers=headers, media_type=made.content.media
        )

    async def _made(
        self, view: View, key: str, make: Callable[[View], Content], *, any_number: bool
    ) -> Made:
        """From its shelf, or made once for all who wait for it."""
        shelf, place = self._shelves[any_number], (view.tag, key)
        if (kept := shelf.get(place)) is not None:
            return kept
        if (waiting := self._making.get((any_number, place))) is not None:
            return await asyncio.shield(waiting)
        made_by = to_thread.run_sync(
            self._packed, view, make, limiter=self._hands[any_number]
        )
        task = asyncio.ensure_future(made_by)
        self._making[any_number, place] = task
        try:
            made = await asyncio.shield(task)
        finally:
            del self._making[any_number, place]
        if made.whole:
            shelf.put(place, made)
        return made

    def _packed(self, view: View, make: Callable[[View], Content]) -> Made:
        content = make(view)
        whole = self._views.stands(view)
        if not whole or len(content.body) < PACKED_FROM:
            return Made(content, None, whole)
        return Made(content, gzip.compress(content.body, 6, mtime=0))


def _dated(view: View) -> dict[str, str]:
    return {
        "etag": f'W/"{view.tag}"',
        "cache-control": "no-cache",
        "vary": "accept-encoding",
        "last-modified": format_datetime(view.dated.astimezone(UTC), usegmt=True),
    }


def _known(request: Request, view: View, etag: str) -> bool:
    """Whether the reader has this state; a tag counts for more than a date."""
    if (tags := request.headers.get("if-none-match")) is not None:
        bare = etag.removeprefix("W/")
        named = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return bool(named & {bare, "*"})
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        seen = parsedate_to_datetime(since)
    except (ValueError, OverflowError):  # a zone of that many hours is no zone
        return False
    # Not older ones: a backup that was put back is older than what readers have.
    written = int(view.dated.timestamp())  # the header knows no smaller parts
    return seen.tzinfo is not None and written == seen.timestamp()


def unpacks(request: Request) -> bool:
    """Whether the reader takes gzip."""
    for offered in request.headers.get("accept-encoding", "").split(","):
        coding, _, terms = offered.strip().partition(";")
        if coding.strip().lower() in ("gzip", "*"):
            return terms.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
