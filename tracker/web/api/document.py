"""The API described as OpenAPI 3.1: made from the endpoints and what they answer."""

from functools import cache
from typing import Any

from fastapi.openapi.utils import get_openapi

from tracker.web.api import PREFIX, schemas
from tracker.web.api.problems import KINDS, MEDIA
from tracker.web.api.routes import router

VERSION = "1"

ABOUT = """
What LLM APIs cost: every rate, every change, who said so, and whether to believe it.
The API only reads, and what it answers with is what `pricetrail` prints with
`--format json`: fields bear the names of the views' columns.

* Prices are exact decimals as text; `price_nano` is the same in whole billionths.
* Instants are UTC with a `Z`; periods are half-open: `valid_from` belongs to them,
  `valid_to` does not.
* Lists come in pages. `next` is the `cursor` of the next one, and the header `Link`
  its address; the last page has neither.
* Every answer has an `ETag` and `Last-Modified`; they change when something new was
  read, and each day. Ask with `If-None-Match`, and what you have is not sent again.
* Every error is a problem (RFC 9457), `application/problem+json`. A parameter that is
  not known is an error, too.
* Pages of any site may read it (CORS); there is no key, and nothing to log in to.
""".strip()

_HEADERS = {
    "ETag": "Names the state of the data; give it back in `If-None-Match`.",
    "Last-Modified": "When that state was written.",
}
_LINK = "The address of the next page, where there is one."
_PROBLEMS = {
    "404": ("NotFound", "no-such-model", "What is named is not there."),
    "422": ("Invalid", "unknown-parameter", "A parameter is wrong."),
    "503": ("Unavailable", "unavailable", "The database cannot be read just now."),
}
_SHOWN: dict[str, dict[str, Any]] = {
    "no-such-model": {
        "detail": "no model 'gpt-4.1-minni'; did you mean openai/gpt-4.1-mini?",
        "instance": f"{PREFIX}/prices",
        "nearest": ["openai/gpt-4.1-mini"],
    },
    "unknown-parameter": {
        "detail": "limt: there is no such parameter; did you mean limit?",
        "instance": f"{PREFIX}/models",
        "errors": [
            {
                "parameter": "limt",
                "detail": "there is no such parameter; did you mean limit?",
                "nearest": "limit",
            }
        ],
    },
    "unavailable": {
        "detail": "the prices cannot be read just now; try again in a moment",
        "instance": f"{PREFIX}/sources",
    },
}


def document(url: str = "") -> dict[str, Any]:
    """The description.

    Args:
        url: where the site can be reached, with a slash at its end; may be empty.
    """
    server = f"{url.rstrip('/')}{PREFIX}"
    return {**_described(), "servers": [{"url": server}]}


@cache
def _described() -> dict[str, Any]:
    told = get_openapi(
        title="Pricetrail",
        version=VERSION,
        openapi_version="3.1.0",
        description=ABOUT,
        routes=router.routes,
    )
    for path in told["paths"].values():
        _completed(path["get"])
    parts = told["components"]
    parts["schemas"] = {
        name: schema
        for name, schema in (parts["schemas"] | _problem_schemas()).items()
        if not name.endswith("ValidationError")
    }
    parts["responses"] = dict(_faults())
    return told


def _completed(operation: dict[str, Any]) -> None:
    """Parameters without `null`, which a query cannot say; all answers there are."""
    summary, _, about = operation["description"].partition("\n\n")
    operation["summary"], operation["description"] = summary.rstrip("."), about
    asked = operation.get("parameters", [])
    asked.sort(key=lambda one: one["name"] in ("limit", "cursor"))
    for one in asked:
        one["schema"] = _sayable(one["schema"])
    good = operation["responses"]["200"]
    headers = dict(_HEADERS)
    if any(one["name"] == "cursor" for one in asked):
        headers["Link"] = _LINK
    good["headers"] = {
        name: {"description": words, "schema": {"type": "string"}}
        for name, words in headers.items()
    }
    operation["responses"] = {
        "200": good,
        "304": {"description": "You have this already."},
        **{
            status: {"$ref": f"#/components/responses/{name}"}
            for status, (name, *_) in _PROBLEMS.items()
        },
    }


def _sayable(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without the choice of null, and without a default of null."""
    choices = [c for c in schema.get("anyOf", ()) if c != {"type": "null"}]
    if len(choices) != 1:
        return schema
    rest = {k: v for k, v in schema.items() if k not in ("anyOf", "default")}
    return {**choices[0], **rest}


def _problem_schemas() -> dict[str, Any]:
    made = schemas.Problem.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    return {**made.pop("$defs"), "Problem": made}


def _faults() -> Any:
    for name, kind, words in _PROBLEMS.values():
        example = {
            "type": f"/api/#problem-{kind}",
            "title": KINDS[kind].title,
            "status": KINDS[kind].status,
            **_SHOWN[kind],
        }
        schema = {"$ref": "#/components/schemas/Problem"}
        content = {MEDIA: {"schema": schema, "example": example}}
        yield name, {"description": words, "content": content}
