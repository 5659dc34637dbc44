"""The application below `/api/v1`: the endpoints, and a problem for every fault."""

import logging
from http import HTTPStatus
from typing import Any, get_type_hints

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from tracker.domain.errors import PricetrailError, UsageError
from tracker.web.api import PREFIX, problems
from tracker.web.api.problems import Problem, of_parameter, of_parameters
from tracker.web.api.routes import router
from tracker.web.replies import Replies

METHODS = "GET, HEAD, OPTIONS"
LONGEST_QUESTION = 16384
"""Characters of a query; a longer one is refused unread."""
ADVICE = "; the endpoints are listed at /api/"
REPEATABLE = frozenset({"meter"})
"""Parameters that may be given more than once, where an endpoint takes a list."""

_log = logging.getLogger("uvicorn.error")


def api(replies: Replies, url: str) -> FastAPI:
    """The application that answers programs.

    Args:
        replies: makes and keeps answers.
        url: where the site can be reached; may be empty.
    """
    app = FastAPI(
        title="Pricetrail",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.replies = replies
    app.state.url = url
    app.include_router(router, dependencies=[Depends(_bounded)])
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(PricetrailError, _failed)
    app.add_exception_handler(Exception, _fault)
    return app


async def _bounded(request: Request) -> None:
    """Refuse a question that is too long, or that says one thing twice."""
    if len(request.url.query) > LONGEST_QUESTION:
        words = f"a question is at most {LONGEST_QUESTION} characters long"
        raise Problem("invalid-parameter", words)
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name in seen and name not in REPEATABLE:
            raise of_parameter(name[:100], "it is given twice")
        seen.add(name)


def _problem(request: Request, fault: Any) -> Response:
    return problems.response(request, fault)


def _invalid(request: Request, fault: Any) -> Response:
    """Parameters that are not what the endpoint takes."""
    if request.path_params.get("offer") == "":
        return missing(request, ADVICE, ["/models"])
    hints = get_type_hints(request.scope["endpoint"])
    problem = of_parameters(fault.errors(), hints["asked"].model_fields)
    return problems.response(request, problem)


def _refused(request: Request, fault: Any) -> Response:
    """A path that is not there, or a method that would write."""
    if fault.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"allow": METHODS})
        return not_allowed(request)
    ends = [route.path for route in router.routes if isinstance(route, APIRoute)]
    near = problems.nearest(request.scope["path"].removeprefix(PREFIX), ends)
    return missing(request, ADVICE, near)


def not_allowed(request: Request) -> Response:
    """A method that would write."""
    words = f"the API only reads: {METHODS}"
    problem = Problem("method-not-allowed", words)
    return problems.response(request, problem, {"allow": METHODS})


def missing(request: Request, advice: str, near: list[str] | None = None) -> Response:
    """A path below `/api/` at which there is nothing."""
    path = request.url.path[:200]
    words = f"there is nothing at {path}{advice}"
    return problems.response(
        request, Problem("no-such-address", words, nearest=near or [])
    )


def _failed(request: Request, fault: Any) -> Response:
    if isinstance(fault, UsageError):
        problem = Problem("invalid-parameter", str(fault))
        return problems.response(request, problem)
    return unavailable(request, fault)


def unavailable(request: Request, fault: Exception) -> Response:
    """A database that cannot be read; where it is concerns who runs the server."""
    _log.error("%s", fault)
    words = "the prices cannot be read just now; try again in a moment"
    return problems.response(request, Problem("unavailable", words))


def _fault(request: Request, _fault: Exception) -> Response:
    """A mistake of ours; the server logs it as well."""
    words = "that is a mistake of ours, and the log of the server has more"
    return problems.response(request, Problem("fault", words))
