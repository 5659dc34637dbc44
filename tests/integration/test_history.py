"""The pandas face: frames that say what the views say, series that hold, an index."""

import doctest
import inspect
from datetime import UTC, date, datetime
from decimal import Decimal

import pandas as pd
import pytest

from tests.support import maps
from tests.support.tables import Tables
from tracker import history
from tracker.domain.errors import UsageError
from tracker.history import database, frames, indices, models

NAMED = ("gpt-4.1-mini", "o3")


def example():
    """The small map and two models that people know, before o3's cut."""
    made = maps.small_map()
    for name, price in zip(NAMED, ("0.4", "10"), strict=True):
        made[name] = {
            "litellm_provider": "openai",
            "mode": "chat",
            "max_input_tokens": 200000,
            "input_cost_per_token": float(f"{price}e-6"),
            "output_cost_per_token": 4 * float(f"{price}e-6"),
        }
    return made


def cut(before):
    """The map after o3's cut by four fifths."""
    return maps.edited(
        before, "o3", input_cost_per_token=2e-6, output_cost_per_token=8e-6
    )


@pytest.fixture(name="told")
def _told(trail, monkeypatch):
    """A year: o3 is cut, a model goes, another one comes back after a gap."""
    monkeypatch.setenv("PRICETRAIL_DB", trail.url)
    first = example()
    second = cut(first)
    third = maps.without(second, "acme/model-07")
    for said, at in (
        (first, "2025-04-19"),
        (second, "2025-06-14"),
        (third, "2025-07-05"),
        (maps.edited(third, "acme/model-13", supports_vision=True), "2025-07-12"),
        ({**second, "k": {**second["o3"], "n": 1}}, "2025-08-02"),
    ):
        assert trail.sync(said, at).code == 0
    return trail


def test_the_examples_are_true(told):
    """Every example in a docstring prints what it shows."""
    names = {**vars(frames), **vars(models), **vars(indices)}
    runner = doctest.DocTestRunner()
    for module in (history, frames, models, indices):
        for test in doctest.DocTestFinder().find(module, globs=dict(names)):
            runner.run(test)
    assert (runner.failures, runner.tries > 10) == (0, True)


def test_every_public_function_has_an_example():
    """What `tracker.history` exports is there, and shows how it is used."""
    functions = [f for f in map(vars(history).get, history.__all__) if callable(f)]
    assert len(functions) == len(history.__all__)
    for function in functions:
        if inspect.isfunction(function):
            assert ">>> " in inspect.getdoc(function)


VIEWS = {
    "price_history": history.price_history,
    "believed_prices": lambda: history.price_history(believed=True),
    "price_timeline": history.changes,
}


def test_a_frame_says_what_its_view_says(told):
    """Columns and values are those of the view, on both databases."""
    for view, ask in VIEWS.items():
        rows = told.tables.rows(f"SELECT * FROM {view}")
        frame = ask()
        assert list(frame) == list(rows[0])
        mine = [_plain(row) for row in frame.to_dict("records")]
        assert sorted(map(str, mine)) == sorted(str(_plain(row)) for row in rows)


def _plain(row):
    """A row with instants as text, and nothing for what is not there."""
    return {name: _cell(value) for name, value in row.items()}


def _cell(value):
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if value is None or value is pd.NaT or value != value:  # noqa: PLR0124 - NaN
        return None
    return round(float(value), 9) if isinstance(value, int | float) else value


def test_types_are_what_is_promised(told):
    """Names are categories, instants are UTC in seconds, prices numbers."""
    frame = history.price_history()
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert {kinds[n] for n in ("provider", "model", "meter", "per", "currency")} == {
        "category"
    }
    assert kinds["valid_from"] == kinds["valid_to"] == "datetime64[s, UTC]"
    assert (kinds["usd"], kinds["price_nano"]) == ("float64", "int64")


def test_exact_prices_are_decimals(told):
    """With `exact` a price is a Decimal, and none where it is in another currency."""
    frame = history.price_history(source="litellm", exact=True)
    usd = frame["usd"]
    assert {type(value) for value in usd} == {Decimal, type(None)}
    known = usd.notna()
    assert (usd[known] * 10**9 == frame["price_nano"][known]).all()
    assert set(frame["currency"][~known]) == {"DBU"}


def test_filters_choose_rows(told):
    """Model, provider, meter, source and dates narrow a frame; nothing is a frame."""
    assert set(history.price_history("acme/*")["provider"]) == {"acme"}
    assert set(history.price_history(provider="openai")["provider"]) == {"openai"}
    assert set(history.price_history(meter="output")["meter"]) == {"output"}
    assert len(history.price_history("o3", meter="input", until="2025-06-01")) == 1
    assert len(history.price_history("o3", meter="input", since="2025-06-14")) == 1
    assert len(history.changes("o3", min_pct=10, kind="changed")) == 2
    assert len(history.changes("o3", min_pct=90, kind="changed")) == 0
    empty = history.price_history(provider="nobody")
    assert list(empty) == list(history.price_history())
    assert len(empty) == 0
    assert len(history.changes(verdict="flap")) == 0


DATES = (
    "2025-06-13",
    date(2025, 6, 13),
    datetime(2025, 6, 13, 23, 59, tzinfo=UTC),
    pd.Timestamp("2025-06-14T01:00:00+02:00"),
)


def test_dates_may_be_given_in_many_ways(told):
    """A text, a date, a datetime and a Timestamp name the same instant."""
    for when in DATES:
        found = history.prices_at(when, "o3", meter="input")
        assert list(found["usd"]) == [10.0], when


def test_what_was_published_and_what_was_known(told):
    """An instant's prices as published have a source key; before the first sync
    nothing was known.
    """
    published = history.prices_at("2025-05-01", "o3", as_published=True)
    assert set(published["source_key"]) == {"o3"}
    assert len(history.prices_at("2025-05-01", known_at="2025-01-01")) == 0
    assert len(history.prices_at("2025-05-01", "o3", known_at="2025-05-01")) == 2


def test_a_series_holds_from_the_right_and_shows_gaps(told):
    """At a step the new price holds; a stretch without one is NaN, and ends."""
    steps = history.step_series("acme/model-07")
    assert list(steps.index.strftime("%Y-%m-%d")) == [
        "2025-04-19",
        "2025-07-05",
        "2025-08-02",
    ]
    assert list(steps.isna()) == [False, True, False]
    days = pd.DatetimeIndex(["2025-06-13T23:59:59Z", "2025-06-14"], tz="UTC")
    o3 = history.step_series("o3", source="litellm")
    assert list(o3.reindex(days, method="ffill")) == [10.0, 2.0]
    exact = history.step_series("acme/model-07", exact=True)
    assert list(exact) == [Decimal("1.07"), None, Decimal("1.07")]
    assert len(history.step_series("o3", "reasoning")) == 0


def test_models_stand_side_by_side(told):
    """Rates of an instant, limits, and the last move, in the order asked for."""
    now = history.compare(["gpt-4.1-mini", "o3", maps.KEY])
    assert list(now.index) == ["openai/gpt-4.1-mini", "openai/o3", maps.KEY]
    assert list(now["input"]) == [0.4, 2.0, 1.01]
    assert now.loc["openai/o3", "max_input_tokens"] == 200000
    then = history.compare(["o3"], at="2025-05-01", exact=True)
    assert then.loc["openai/o3", "output"] == 40


def test_an_index_follows_the_same_usage(told):
    """It is 100 at its base, moves with prices, and not with who comes or goes."""
    lowe = history.price_index(["o3", "gpt-4.1-mini"], base="2025-04-19")
    before = 10 * 3 + 40 + 0.4 * 3 + 1.6
    after = 2 * 3 + 8 + 0.4 * 3 + 1.6
    assert list(lowe) == pytest.approx([100, 100 * after / before])
    based = history.price_index("openai", base="2025-07-01")
    assert based.iloc[-1] == pytest.approx(100)
    # Twelve offers of OpenAI's, one of which fell to a fifth.
    assert based.iloc[0] == pytest.approx(100 * 5 ** (1 / 12))
    assert list(history.price_index("acme", base="2025-05-01")) == [100.0]
    output = history.price_index(["o3"], base="2025-05-01", mix=history.Mix(0, 1))
    assert list(output) == pytest.approx([100, 20])


WRONG = (
    (lambda: history.price_history("no-such"), "no model 'no-such'"),
    (lambda: history.price_history(meter="??"), "is not a meter"),
    (lambda: history.prices_at("soon"), "'soon' is no date"),
    (lambda: history.compare([]), "at least one model"),
    (lambda: history.price_index({}, base="2025-05-01"), "a basket holds"),
    (lambda: history.price_index(["o3"], base="2020-01-01"), "yet on 2020-01-01"),
    (lambda: history.price_index("nobody", base="2025-05-01"), "no provider"),
    (
        lambda: history.price_index([maps.IMAGE], base="2025-05-01"),
        "nothing in the basket has a price",
    ),
    (
        lambda: history.price_index(["o3"], base="2025-05-01", mix=history.Mix(0, 0)),
        "a mix needs some tokens",
    ),
    (lambda: history.changes(db="/nowhere/at.db"), "no database at"),
)


def test_wrong_questions_say_why(told):
    """What cannot be answered raises one error, whose message says what to do."""
    for ask, words in WRONG:
        with pytest.raises(UsageError, match=words.replace("?", "[?]")):
            ask()


def test_the_database_may_be_a_path(sqlite_trail, monkeypatch):
    """A path, a URL and the environment name the same file."""
    monkeypatch.delenv("PRICETRAIL_DB", raising=False)
    sqlite_trail.sync(example(), "2025-04-19")
    path = sqlite_trail.folder / "trail.db"
    frames_ = [history.price_history(db=db) for db in (path, str(path))]
    monkeypatch.setenv("PRICETRAIL_DB", sqlite_trail.url)
    for frame in frames_:
        pd.testing.assert_frame_equal(frame, history.price_history())
    assert Tables(sqlite_trail.url).one("SELECT COUNT(*) FROM rates") == len(frames_[0])


def test_an_instant_without_a_zone_is_utc():
    """A naive datetime is taken for UTC, and a fraction of a second is dropped."""
    naive = datetime(2025, 6, 14, 6, 0, 0, 999)  # noqa: DTZ001 - that is the point
    assert database.instant(naive) == datetime(2025, 6, 14, 6, tzinfo=UTC)
    assert database.instant(None) is None
