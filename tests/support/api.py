"""A client of the API over a small database, on which the program is run as well."""

import json
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from storage.unit_of_work import Store
from tests.support import maps
from tests.support.maps import edited, without
from tests.support.program import Trail
from tracker.web.api import schemas
from tracker.web.api.problems import KINDS
from tracker.web.app import application

API = "/api/v1"
DAYS = ("2025-01-06", "2025-01-13", "2025-01-20")
NOW = datetime(2025, 2, 1, tzinfo=UTC)


@contextmanager
def client_of(store, clock=lambda: NOW):
    """A client of an application over a database, without a network."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather have a successor of httpx
        from fastapi.testclient import TestClient

    with TestClient(application(store, clock), base_url="http://localhost") as client:
        yield client


def played(trail):
    """Three weeks in which prices rise, fall, come and go; the last one's map."""
    first = edited(maps.small_map(), "acme/100%_sure!", **PRICES)
    second = edited(first, input_cost_per_token=2.02e-06, supports_vision=True)
    second = edited(second, "globex/model-02", output_cost_per_token=5.1e-06)
    third = edited(second, "acme/model-99", **PRICES)
    third = without(edited(third, input_cost_per_token=1.7e-06), "initech/model-03")
    for said, day in zip((first, second, third), DAYS, strict=True):
        assert trail.sync(said, day).code == 0
    return third


PRICES = {
    "litellm_provider": "acme",
    "mode": "chat",
    "input_cost_per_token": 1.2e-06,
    "output_cost_per_token": 4.9e-06,
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled_url(request, tmp_path_factory):
    """A database of each kind in turn, to be filled once and then only read."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('api') / 'trail.db'}"
        return
    import psycopg

    server = request.getfixturevalue("postgres_server")
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("CREATE DATABASE trail_api")
    address = server.replace("/postgres?", "/trail_api?")
    yield address.replace("postgresql://", "postgresql+psycopg://")
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("DROP DATABASE trail_api WITH (FORCE)")


@pytest.fixture(scope="module")
def api(filled_url, tmp_path_factory):
    """A client of it, and the program on the same."""
    trail = Trail(filled_url, tmp_path_factory.mktemp("bodies"))
    played(trail)
    with served_by(trail) as client:
        yield client


@contextmanager
def served_by(trail):
    """A client of the program's database."""
    store = Store(trail.url)
    with client_of(store) as client:
        client.trail, client.store = trail, store
        yield client
    store.close()


def ask(client, path, **parameters):
    """The answer to a question that has one."""
    answer = client.get(f"{API}/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def every(client, path, **parameters):
    """The rows of all pages, each page no longer than asked."""
    found, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = ask(client, path, **parameters, **more)
        assert len(page["rows"]) <= parameters.get("limit", 500)
        found += page["rows"]
        cursor = page["next"]
        if cursor is None:
            return found
        assert page["rows"], "an empty page has no next one"


def printed(trail, *words):
    """What the command line prints as JSON."""
    return json.loads(trail(*words, "--format", "json").out)


def wrong(answer, kind):
    """The problem of an answer, which has to be one of this kind."""
    assert answer.status_code == KINDS[kind].status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    schemas.Problem.model_validate(said)
    assert said["type"] == f"/api/#problem-{kind}"
    assert said["status"] == answer.status_code
    return said


def time_goes_on(client):
    """The server looks at the database again at once, not in a second."""
    client.app.state.replies._views._asked = 0.0
