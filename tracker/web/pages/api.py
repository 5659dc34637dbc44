"""The API described for people, and its OpenAPI document for programs."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from tracker.web.api import PREFIX
from tracker.web.pages import Elsewhere, NoPage, Query
from tracker.web.rendering import MEDIA, Content, page
from tracker.web.view import View

PATH, DOCUMENT = "api/", "api/openapi.json"
LOCAL = "http://127.0.0.1:8321/"
"""Where examples ask if nobody says where the server can be reached."""

Text = tuple[tuple[bool, str], ...]
"""Words in pieces; each with whether it is code."""
Piece = tuple[str, str]
"""A piece of JSON, and what it is: `key`, `text`, `number`, `word` or nothing."""

_PIECE = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=:)|(?P<text>"(?:[^"\\]|\\.)*")'
    r"|(?P<number>-?[0-9][0-9.eE+-]*)|(?P<word>true|false|null)|(?P<rest>[^\"\w-]+|.)"
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that an endpoint can be asked."""

    name: str
    form: Text
    needed: bool
    usual: str
    about: Text


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an answer, or of the rows in it."""

    name: str
    form: Text
    about: Text


@dataclass(frozen=True, slots=True)
class Shape:
    """What an answer looks like, or the rows in it."""

    name: str
    about: Text
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint.

    Attributes:
        name: its name within the page.
        path: of the endpoint, from the site's root.
        summary, about: what it answers.
        parameters: what it can be asked.
        request: an example, from the site's root.
        answer: what that answers, cut short.
        shapes: the answer, then the rows in it.
    """

    name: str
    path: str
    summary: str
    about: Text
    parameters: tuple[Parameter, ...]
    request: str
    answer: tuple[Piece, ...]
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A kind of problem."""

    name: str
    status: int
    title: str
    when: Text


def paths(_view: View) -> list[str]:
    """The page and the document."""
    return [PATH, DOCUMENT]


def made(view: View, path: str, _query: Query) -> Content:
    """One of them.

    Raises:
        NoPage: another path.
    """
    if path == PATH.rstrip("/"):
        raise Elsewhere(PATH)
    if path not in (PATH, DOCUMENT):
        raise NoPage
    # Imported late: who reads other pages need not wait for what describes the API.
    from tracker.web.api.document import document

    told = document(view.url)
    if path == DOCUMENT:
        return Content(orjson.dumps(told, option=orjson.OPT_INDENT_2), MEDIA[".json"])
    given = {
        "about": _paragraphs(told["info"]["description"]),
        "endpoints": _endpoints(),
        "troubles": _troubles(),
        "base": view.url or LOCAL,
        "prefix": PREFIX,
    }
    return page(view, path, "api.html", given)


@cache
def _endpoints() -> tuple[Endpoint, ...]:
    from tracker.web.api.document import document

    told = document()
    schemas = told["components"]["schemas"]
    return tuple(
        _endpoint(path, ways["get"], schemas) for path, ways in told["paths"].items()
    )


def _endpoint(
    path: str, said: Mapping[str, Any], schemas: Mapping[str, Any]
) -> Endpoint:
    parameters = said.get("parameters", [])
    content = said["responses"]["200"]["content"]["application/json"]
    return Endpoint(
        name=said["operationId"],
        path=f"{PREFIX}{path}",
        summary=said["summary"],
        about=_words(said["description"]),
        parameters=tuple(_parameter(one) for one in parameters),
        request=f"{PREFIX}{_request(path, parameters)}",
        answer=tuple(_pieces(content["example"])),
        shapes=tuple(_shapes(content["schema"], schemas)),
    )


def _request(path: str, parameters: Iterable[Mapping[str, Any]]) -> str:
    """The endpoint with the examples of its parameters."""
    asked: dict[str, Any] = {}
    for one in parameters:
        example = next(iter(one["schema"].get("examples", ())), None)
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", quote(example or ""))
        elif example is not None:
            asked[one["name"]] = example
    return f"{path}?{urlencode(asked, doseq=True, safe=',')}" if asked else path


def _parameter(one: Mapping[str, Any]) -> Parameter:
    schema = one["schema"]
    usual = schema.get("default")
    shown = json.dumps(usual) if isinstance(usual, bool) else str(usual)
    return Parameter(
        one["name"],
        _words(_form(schema)),
        bool(one["required"]),
        "" if usual in (None, []) else shown,
        _words(one.get("description", "")),
    )


def _shapes(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[Shape]:
    """A shape and those of what is in it, each once."""
    waiting, seen = [_named(schema)], set()
    while waiting:
        name = waiting.pop(0)
        if not name or name in seen:
            continue
        seen.add(name)
        said = schemas[name]
        fields = said["properties"]
        yield Shape(
            name,
            _words(said.get("description", "")),
            tuple(
                Field(field, _words(_form(one)), _words(one.get("description", "")))
                for field, one in fields.items()
            ),
        )
        waiting += [inner for one in fields.values() for inner in _inner(one)]


def _inner(schema: Mapping[str, Any]) -> Iterator[str]:
    """The names of the shapes in a field."""
    yield _named(schema)
    for choice in schema.get("anyOf", ()):
        yield from _inner(choice)
    if "items" in schema:
        yield from _inner(schema["items"])


def _named(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


_FORMS = {"string": "text", "integer": "whole number", "number": "number"}
_FORMS |= {"null": "null", "boolean": "`true` or `false`", "object": "object"}
_MANY = 10**6
"""Bounds beyond this are there for safety, and no news to readers."""


def _form(schema: Mapping[str, Any]) -> str:
    """What a value can be, in a few words."""
    if choices := schema.get("anyOf"):
        return " or ".join(dict.fromkeys(_form(choice) for choice in choices))
    if schema.get("type") == "array":
        return f"list of {_form(schema['items'])}"
    choices = ", ".join(f"`{choice}`" for choice in schema.get("enum", ()))
    if plain := _named(schema) or choices or _patterned(schema):
        return plain
    if "minimum" in schema and "maximum" in schema:
        least, most = schema["minimum"], schema["maximum"]
        return f"{least} … {most}" if most < _MANY else f"{least} or more"
    return _FORMS.get(schema.get("type", ""), "any")


def _patterned(schema: Mapping[str, Any]) -> str:
    """What a text of a certain form is."""
    from tracker.web.api import asked

    if schema.get("format") == "date-time":
        return "instant"
    forms = {
        asked.INSTANT: "day or instant",
        asked.METER: "meter",
        asked.CURSOR: "cursor",
        asked.CAN: "list of words",
        asked.COUNT: "number of tokens",
    }
    return forms.get(schema.get("pattern", ""), "")


@cache
def _troubles() -> tuple[Trouble, ...]:
    from tracker.web.api.problems import KINDS

    return tuple(
        Trouble(name, kind.status, kind.title, _words(kind.when))
        for name, kind in KINDS.items()
    )


def _words(text: str) -> Text:
    """Words and code, which stands between backticks."""
    parts = " ".join(text.split()).split("`")
    return tuple((n % 2 == 1, part) for n, part in enumerate(parts) if part)


def _paragraphs(text: str) -> tuple[tuple[bool, Text], ...]:
    """Paragraphs and points; each with whether it is a point."""
    found = re.split(r"\n\n|\n(?=\* )", text)
    return tuple(
        (part.startswith("* "), _words(part.removeprefix("* "))) for part in found
    )


def _pieces(value: Any) -> Iterator[Piece]:
    """A value as JSON, in pieces that can be told apart by their look."""
    for found in _PIECE.finditer(json.dumps(value, indent=2, ensure_ascii=False)):
        kind = str(found.lastgroup)
        yield found[0], "" if kind == "rest" else kind
