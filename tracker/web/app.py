"""The server: pages, the files they load, and the API; it only reads."""

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.domain import addresses
from tracker.domain.errors import PricetrailError, UsageError
from tracker.web import pages, rendering
from tracker.web.api import PREFIX, problems
from tracker.web.api.mounted import METHODS, api
from tracker.web.api.problems import Problem
from tracker.web.pages import Elsewhere, NoPage
from tracker.web.rendering import POLICY, Content
from tracker.web.replies import Replies, unpacks
from tracker.web.view import View, Views

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from storage.unit_of_work import Store

_log = logging.getLogger("uvicorn.error")

LONGEST_QUESTION = 4096
"""Characters of a query; a longer one is refused unread."""
QUESTIONS = 64
"""Values in a query."""

DEEPEST = 100
"""Folders in a path whose links lead up step by step; no page of ours is so deep."""

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
    app = FastAPI(
        title="Pricetrail",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # it would believe what `Host` says
    )
    replies = Replies(Views(store, clock, url=url))
    app.add_api_route(
        "/static/{name}", _static, methods=["GET"], include_in_schema=False
    )

    async def page(request: Request, path: str = "") -> Response:
        """Every page that is no file and no answer of the API."""
        return await _page(replies, request, path)

    app.state.url, app.state.replies = url, replies
    app.mount(PREFIX, api(replies, url))
    app.add_api_route("/{path:path}", page, methods=["GET"], include_in_schema=False)
    app.add_exception_handler(NoPage, _missing)
    app.add_exception_handler(Elsewhere, _elsewhere)
    app.add_exception_handler(PricetrailError, _failed)
    app.add_exception_handler(HTTPException, _refused)
    app.add_middleware(
        Readable,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD"],
        allow_headers=["*"],
        expose_headers=["etag", "last-modified", "link"],
    )
    app.add_middleware(Guarded)
    return app


async def _page(replies: Replies, request: Request, path: str) -> Response:
    asked = request.url.query
    if len(asked) > LONGEST_QUESTION:
        raise UsageError(f"a question is at most {LONGEST_QUESTION} characters long")
    try:
        given = parse_qs(asked, max_num_fields=QUESTIONS)
    except ValueError:
        raise UsageError(f"a question has at most {QUESTIONS} values") from None
    query = pages.understood(path, given)

    def make(view: View) -> Content:
        return pages.made(view, path, query)

    key = f"{path}?{query}"
    return await replies.reply(request, key, make, asked=bool(query))


async def _static(request: Request, name: str) -> Response:
    """A file under the name that changes with its content: it may be kept for ever."""
    stem, _, ending = name.rpartition(".")
    plain = f"{stem.rpartition('.')[0]}.{ending}"
    if rendering.statics().get(plain) != f"static/{name}":
        raise NoPage(f"no file {name}")
    # What draws charts is put together when it is first asked for.
    content = await run_in_threadpool(rendering.static, plain)
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    headers["vary"] = "accept-encoding"
    body = content.body
    if unpacks(request):
        body = await run_in_threadpool(rendering.packed, plain)
        headers["content-encoding"] = "gzip"
    return Response(body, headers=headers, media_type=content.media)


def _missing(request: Request, fault: Exception) -> Response:
    return _told(request, HTTPStatus.NOT_FOUND, str(fault) or "there is no such page")


def _elsewhere(request: Request, fault: Exception) -> Response:
    """To the other address, told from here: what stands before it is not known."""
    root = addresses.root_of(request.url.path.lstrip("/"))
    question = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{root}{quote(str(fault), safe='/@~')}{question}", 307)


def _failed(request: Request, fault: Exception) -> Response:
    if isinstance(fault, UsageError):
        return _told(request, HTTPStatus.BAD_REQUEST, str(fault))
    # Where the database is is told to who runs the server, not to its readers.
    _log.error("%s", fault)
    words = "the prices cannot be read just now; try again in a moment"
    return _told(request, HTTPStatus.SERVICE_UNAVAILABLE, words)


def _refused(request: Request, fault: Any) -> Response:
    """A method that would write; plain OPTIONS is told which there are."""
    status = HTTPStatus(fault.status_code)
    if status is not HTTPStatus.METHOD_NOT_ALLOWED:
        return _told(request, status, str(fault.detail))
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"allow": METHODS})
    answer = _told(request, status, f"this can only be read: {METHODS}")
    answer.headers["allow"] = METHODS
    return answer


_KINDS = {
    HTTPStatus.BAD_REQUEST: "invalid-parameter",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
}


def _told(request: Request, status: HTTPStatus, words: str) -> Response:
    """A fault as a page of its own; beside the API as a problem."""
    path = request.url.path.lstrip("/")
    if path.startswith("api/"):
        kind = _KINDS.get(status, "no-such-address")
        return problems.response(request, Problem(kind, words))
    told: dict[str, object] = {"status": status, "words": words}
    if path.count("/") > DEEPEST:  # its links would be as long, each of them
        told["root"] = urlsplit(request.app.state.url).path or "/"
    content = rendering.fault(path, told)
    return Response(content.body, status, media_type=content.media)


class Readable(CORSMiddleware):
    """Lets pages of other sites read. What they may not do is told by what the answer
    does not allow, not by a fault.
    """

    def preflight_response(self, request_headers: Headers) -> Response:
        """Which methods and headers a page of another site may use."""
        told = super().preflight_response(request_headers)
        allowed = {
            name: value
            for name, value in told.headers.items()
            if name.startswith("access-control-") or name == "vary"
        }
        return Response(status_code=204, headers=allowed)


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
