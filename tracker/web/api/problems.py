"""What goes wrong, told as RFC 9457 has it: application/problem+json."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response

from tracker.web.api.asked import WORDS

MEDIA = "application/problem+json"
SHOWN = 5
"""How many faults of one question are told in words."""
LONGEST = 600
"""Characters of what is told; names in it may be of any length."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its status, its title, and when it is met."""

    status: int
    title: str
    when: str


KINDS: Mapping[str, Kind] = {
    "no-such-address": Kind(
        404, "No such address", "Nothing is found at this path below `/api/`."
    ),
    "no-such-model": Kind(
        404,
        "No such model",
        "No offer, no key of a source and no bare name is like this; `nearest` lists "
        "what may be meant.",
    ),
    "no-such-name": Kind(
        404,
        "Nothing has this name",
        "A provider, source, mode, tier or region that is not known; `nearest` lists "
        "what may be meant.",
    ),
    "no-price": Kind(
        404,
        "No price on record",
        "The model is known, but not at a price at that time.",
    ),
    "method-not-allowed": Kind(
        405, "The API only reads", "A method other than GET, HEAD and OPTIONS."
    ),
    "unknown-parameter": Kind(
        422,
        "Unknown parameter",
        "A parameter that this endpoint does not have; `errors` names the nearest one.",
    ),
    "invalid-parameter": Kind(
        422,
        "Invalid parameter",
        "A parameter is missing, given twice, or no value that it can have; `errors` "
        "says what it can have.",
    ),
    "invalid-cursor": Kind(
        422,
        "Invalid cursor",
        "A cursor that was not given by this endpoint for these parameters.",
    ),
    "fault": Kind(500, "A fault of the server", "A mistake of ours; the log has more."),
    "unavailable": Kind(
        503,
        "The prices cannot be read",
        "The database cannot be read at the moment; ask again after `Retry-After`.",
    ),
}
"""Every kind of problem, by the last part of its `type`."""


class Problem(Exception):
    """A question that has no answer.

    Args:
        kind: a key of KINDS.
        detail: what is wrong with this question, and what can be done.
        more: further members of the problem.
    """

    def __init__(self, kind: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.more = more


def response(
    request: Request, problem: Problem, headers: Mapping[str, str] | None = None
) -> Response:
    """A problem as the answer to a request."""
    kind = KINDS[problem.kind]
    told = {
        "type": type_of(problem.kind, request),
        "title": kind.title,
        "status": kind.status,
        "detail": shortened(problem.detail),
        "instance": quote(request.url.path, safe="/@~%"),
        **problem.more,
    }
    given = {"cache-control": "no-store", **(headers or {})}
    if kind.status == 503:
        given["retry-after"] = "30"
    return Response(_json(told), kind.status, given, MEDIA)


def type_of(kind: str, request: Request) -> str:
    """The address that explains a kind of problem."""
    return f"{getattr(request.app.state, 'url', '') or '/'}api/#problem-{kind}"


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Names like one that is not known, the likeliest first."""
    return difflib.get_close_matches(name[:100], list(known), n=most, cutoff=0.4)


def no_such(what: str, name: str, known: Iterable[str]) -> Problem:
    """A name that nothing has.

    Args:
        what: a provider, source, ...
        name: as it was asked for.
        known: the names there are.
    """
    near = nearest(name, sorted(known))
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    return Problem("no-such-name", f"no {what} {name[:100]!r}{hint}", nearest=near)


def of_parameters(errors: Sequence[Mapping[str, Any]], known: Iterable[str]) -> Problem:
    """What validation found wrong with the parameters of a question.

    Args:
        errors: as pydantic tells them.
        known: the parameters there are.
    """
    names = list(known)
    told = [_told(error, names) for error in errors]
    unknown = any(error["type"] == "extra_forbidden" for error in errors)
    more = f"; and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    words = "; ".join(f"{one['parameter']}: {one['detail']}" for one in told[:SHOWN])
    kind = "unknown-parameter" if unknown else "invalid-parameter"
    return Problem(kind, f"{words}{more}", errors=told)


def of_parameter(name: str, detail: str, kind: str = "invalid-parameter") -> Problem:
    """One parameter that is wrong in a way that its form does not show."""
    error = {"parameter": name, "detail": detail}
    return Problem(kind, f"{name}: {detail}", errors=[error])


def _told(error: Mapping[str, Any], known: list[str]) -> dict[str, str]:
    """One error: the parameter, what is wrong with it, and the nearest one."""
    place = [str(part) for part in error["loc"][1:]] or ["?"]
    name = place[0][:100]
    if error["type"] != "extra_forbidden":
        return {"parameter": name, "detail": _words(error)}
    near = nearest(name, known, most=1)
    if near:
        detail = f"there is no such parameter; did you mean {near[0]}?"
        return {"parameter": name, "detail": detail, "nearest": near[0]}
    has = f"there are: {', '.join(known)}" if known else "this endpoint has none"
    return {"parameter": name, "detail": f"there is no such parameter; {has}"}


def _words(error: Mapping[str, Any]) -> str:
    """What a parameter can be, where it is something else."""
    if error["type"] == "missing":
        return "it is needed"
    if error["type"] == "string_pattern_mismatch":
        return WORDS.get(error["ctx"]["pattern"], "it has another form")
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def shortened(text: str) -> str:
    """A text that fits a line or two, whatever names are in it."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _json(told: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(told)
    except TypeError:  # half a surrogate pair is no text
        clean = {k: _clean(v) if isinstance(v, str) else v for k, v in told.items()}
        return orjson.dumps({**clean, "errors": [], "nearest": []})


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
