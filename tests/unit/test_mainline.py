"""Which of litellm's releases may follow which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.sources.mainline import MainLine, is_older, newest, version_of

RELEASES = st.sampled_from(
    ["1.0.0", "1.72.6", "1.72.6rc1", "1.80.0.dev1", "1.9.9", "2.0.0", "nightly", None]
)


@pytest.mark.parametrize(
    ("one", "other", "older"),
    [
        ("1.72.6", "1.72.7", True),
        ("1.9.0", "1.10.0", True),
        ("1.72.6rc1", "1.72.6", True),
        ("1.72.6.dev1", "1.72.6rc1", True),
        ("1.72.6", "1.72.6", False),
        ("1.72.6", "1.72.6.0", False),
        ("1.72.6.post1", "1.72.6", False),
        ("1.72.7", "1.72.6", False),
        (None, "1.0.0", False),
        ("1.0.0", None, False),
        ("", "1.0.0", False),
        ("nightly", "1.0.0", False),
    ],
)
def test_releases_sort_as_versions(one, other, older):
    """Releases are compared as versions, pre-releases too; what is none is neither."""
    assert is_older(one, other) is older


@pytest.mark.parametrize(
    ("texts", "highest"),
    [
        ([], None),
        (["nightly", ""], None),
        (["1.9.0", "1.10.0", "1.2.0"], "1.10.0"),
        (["1.10.0rc1", "1.10.0"], "1.10.0"),
        (["junk", "0.1"], "0.1"),
    ],
)
def test_the_newest_release(texts, highest):
    """The newest release is the highest version, wherever it stands."""
    assert newest(texts) == highest
    assert newest(reversed(texts)) == highest


def test_what_is_no_release_number():
    """A label that is no version is none, quietly."""
    assert version_of("main") is None
    assert version_of("1.72.6-stable-patch") is None
    assert version_of(None) is None
    assert str(version_of("1.72.6rc1")) == "1.72.6rc1"


def test_a_back_port_is_left_out():
    """A lower version uploaded after a higher one does not go back in time."""
    line = MainLine().after("1.80.0").after("1.81.0rc1")
    assert line.leaves_out("1.80.5")
    assert not line.leaves_out("1.81.0")
    assert not line.leaves_out("1.81.0rc1")
    assert not line.leaves_out(None)
    assert line.after("1.80.5") == line
    assert line.after(None) == line


@given(st.lists(RELEASES))
def test_the_line_never_goes_back(versions):
    """Whatever comes in whatever order, the line ends at its highest release."""
    line = MainLine()
    for version in versions:
        following = line.after(version)
        assert not is_older(following.newest, line.newest)
        line = following
    known = [v for v in versions if version_of(v)]
    assert version_of(line.newest) == version_of(newest(known))
