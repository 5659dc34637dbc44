"""The API keeps to its own description, whatever is asked (schemathesis, all checks).

More cases, each time others, on another database:

    PRICETRAIL_API_CASES=800 PRICETRAIL_API_DB=sqlite:///trail.db \
        python -m pytest tests/web/test_api_schema.py -s
"""

import os
import warnings
import zlib
from collections import Counter

import pytest

from storage.unit_of_work import Store
from tests.support import showroom
from tracker.web.app import application

CASES = int(os.environ.get("PRICETRAIL_API_CASES", "25"))
"""How many cases are made up for each endpoint, beside those of the examples and of
each parameter's bounds.
"""
DATABASE = os.environ.get("PRICETRAIL_API_DB")
FIXED = CASES <= 25
"""In the test suite the cases are the same each time."""
REAL = {
    "model": (showroom.STABLE, showroom.MOVED, "gpt-4.1", "openai/gpt-4o", "*4*"),
    "offer": (f"openai/{showroom.STABLE}", showroom.MOVED, "gpt-4.1"),
    "provider": ("openai", "azure", "acme"),
    "source": ("litellm", "llm-prices", "models-dev"),
    "meter": ("input", "output", "input+batch"),
    "mode": ("chat", "embedding"),
    "q": ("gpt", "*model*", "o?-*"),
}
"""Names that there are; a made-up one is rarely found."""


@pytest.fixture
def asked(store):
    """The application over the small database, or over the one that is named."""
    if DATABASE is None:
        yield application(store, lambda: showroom.NOW)
        return
    other = Store(DATABASE)
    yield application(other, lambda: showroom.NOW)
    other.close()


def sound(_context, case, _given):
    """Make a good question fit together, which a schema cannot say: a cursor is one
    that was given, a span has a length, a bill has tokens. Half of them name what
    there is.
    """
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    query, path = case.query, case.path_parameters
    luck = zlib.crc32(repr((query, path)).encode("utf-8", "replace"))
    for where in (query, path):
        for name in {*where} & REAL.keys() if luck % 2 else ():
            one = REAL[name][luck // 2 % len(REAL[name])]
            where[name] = [one] if isinstance(where[name], list) else one
    query.pop("cursor", None)
    if query.get("as_published") in (True, "true"):
        query.pop("known_at", None)
    if {"since", "until"} <= query.keys():
        query.pop("since")
    if case.operation.path == "/cost":
        for name in ("cached", "cache_write", "reasoning", "audio_in", "audio_out"):
            query.pop(name, None)
        query["input"] = query.get("input") or 1


def checked(app):
    """The statuses of all answers, and every check that failed, in words."""
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import events, from_schema

    made = {"max-examples": CASES, "deterministic": FIXED, "database": "none"}
    seed = {"seed": 1} if FIXED else {}
    config = SchemathesisConfig.from_dict(
        {"generation": made, "continue-on-failure": True, **seed}
    )
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, config=config)
    statuses, faults = Counter(), []
    schemathesis.hook("before_call")(sound)
    try:
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                statuses.update(_statuses(event.recorder))
                faults += _faults(event.recorder)
            elif isinstance(event, events.NonFatalError | events.FatalError):
                faults.append(repr(event))
    finally:
        schemathesis.hooks.unregister(sound)
    return statuses, faults


def _statuses(recorder):
    answers = [one.response for one in recorder.interactions.values()]
    return [answer.status_code for answer in answers if answer is not None]


def _faults(recorder):
    for case, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                asked = recorder.interactions[case].request.uri
                yield f"{check.name}: {asked}\n{check.failure_info.failure}"


def test_every_answer_is_as_described(asked):
    """A good question is answered in the form that is described, a bad one by a
    problem; none is a fault of the server.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of the tool are not ours
        statuses, faults = checked(asked)
    print(dict(statuses))
    assert faults == []
    assert sum(statuses.values()) > 500
    assert statuses.keys() <= {200, 204, 404, 405, 422}
    assert min(statuses[200], statuses[422]) > 100
