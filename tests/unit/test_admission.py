"""Whether the map inside the installed litellm may be applied, and as of when."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tracker.domain.errors import UnreadableBody, UsageError
from tracker.sources.admission import Admission, Known, admit
from tracker.sources.registry import SOURCES, source_named

JUNE = datetime(2025, 6, 1, tzinfo=UTC)
JULY = datetime(2025, 7, 1, tzinfo=UTC)
NOW = datetime(2025, 8, 1, tzinfo=UTC)

NOTHING = Known()
RELEASES = Known(newest_at=JUNE, newest_version="1.72.0")
MIXED = Known(newest_at=JUNE, newest_version="1.72.0", all_versioned=False)
UNVERSIONED = Known(newest_at=JUNE, all_versioned=False)


@pytest.mark.parametrize(
    ("version", "uploaded_at", "known", "observed_at"),
    [
        ("1.72.0", JULY, NOTHING, JULY),
        ("1.72.0", None, NOTHING, NOW),
        ("dev", None, NOTHING, NOW),
        ("1.73.0", JULY, RELEASES, JULY),
        ("1.72.0", JULY, RELEASES, JULY),
        ("1.73.0", JULY, MIXED, JULY),
        ("1.73.0", JULY, UNVERSIONED, JULY),
        ("1.73.0", None, RELEASES, NOW),
    ],
)
def test_a_later_map_is_admitted(version, uploaded_at, known, observed_at):
    """A map that cannot be older than what was applied is taken, as of its upload."""
    assert admit(version, uploaded_at, known, NOW) == Admission(observed_at)


@pytest.mark.parametrize(
    ("version", "uploaded_at", "known", "words"),
    [
        ("1.71.0", JULY, RELEASES, "older than release 1.72.0"),
        ("1.71.0", None, RELEASES, "older than release 1.72.0"),
        ("1.71.0", None, MIXED, "older than release 1.72.0"),
        ("1.73.0", JUNE, RELEASES, "before the newest capture"),
        ("1.73.0", datetime(2025, 5, 1, tzinfo=UTC), RELEASES, "2025-05-01"),
        ("1.73.0", None, MIXED, "run sync without --offline"),
        ("1.73.0", None, UNVERSIONED, "run sync without --offline"),
        ("dev", None, RELEASES, "run sync without --offline"),
        ("1.72.0", None, RELEASES, "if you edited it"),
        ("1.72.0.0", None, RELEASES, "if you edited it"),
    ],
)
def test_a_map_that_may_be_older_is_refused_in_words(
    version, uploaded_at, known, words
):
    """A map that could travel back in time is refused, and the words say why."""
    admission = admit(version, uploaded_at, known, NOW)
    assert admission.observed_at is None
    assert words in admission.refusal
    assert version in admission.refusal


def test_sources_are_found_by_name():
    """A source's name finds it; another name is answered with those there are."""
    assert source_named("litellm") is SOURCES["litellm"]
    with pytest.raises(UsageError, match=r"no source 'litelm'; there are .*litellm"):
        source_named("litelm")


@pytest.mark.parametrize("name", SOURCES)
def test_each_source_has_a_reader(name):
    """Every registered source refuses what is not its document with a reason, and
    says where a person can look.
    """
    spec = SOURCES[name]
    assert spec.name == name
    assert spec.home.startswith("https://")
    assert 0 < spec.floor < spec.max_bytes
    with pytest.raises(UnreadableBody) as refused:
        spec.parse(b"{}")
    assert "fault in our parser" not in str(refused.value)


def test_precedence_is_an_order():
    """Two sources share a place only where each speaks for a provider of its own, so
    that one of them wins.
    """
    places: dict[int, list[str | None]] = {}
    for spec in SOURCES.values():
        places.setdefault(spec.precedence, []).append(spec.provider)
    shared = [owners for owners in places.values() if len(owners) > 1]
    assert all(None not in o and len(set(o)) == len(o) for o in shared)


def test_a_fault_of_a_parser_is_its_source_s_failure():
    """An exception that no parser should raise names the source and asks for a
    report; it never ends the program.
    """
    spec = replace(source_named("openrouter"), page="jsonbody")  # has no parse()
    with pytest.raises(UnreadableBody, match=r"our parser of openrouter.*report"):
        spec.parse(b"{}")
