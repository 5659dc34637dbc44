"""Whatever the API is asked, it tells what is wrong, and nothing breaks it."""

import base64
import json
from urllib.parse import quote

import pytest

from storage.unit_of_work import Store
from tests.support import maps, showroom
from tests.support.api import API, api, ask, client_of, filled_url, wrong
from tracker.web.api import schemas

__all__ = ["api", "filled_url"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("nix", "no-such-address"),
        ("", "no-such-address"),
        ("models/", "no-such-address"),
        ("../v2/models", "no-such-address"),
        ("models/nothing/of/the/kind", "no-such-model"),
        ("prices?model=nothing", "no-such-model"),
        ("models?provider=opnai", "no-such-name"),
        ("models?mode=chad", "no-such-name"),
        ("changes?provider=opnai", "no-such-name"),
        ("changes?source=litelm", "no-such-name"),
        ("history?source=litelm&model=gpt-4.1", "no-such-name"),
        ("cost?model=gpt-4.1&input=1&tier=nope", "no-such-name"),
        ("cost?model=gpt-4.1&input=1&region=nope", "no-such-name"),
        ("cost?model=gpt-4.1&input=1&at=2020-01-01", "no-price"),
        ("prices", "invalid-parameter"),
        ("models?limit=0", "invalid-parameter"),
        ("models?limit=501", "invalid-parameter"),
        ("models?limit=ten", "invalid-parameter"),
        ("models?limit=3&limit=4", "invalid-parameter"),
        ("models?can=flying", "invalid-parameter"),
        ("models?min_context=much", "invalid-parameter"),
        ("models?sort=colour", "invalid-parameter"),
        ("models?provider=", "invalid-parameter"),
        ("models?provider=a%00b", "invalid-parameter"),
        ("prices?model=gpt-4.1&at=2025-02-30", "invalid-parameter"),
        ("prices?model=gpt-4.1&at=1925-02-03", "invalid-parameter"),
        ("prices?model=gpt-4.1&at=tomorrow", "invalid-parameter"),
        ("prices?model=gpt-4.1&as_published=perhaps", "invalid-parameter"),
        ("prices?model=gpt-4.1&meter=a%20b", "invalid-parameter"),
        ("prices?model=gpt-4.1&meter=input;x=%25FF", "invalid-parameter"),
        (
            "prices?model=gpt-4.1&as_published=true&known_at=2025-01-01",
            "invalid-parameter",
        ),
        ("changes?since=2025-02-01&until=2025-02-01", "invalid-parameter"),
        ("changes?min_pct=-1", "invalid-parameter"),
        ("changes?min_pct=nan", "invalid-parameter"),
        ("changes?min_pct=inf", "invalid-parameter"),
        ("changes?verdict=guilty", "invalid-parameter"),
        ("cost?model=gpt-4.1", "invalid-parameter"),
        ("cost?model=gpt-4.1&input=-1", "invalid-parameter"),
        ("cost?model=gpt-4.1&input=1000000000001", "invalid-parameter"),
        ("cost?model=gpt-4.1&input=1&cached=2", "invalid-parameter"),
        ("cost?model=gpt-4.1&input=1.5", "invalid-parameter"),
        ("models?limt=3", "unknown-parameter"),
        ("sources?q=x", "unknown-parameter"),
        ("models/gpt-4.1?at=2025-01-01", "unknown-parameter"),
        ("changes?cursor=abc", "invalid-cursor"),
        ("changes?cursor=%21%21", "invalid-parameter"),
    ],
)
def test_a_fault_is_a_problem_of_its_kind(served, path, kind):
    """Every wrong question is answered by a problem that says what is wrong."""
    said = wrong(served.get(f"{API}/{path}"), kind)
    assert said["detail"]
    assert said["instance"].startswith("/api/")


def test_the_nearest_name_is_told(served):
    """Who misspells a parameter, a model or a provider is told what may be meant."""
    said = wrong(served.get(f"{API}/models?min_contxt=1"), "unknown-parameter")
    assert said["errors"][0]["nearest"] == "min_context"
    assert "did you mean min_context?" in said["detail"]
    said = wrong(served.get(f"{API}/models/gpt-4.1-minni"), "no-such-model")
    assert f"openai/{showroom.STABLE}" in said["nearest"]
    said = wrong(served.get(f"{API}/models?provider=opnai"), "no-such-name")
    assert said["nearest"][0] == "openai"


@pytest.mark.parametrize("path", ["/api/nix", "/api/v2/models", "/api/v1", "/api/x/"])
def test_a_fault_beside_the_api_is_a_problem_too(served, path):
    """Below /api/ nobody gets a page for people; elsewhere nobody gets a problem."""
    wrong(served.get(path), "no-such-address")
    assert served.get("/nix").headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
@pytest.mark.parametrize("path", [f"{API}/models", f"{API}/models/x", "/api/"])
def test_it_only_reads(served, method, path):
    """A method that would write is refused, with those there are."""
    answer = served.request(method, path)
    wrong(answer, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_options_tells_what_can_be_done(served):
    """OPTIONS is answered, with and without another site's page behind it."""
    for path in (f"{API}/models", "/api/openapi.json", "/"):
        answer = served.options(path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_pages_of_other_sites_may_read(served):
    """CORS: any origin may read answers and their tags, also of faults, and ask
    with what it has; nothing else is allowed.
    """
    origin = {"origin": "https://example.org"}
    for path in (f"{API}/sources", f"{API}/nix"):
        answer = served.get(path, headers=origin)
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = answer.headers["access-control-expose-headers"]
        assert {"etag", "last-modified", "link"} <= set(exposed.split(", "))
    for method in ("GET", "DELETE"):
        asks = {
            **origin,
            "access-control-request-method": method,
            "access-control-request-headers": "if-none-match",
        }
        answer = served.options(f"{API}/models", headers=asks)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["access-control-allow-methods"] == "GET, HEAD"
        assert answer.headers["access-control-allow-headers"] == "if-none-match"


def test_a_database_that_cannot_be_read_is_a_problem(own_room):
    """Without its tables the server says that it cannot read; where is not told."""
    store = Store(own_room.url)
    own_room.tables.execute("DROP VIEW price_history")
    own_room.tables.execute("DROP TABLE offers")
    with client_of(store) as client:
        answer = client.get(f"{API}/changes")
        said = wrong(answer, "unavailable")
        assert answer.headers["retry-after"]
        assert str(own_room.folder) not in answer.text
        assert "offers" not in said["detail"]
    store.close()


LONG = "x" * 10_000
NASTY = (
    "\0",
    "a\0b",
    "\ud800",
    "\x1b[31m",
    "' OR 1=1 --",
    "'; DROP TABLE offers; --",
    "%",
    "_",
    "!",
    "*" * 200,
    "*a" * 100,
    "?" * 200,
    "..",
    "../../etc/passwd",
    "-1",
    "NaN",
    "Infinity",
    "1e309",
    "9" * 30,
    "٣",
    "\u202egpj.exe",
    "<script>",
    "null",
    "true",
    "[]",
    "{}",
    LONG,
)
NAMES = {
    "models": (
        "provider",
        "mode",
        "q",
        "can",
        "min_context",
        "sort",
        "limit",
        "cursor",
    ),
    "prices": ("model", "at", "known_at", "meter", "as_published", "limit", "cursor"),
    "history": ("model", "meter", "source", "since", "until", "cursor"),
    "changes": ("since", "until", "model", "provider", "source", "meter", "verdict")
    + ("kind", "min_pct", "limit", "cursor", "order"),
    "cost": ("model", "input", "output", "cached", "reasoning", "tier", "region", "at"),
}


@pytest.mark.parametrize("path", NAMES)
def test_nothing_that_is_asked_breaks_it(api, path):
    """Whatever stands in a parameter, the answer is good or says what is wrong."""
    usual = {"model": maps.KEY} if "model" in NAMES[path] and path != "changes" else {}
    usual |= {"input": 1} if path == "cost" else {}
    for name in NAMES[path]:
        for value in NASTY:
            raw = value.encode("utf-8", "surrogatepass")
            answer = api.get(f"{API}/{path}", params={**usual, name: raw})
            assert answer.status_code in (200, 404, 422), answer.text
            if answer.status_code != 200:
                schemas.Problem.model_validate(answer.json())
                assert len(answer.content) < 3000


def test_nothing_in_a_path_breaks_it(api):
    """Whatever stands in the path, the answer is good or says what is wrong."""
    for value in NASTY:
        raw = quote(value.encode("utf-8", "surrogatepass"), safe="")
        answer = api.get(f"{API}/models/{raw}")
        assert answer.status_code in (404, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


def test_forged_cursors_are_refused_or_harmless(api):
    """A cursor that somebody makes up is a place in the list, or a problem."""
    page = ask(api, "changes", limit=1)
    real = json.loads(_unpacked(page["next"]))
    forged = [
        real[:-1],
        [*real, 1],
        [real[0], None, *real[2:]],
        [real[0], "9999-99-99T00:00:00Z", *real[2:]],
        [*real[:3], "\0", *real[4:]],
        [*real[:3], 5, *real[4:]],
        [real[0], real[1], {"is": "0" * 32}],
        [real[0], real[1], {"is": 3}],
        ["00000000", *real[1:]],
        [],
        {},
        "x",
        [[]] * 9,
        [real[0]],
    ]
    for made in forged:
        text = base64.urlsafe_b64encode(json.dumps(made).encode()).rstrip(b"=").decode()
        answer = api.get(f"{API}/changes", params={"limit": 1, "cursor": text})
        wrong(answer, "invalid-cursor")
    moved = [real[0], "2025-01-13T00:00:00Z", *["x'; --"] * 7]
    text = base64.urlsafe_b64encode(json.dumps(moved).encode()).rstrip(b"=").decode()
    assert ask(api, "changes", limit=1, cursor=text)["rows"]
    answer = api.get(
        f"{API}/changes", params={"cursor": page["next"], "kind": "returned"}
    )
    assert "other parameters" in wrong(answer, "invalid-cursor")["detail"]


def _unpacked(cursor):
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
