"""Dates in a cell: for which days a price is stated."""

import contextlib
import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import periods
from crawler.pages.periods import Dated
from tracker.domain.errors import UnreadableBody

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 30))


def dated(text: str) -> Dated:
    """The text with its dates taken out."""
    return periods.dated(text, where="here")


@pytest.mark.parametrize(
    ("text", "rest", "last"),
    [
        ("Claude Sonnet 5 [through August 31, 2026]", "Claude Sonnet 5", "2026-08-31"),
        ("$0.75 through December 31, 2026.", "$0.75", "2026-12-31"),
        ("$1 (valid until Aug. 31st, 2026) / M", "$1 / M", "2026-08-31"),
        ("until Sept 30 2026", "", "2026-09-30"),
        ("THROUGH AUGUST 31, 2026", "", "2026-08-31"),
        ("thru Monday, August 31, 2026", "", "2026-08-31"),
        ("through 31 August 2026", "", "2026-08-31"),
        ("through 31st of August, 2026", "", "2026-08-31"),
        ("until 2026-09-01", "", "2026-09-01"),
        ("until 2026/05/31 15:59 UTC", "", "2026-05-31"),
        ("until 2026-05-31T15:59:00Z", "", "2026-05-31"),
        ("ends on May 1, 2026 at 12:00 PT, then more", "then more", "2026-05-01"),
        ("in effect through May 1, 2026", "in effect", "2026-05-01"),
        ("before September 1, 2026", "", "2026-08-31"),
        ("prior to 2026-09-01", "", "2026-08-31"),
        ("through May 1, 2026 … through 2026-05-01", "…", "2026-05-01"),
    ],
)
def test_a_last_day(text: str, rest: str, last: str) -> None:
    """A price stated through or until a day holds on it, one before a day does not."""
    ends = date.fromisoformat(last) + timedelta(days=1)
    assert dated(text) == Dated(rest, None, ends)


@pytest.mark.parametrize(
    ("text", "rest", "first"),
    [
        ("Claude Sonnet 5 starting September 1, 2026", "Claude Sonnet 5", "2026-09-01"),
        ("$1.50 starting January 1, 2027.", "$1.50", "2027-01-01"),
        ("effective from May 5, 2026", "", "2026-05-05"),
        ("as of 5 May 2026", "", "2026-05-05"),
        ("since 2026-05-05", "", "2026-05-05"),
        ("beginning on May 5, 2026; $3", "$3", "2026-05-05"),
        ("after August 31, 2026", "", "2026-09-01"),
    ],
)
def test_a_first_day(text: str, rest: str, first: str) -> None:
    """A price stated from a day on begins with it, one after it with the next."""
    assert dated(text) == Dated(rest, date.fromisoformat(first))


@pytest.mark.parametrize(
    "text",
    [
        "from May 5, 2026 to June 1, 2026",
        "from May 5, 2026 - June 1, 2026",
        "from 2026-05-05 – 2026-06-01",
        "from May 5, 2026 through June 1, 2026",
        "from May 5, 2026, until June 1, 2026",
    ],
)
def test_both_ends(text: str) -> None:
    """A price stated from one day to another holds on both."""
    assert dated(text) == Dated("", date(2026, 5, 5), date(2026, 6, 2))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "from Google",
            "prices may vary",
            "effective may vary",
            "effective immediately",
        ),
        *("from 200k tokens", "up to 2048 tokens", "up to 128K", "starting at $5"),
        *("Claude Mayor 5", "since Mayor 5, 2026", "from Junior 2", "after 5 minutes"),
        *(
            "May 5, 2026",
            "gpt-4o-2024-05-13",
            "from march to april",
            "before you start",
        ),
        *("as of today", "", "  two   blanks  ", "retired, except on Bedrock"),
    ],
)
def test_words_that_are_no_dates_stay(text: str) -> None:
    """Prose with the same words, and a date that nothing is said of, change nothing."""
    assert dated(text) == Dated(text)


@pytest.mark.parametrize(
    "text",
    [
        "Claude Opus 4 (deprecated since May 1, 2026)",
        "retired after Oct 1, 2026",
        "available until October 2026",
        "knowledge cutoff: before May 1, 2025",
    ],
)
def test_dates_of_a_models_life_stay(text: str) -> None:
    """What is said of the model and not of its price is for the page's module."""
    assert dated(text) == Dated(text)


@pytest.mark.parametrize(
    "text",
    [
        *("through August 31", "from 5 May", "through May 5 at 10:00 UTC"),
        *("through February 30, 2026", "until 2026-13-40", "until 2026-02-29"),
        *(
            "until 8/31/2026",
            "until 31/08/2026",
            "until 8/5/26",
            "through August 31, 26",
        ),
        *("starting in September 2026", "starting September", "until May", "from May"),
        *(
            "through August 2026",
            "through Q3 2026",
            "through 2026",
            "until the end of May",
        ),
        *("starting next month", "starting mid-2026", "until late August"),
        "from June 1, 2026 to May 1, 2026",
        "through May 1, 2026 and through June 1, 2026",
        "$0.75 through December 31, 2026. $1.50 starting January 1, 2027.",
    ],
)
def test_a_date_that_is_not_certain_fails(text: str) -> None:
    """Without a full date, or with two that do not fit, no price is known to hold."""
    with pytest.raises(UnreadableBody, match=r"here: .* is no full date"):
        dated(text)


@given(DAYS, st.sampled_from(["%B %d, %Y", "%b. %dth %Y", "%d %B %Y", "%Y-%m-%d"]))
def test_what_is_written_is_read_back(day: date, form: str) -> None:
    """Every day of the calendar is read, in every form of writing it."""
    assert dated(f"$1 starting {day.strftime(form)}") == Dated("$1", day)
    assert dated(f"$1 through {day.strftime(form)}") == Dated(
        "$1", None, day + timedelta(days=1)
    )


@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "from ",
                    "until ",
                    "through ",
                    "May ",
                    "5",
                    "31, ",
                    "2026",
                    "-",
                    "/",
                    "to ",
                )
            ]
        ),
        max_size=12,
    ).map("".join)
    | st.text()
)
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text brings about another error than a refusal, and days are in order."""
    with contextlib.suppress(UnreadableBody):
        read = dated(text)
        if read.effective_from and read.effective_to:
            assert read.effective_from < read.effective_to


@pytest.mark.parametrize(
    "piece", ["from ", "from", " ", "May ", "until 5 ", "1", "valid "]
)
def test_repetition_takes_no_more_than_its_length(piece: str) -> None:
    """Long runs of what dates begin with take a moment."""
    begun = time.process_time()
    many = piece * (50_000 // len(piece))
    for text in (many, f"from {many}"):
        with contextlib.suppress(UnreadableBody):
            dated(text)
    assert time.process_time() - begun < 10
