"""What is written about the API is so: the examples, the page, docs/api.md.

The examples are made by this file; after a change of an answer run

    PRICETRAIL_WRITE_DOCS=1 python -m pytest tests/web/test_api_docs.py

and read the difference before it is committed.
"""

import json
import os
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from storage.unit_of_work import Store
from tests.e2e.test_readme import CHECKOUT, history
from tests.support.api import client_of
from tracker.web.api import PREFIX, schemas
from tracker.web.api.document import document
from tracker.web.api.examples import examples
from tracker.web.api.problems import KINDS
from tracker.web.pages import api as page

__all__ = ["history"]

EXAMPLES = CHECKOUT / "tracker" / "web" / "api" / "examples.json"
GUIDE = CHECKOUT / "docs" / "api.md"
SHOWN = 2
"""How many rows of a list are shown."""
KNOWN = "2026-11-23T06:00:00Z"
TODAY = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def asked(history):
    """A client of a server of three years of litellm's maps."""
    store = Store(f"sqlite:///{history}")
    with client_of(store, lambda: TODAY) as client:
        yield client
    store.close()


def shortened(value: Any) -> Any:
    """An answer with few of each list; when a belief began is not the same twice."""
    if isinstance(value, list):
        short = value[:SHOWN] if value and isinstance(value[0], dict) else value
        return [shortened(one) for one in short]
    if isinstance(value, dict):
        short = {name: shortened(one) for name, one in value.items()}
        return {**short, **({"known_from": KNOWN} if "known_from" in short else {})}
    return value


def test_examples_are_real_answers(asked):
    """Each example is what its request answers, cut short."""
    found = {}
    for endpoint in page._endpoints():
        answer = asked.get(f"/{endpoint.request.lstrip('/')}")
        assert answer.status_code == 200, answer.text
        found[endpoint.name] = shortened(answer.json())
    if os.environ.get("PRICETRAIL_WRITE_DOCS"):
        EXAMPLES.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    assert json.loads(EXAMPLES.read_text("utf-8")) == found


def test_examples_have_the_form_that_is_described():
    """Each example is an answer of its endpoint's model."""
    for name, example in examples().items():
        getattr(schemas, f"{name.title()}Answer").model_validate(example)


def test_the_page_tells_every_endpoint_and_parameter(served):
    """The page for people has all that the document for programs has."""
    html = served.get("/api/").text
    for path, ways in document()["paths"].items():
        assert f"<code>{PREFIX}{path}</code>" in html
        for parameter in ways["get"].get("parameters", ()):
            assert f"<code>{parameter['name']}</code>" in html
    for kind in KINDS:
        assert f'id="problem-{kind}"' in html


def test_the_examples_of_the_page_can_be_asked(served):
    """Every request that the page shows is a good question."""
    html = served.get("/api/").text
    asked = re.findall(r'class="try" href="[./]+(api/v1/[^"]+)"', html)
    assert len(asked) == len(document()["paths"])
    for address in asked:
        status = served.get(f"/{address.replace('&amp;', '&')}").status_code
        assert status in (200, 404), address  # the small database has not every name


def test_files_say_where_the_api_answers(still):
    """As a file the page has no address to ask, and says that it needs a server."""
    html = page.made(still, "api/", {}).body.decode()
    assert 'class="try"' not in html
    assert "pricetrail serve" in html


def test_the_document_is_served_and_is_a_file(served, still):
    """`api/openapi.json` is the description, of the server as of files."""
    answer = served.get("/api/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == document()
    assert json.loads(page.made(still, "api/openapi.json", {}).body) == document()
    assert served.get("/api", follow_redirects=False).headers["location"] == "./api/"


def test_the_document_names_the_server_where_it_is_known():
    """The address of a public site stands in front of the endpoints."""
    (server,) = document("https://example.org/prices/")["servers"]
    assert server["url"] == "https://example.org/prices/api/v1"


def test_the_guide_names_what_there_is():
    """docs/api.md has a heading for each endpoint, and each parameter below it."""
    told: dict[str, set[str]] = {}
    for line in GUIDE.read_text("utf-8").splitlines():
        if heading := re.fullmatch(r"### `GET (/[^`]+)`", line):
            names = told.setdefault(heading[1], set())
        elif told and (row := re.match(r"\| ([^|]+) \|", line)):
            names.update(re.findall(r"`(\w+)`", row[1]))
    described = {
        f"{PREFIX}{path}": {
            one["name"]
            for one in ways["get"].get("parameters", ())
            if one["in"] == "query"
        }
        for path, ways in document()["paths"].items()
    }
    assert told == described
