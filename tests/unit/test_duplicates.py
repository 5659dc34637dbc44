"""Keys that a map states twice, beside the answer of a plain JSON reader."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import litellm
from crawler.pages.duplicates import keys_stated_twice


def plainly(body):
    """The same answer from Python's reader, which keeps every pair."""
    stated = {}
    for key, value in json.loads(body, object_pairs_hook=tuple):
        stated.setdefault(key, []).append(value)
    return {
        key: all(_as_dicts(v) == _as_dicts(values[0]) for v in values)
        for key, values in stated.items()
        if len(values) > 1
    }


def _as_dicts(value):
    """Pairs as the object that a reader makes of them."""
    if isinstance(value, tuple):
        return {name: _as_dicts(inner) for name, inner in value}
    return [_as_dicts(v) for v in value] if isinstance(value, list) else value


def written(pairs, opening='"{}": {}', between=", "):
    """A JSON object with these pairs, repeated keys and all."""
    texts = [
        opening.format(
            json.dumps(key, ensure_ascii=False)[1:-1],
            json.dumps(value, ensure_ascii=False),
        )
        for key, value in pairs
    ]
    return ("{" + between.join(texts) + "}").encode()


def found(body):
    """What the parser's own search says."""
    return keys_stated_twice(body, json.loads(body))


LAYOUTS = {
    "usual": {"opening": '\n    "{}": {}'},
    "one-line": {},
    "minified": {"opening": '"{}":{}', "between": ","},
    "wide": {"opening": '"{}"  :  {}', "between": " , "},
    "broken": {"opening": '"{}"\n:\n{}', "between": "\n,\n"},
}
layouts = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)

KEY = st.text(st.sampled_from("abAB01/.:-@ é日"), min_size=1, max_size=4)
INNER = st.dictionaries(
    st.sampled_from(["x", "y"]), st.integers() | st.text(), max_size=2
)
PAIRS = st.lists(st.tuples(KEY, INNER), min_size=1, max_size=8)


@layouts
@given(pairs=PAIRS)
def test_repeated_keys_are_found_in_any_layout(layout, pairs):
    """Whatever the spacing, the answer is that of a full parse."""
    body = written(pairs, **layout)
    assert found(body) == plainly(body)


@layouts
@pytest.mark.parametrize("many", [3, 150, 400])
def test_bodies_of_any_size_are_searched(layout, many):
    """A key stated twice is found among few keys and among many."""
    pairs = [(f"k{n}", {"x": n}) for n in range(many)]
    body = written([*pairs, ("k1", {"x": 1}), ("k2", {"x": "other"})], **layout)
    assert found(body) == {"k1": True, "k2": False}


def test_texts_that_look_like_keys_are_none():
    """A key quoted inside of a text is not stated again."""
    body = written([("a", {"x": 1}), ("b", {"x": '{"a": {"x": 2}}'})])
    assert found(body) == plainly(body) == {}


def test_three_times_is_twice():
    """A key stated three times agrees only if all three do."""
    body = written([("a", {"x": 1}), ("a", {"x": 2}), ("a", {"x": 1})])
    assert found(body) == {"a": False}


def test_names_repeated_inside_of_entries_are_no_duplicates():
    """Entries may all have a nested field of one name."""
    body = written([(key, {"tiers": {"x": key}}) for key in "abc"])
    assert found(body) == {}


def test_the_order_of_fields_is_no_difference():
    """Two statements of a key agree if they say the same in another order."""
    body = written([("a", {"x": 1, "y": 2}), ("a", {"y": 2, "x": 1})])
    assert found(body) == {"a": True}


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": {"x": 1}, "\\u0061": {"x": 2}}',
        b'{"a\\/b": {"x": 1}, "a\\/b": {"x": 2}}',
        b'{"caf\\u00e9": {"x": 1}, "caf\\u00e9": {"x": 2}}',
        b'{"a": {"x": 1}, "a":{"x": 2}}',
        b'{"a": {"x": 1}, "b": {"a": {"x": 2}}}',
        b'{"b": {"x": 1}, "a\\"b": {"x": 2}}',
        '{"a": {"x": 1}, "a": {"x": 2}}'.encode("utf-16"),
        written([("a", {"p": "y" * 100_000, "x": n}) for n in (1, 2)]),
    ],
    ids=[
        "escaped-letter",
        "escaped-slash",
        "escaped-accent",
        "mixed-spacing",
        "nested-namesake",
        "escaped-quote",
        "utf-16",
        "long-entries",
    ],
)
def test_odd_bodies_are_searched_exactly(body):
    """However a body is written, the answer is that of a full parse."""
    assert found(body) == plainly(body)


def test_a_contradicting_key_is_held():
    """A key stated twice with different contents is held and noted."""
    document = litellm.parse(
        written(
            [
                ("a", {"input_cost_per_token": 1}),
                ("a", {"input_cost_per_token": 2}),
                ("b", {"mode": "chat"}),
                ("b", {"mode": "chat"}),
            ]
        )
    )
    assert document.held_keys == {"a": "duplicate_key"}
    assert document.notes == ("key 'a' occurs twice", "key 'b' occurs twice")


def test_real_maps_are_searched_exactly(map_bodies):
    """In each of three years of maps the answer is that of a full parse."""
    repeated = 0
    for name, body in map_bodies():
        expected = plainly(body)
        repeated += len(expected)
        assert keys_stated_twice(body, json.loads(body)) == expected, name
    assert repeated > 0
