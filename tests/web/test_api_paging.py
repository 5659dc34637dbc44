"""The API in pages, each row once; and what need not be sent or made again."""

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.reading import paging
from tests.support import maps
from tests.support.api import (
    API,
    DAYS,
    PRICES,
    api,
    ask,
    every,
    filled_url,
    played,
    served_by,
    time_goes_on,
)
from tests.support.maps import edited
from tracker.web.api import cursors
from tracker.web.api.asked import Sort
from tracker.web.api.catalogue import Glob
from tracker.web.api.problems import Problem
from tracker.web.rendering import Content
from tracker.web.replies import Made, Shelf

__all__ = ["api", "filled_url"]


@pytest.mark.parametrize("sort", get_args(Sort))
def test_pages_in_any_order_hold_everything_once(api, sort):
    """Whatever it is sorted by, going through all pages gives each offer once."""
    found = every(api, "models", sort=sort, limit=7)
    assert sorted(map(_name, found)) == sorted(map(_name, every(api, "models")))
    assert len(set(map(_name, found))) == len(found)


def _name(row):
    return (row["provider"], row["model"], row["region"])


def _change(row):
    return tuple(row[column] for column in paging.PLACE)


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_rows_that_are_added_meanwhile_move_nothing(trail, order):
    """Of what was there all the while each change comes once, though weeks are added
    after it and before it, and the history is derived anew, between pages.
    """
    said = [maps.small_map()]
    for week in range(1, 5):
        said.append(dearer(said[-1], week))
    for one, day in zip(said, DAYS, strict=False):
        assert trail.sync(one, day).code == 0
    *_, later, last = said
    adding = [
        lambda: trail.sync(later, "2025-01-27"),
        lambda: trail.backfill({"2024-12-30.json": maps.small_map()}),
        lambda: trail("rebuild", "litellm"),
        lambda: trail.sync(last, "2025-02-03"),
    ]
    with served_by(trail) as client:
        before = set(map(_change, every(client, "changes")))
        found, cursor = [], None
        while cursor or not found:
            more = {"cursor": cursor} if cursor else {}
            page = ask(client, "changes", order=order, limit=13, **more)
            found += map(_change, page["rows"])
            cursor = page["next"]
            if adding:
                assert adding.pop(0)().code in (0, 1)
                time_goes_on(client)
        assert not adding
        after = set(map(_change, every(client, "changes")))
    assert len(found) == len(set(found))
    kept = before & after
    assert len(kept) > 30
    assert kept <= set(found)


def dearer(said, week):
    """The map with twenty prices raised, each by a share of its own."""
    for number in range(week, 60, 3):
        key = f"{maps.PROVIDERS[number % 6]}/model-{number:02d}"
        if key in said and key != maps.IMAGE:
            cost = said[key]["output_cost_per_token"] * (1.05 + number / 200)
            said = edited(said, key, output_cost_per_token=float(f"{cost:.6g}"))
    return said


def test_the_timeline_can_be_followed(trail):
    """The last cursor of the oldest changes goes on with what is added later."""
    said = played(trail)
    with served_by(trail) as client:
        page = ask(client, "changes", order="oldest", since=DAYS[2], limit=500)
        assert page["next"] is None
        assert page["rows"]
        kept = page["resume"]
        nothing = ask(client, "changes", order="oldest", since=DAYS[2], cursor=kept)
        assert (nothing["rows"], nothing["resume"]) == ([], kept)
        trail.sync(edited(said, input_cost_per_token=9e-07), "2025-02-03")
        time_goes_on(client)
        rows = ask(client, "changes", order="oldest", since=DAYS[2], cursor=kept)[
            "rows"
        ]
    assert {row["observed_at"] for row in rows} >= {"2025-02-03T00:00:00Z"}
    assert not {_change(row) for row in rows} & {_change(r) for r in page["rows"]}


def test_a_page_names_the_next_one_in_a_header(served):
    """Who reads `Link` goes through all pages as well, with the same parameters."""
    found, address = [], f"{API}/models?limit=20&sort=-input"
    while address:
        answer = served.get(address)
        found += answer.json()["rows"]
        following = answer.links.get("next")
        address = str(answer.url.join(following["url"])) if following else None
    assert found == every(served, "models", sort="-input")


def test_cursors_of_long_names_are_short(trail):
    """Names of 10 kB are gone through like others; an address stays an address."""
    said = maps.small_map()
    names = [f"acme/{'x' * 10_000}{n}" for n in range(5)]
    for name in names:
        said = edited(said, name, **PRICES)
    trail.sync(said, DAYS[0])
    with served_by(trail) as client:
        for path in ("models", "changes"):
            found, cursor = [], None
            while cursor or not found:
                more = {"cursor": cursor} if cursor else {}
                page = ask(client, path, provider="acme", limit=1, **more)
                assert len(page["next"] or "") < 1300
                found += [(*_name(row), row.get("meter")) for row in page["rows"]]
                cursor = page["next"]
            assert len(found) == len(set(found))
            assert {model for _, model, *_ in found} >= {n[5:] for n in names}


def test_a_cursor_whose_row_is_gone_says_so():
    """A cursor that holds a hash is told apart from any other place."""
    place = ("2025-01-06T00:00:00Z", "x" * 5000)
    text = cursors.written("q", place)
    form = (cursors.as_text, cursors.as_text)
    assert cursors.read("q", text, form, lambda _: [("a", "b"), place]) == place
    with pytest.raises(Problem, match="is gone"):
        cursors.read("q", text, form, lambda _: [("a", "b")])


def test_what_a_reader_has_is_not_sent_again(trail):
    """Tag and date make the next answer empty, until something new was read."""
    said = played(trail)
    with served_by(trail) as client:
        address = f"{API}/prices?model={maps.KEY}"
        first = client.get(address)
        tag, date = first.headers["etag"], first.headers["last-modified"]
        again = client.get(address, headers={"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert (
            client.get(address, headers={"if-modified-since": date}).status_code == 304
        )
        trail.sync(edited(said, input_cost_per_token=8e-07), "2025-01-27")
        time_goes_on(client)
        newer = client.get(address, headers={"if-none-match": tag})
        assert newer.status_code == 200
        assert newer.headers["etag"] != tag
        assert "0.8" in {row["usd"] for row in newer.json()["rows"]}


@pytest.mark.parametrize("path", ["models/nothing", "prices?model=nothing", "nix"])
def test_nobody_has_what_is_not_there(served, path):
    """A question that is wrong is told so, whatever the reader says to have."""
    tag = served.get(f"{API}/sources").headers["etag"]
    for value in (tag, "*"):
        answer = served.get(f"{API}/{path}", headers={"if-none-match": value})
        assert answer.status_code == 404


def test_head_tells_what_get_would(served):
    """HEAD has the headers of GET and no body."""
    for path, status in (("models?limit=3", 200), ("models/nothing", 404)):
        got, head = served.get(f"{API}/{path}"), served.head(f"{API}/{path}")
        assert head.status_code == got.status_code == status
        assert head.content == b""
        for name in ("content-type", "content-length", "etag", "link"):
            assert head.headers.get(name) == got.headers.get(name)


def test_answers_are_compressed_for_those_who_can(served):
    """A long answer travels as gzip, and is the same."""
    address = f"{API}/changes?limit=500"
    packed = served.get(address, headers={"accept-encoding": "gzip"})
    plain = served.get(address, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_a_reader_of_everything_pushes_nothing_off():
    """What is asked for once is not kept; what is asked for again is."""
    shelf = Shelf(10_000, picky=True)
    wanted = ("state", "what many ask for")
    for _ in range(2):
        shelf.put(wanted, Made(Content(b"x" * 100), None))
    for number in range(1000):
        shelf.put(("state", f"what one asks once {number}"), Made(Content(b"y"), None))
    assert shelf.get(wanted) is not None


def test_the_order_of_parameters_does_not_matter(served):
    """The same question in other words is the same answer, made once."""
    replies = served.app.state.replies
    one = f"{API}/models?limit=3&provider=acme&sort=input"
    other = f"{API}/models?sort=input&provider=acme&limit=3"
    first, _ = (served.get(one).content for _ in range(2))
    kept = len(replies._shelves[True]._made)
    assert served.get(other).content == first
    assert len(replies._shelves[True]._made) == kept


@given(
    st.text("ab*?.[(%", max_size=9),
    st.text("ab.[(%", max_size=9),
)
def test_a_pattern_fits_as_the_database_has_it(pattern, name):
    """`*` is any text and `?` one character; everything else is what it is."""
    whole = pattern if set(pattern) & {"*", "?"} else f"*{pattern}*"
    plain = re.escape(whole).replace(r"\*", ".*").replace(r"\?", ".")
    assert Glob(pattern).matches(name) is (re.fullmatch(plain, name) is not None)
