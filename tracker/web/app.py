"""The server: pages, the files they load, and the API; it only reads."""

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote

from fastapi import FastAPI, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.domain.errors import PricetrailError, UsageError
from tracker.web import pages, rendering
from tracker.web.pages import Elsewhere, NoPage
from tracker.web.rendering import POLICY
from tracker.web.replies import Replies
from tracker.web.view import Views

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from storage.unit_of_work import Store

LONGEST_QUESTION = 4096
"""Characters of a query; a longer one is refused unread."""
QUESTIONS = 64
"""Values in a query."""

_GUARDS = {
    "content-security-policy": f"{POLICY}; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


def application(
    store: "Store", clock: "Callable[[], datetime]", *, url: str = ""
) -> FastAPI:
    """The application that answers for a database.

    Args:
        store: the database; it stays open until the server ends.
        clock: tells now.
        url: where the site can be reached, for feeds; may be empty.
    """
    app = FastAPI(title="Pricetrail", docs_url=None, redoc_url=None, openapi_url=None)
    replies = Replies(Views(store, clock, url=url))
    app.add_api_route(
        "/static/{name}", _static, methods=["GET"], include_in_schema=False
    )

    async def page(request: Request, path: str = "") -> Response:
        return await _page(replies, request, path)

    app.add_api_route("/{path:path}", page, methods=["GET"], include_in_schema=False)
    app.add_exception_handler(NoPage, _missing)
    app.add_exception_handler(Elsewhere, _elsewhere)
    app.add_exception_handler(PricetrailError, _failed)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD"],
        expose_headers=["etag", "last-modified", "link"],
    )
    app.add_middleware(Guarded)
    return app


async def _page(replies: Replies, request: Request, path: str) -> Response:
    asked = request.url.query
    if len(asked) > LONGEST_QUESTION:
        raise UsageError(f"a question is at most {LONGEST_QUESTION} characters long")
    try:
        query = parse_qs(asked, max_num_fields=QUESTIONS)
    except ValueError:
        raise UsageError(f"a question has at most {QUESTIONS} values") from None
    key = f"{path}?{sorted(query.items())}"
    return await replies.reply(request, key, lambda view: pages.made(view, path, query))


async def _static(name: str) -> Response:
    """A file under the name that changes with its content: it may be kept for ever."""
    stem, _, ending = name.rpartition(".")
    plain = f"{stem.rpartition('.')[0]}.{ending}"
    if rendering.statics().get(plain) != f"static/{name}":
        raise NoPage(f"no file {name}")
    content = rendering.static(plain)
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(content.body, headers=headers, media_type=content.media)


def _missing(request: Request, fault: Exception) -> Response:
    return _told(request, HTTPStatus.NOT_FOUND, str(fault) or "there is no such page")


def _elsewhere(request: Request, fault: Exception) -> Response:
    root = request.scope.get("root_path", "")
    question = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{root}/{quote(str(fault), safe='/@~')}{question}", 307)


def _failed(request: Request, fault: Exception) -> Response:
    wrong = isinstance(fault, UsageError)
    status = HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.SERVICE_UNAVAILABLE
    return _told(request, status, str(fault))


def _told(request: Request, status: HTTPStatus, words: str) -> Response:
    """A fault as a page of its own."""
    path = request.url.path.lstrip("/")
    told = {"status": status, "words": words}
    content = rendering.fault(path, told)
    return Response(content.body, status, media_type=content.media)


class Guarded:
    """Adds the headers that keep a page to itself; answers HEAD like GET, bodyless."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _GUARDS.items():
                    headers.setdefault(name, value)
            elif head:
                message = {**message, "body": b""}
            await send(message)

        asked = {**scope, "method": "GET"} if head else scope
        await self._app(asked, receive, guarded)
