"""Addresses of pages: safe, different for different offers, and back to the root."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.addresses import LONGEST, model_path, provider_path, root_of, slug
from tracker.domain.offers import Offer

NAMES = st.text(max_size=40) | st.text(alphabet="a/.@~%-", max_size=12)
OFFERS = st.builds(Offer, provider=NAMES, model=NAMES, region=NAMES)


@pytest.mark.parametrize(
    ("offer", "path"),
    [
        (Offer("openai", "gpt-4.1-mini"), "openai/gpt-4.1-mini"),
        (Offer("azure", "gpt-4o", "eu"), "azure/gpt-4o@eu"),
        (Offer("openrouter", "meta/llama:free"), "openrouter/meta/llama~3afree"),
        (Offer("x", "../../etc"), "x/~2e~2e/~2e~2e/etc"),
        (Offer("x", "a//b"), "x/a/~/b"),
        (Offer("x", "index.html"), "x/index.html~"),
        (Offer("x", "a/index.html.gz"), "x/a/index.html.gz~"),
        (Offer("x", "end."), "x/end~2e"),
        (Offer("Con", "nul.txt"), "~43on/~6eul.txt"),
        (Offer("console", "nullify"), "console/nullify"),
        (Offer("vertex_ai", "claude@20241022"), "vertex_ai/claude~4020241022"),
    ],
)
def test_an_address_reads_like_the_offer(offer, path):
    """Plain names stand for themselves; whatever else they hold is written out."""
    assert slug(offer) == path


@given(OFFERS)
def test_an_address_is_a_path_below_the_site(offer):
    """No name leads out of the site, hides a file, or is longer than a file may be."""
    path = PurePosixPath(model_path(offer))
    assert path.parts[0] == "models"
    for part in path.parts[1:]:
        assert not part.startswith(".")
        assert not part.endswith(".")
        assert len(part) <= 2 * LONGEST + 1
        assert part.isascii()
        assert not set(part) & set('\\/:*?"<>|%#& \0')


@given(OFFERS, OFFERS)
def test_two_offers_have_two_addresses(one, other):
    """Different offers never share a page."""
    assert (one == other) == (slug(one) == slug(other))


@given(OFFERS)
def test_the_root_is_found_from_any_page(offer):
    """The way back from a page ends where it began."""
    path = model_path(offer)
    steps = root_of(path).count("../")
    assert steps == len(PurePosixPath(path).parts)


def test_the_root_of_the_first_page_is_here():
    """The home page and files beside it need no step upwards."""
    assert root_of("") == "./"
    assert root_of("changes.atom") == "./"


def test_a_long_name_is_cut_but_stays_its_own():
    """Ten kilobytes of a name become a short path, another for another name."""
    one, other = (Offer("x", "a" * 10_000 + end) for end in "bc")
    assert slug(one) != slug(other)
    assert max(map(len, slug(one).split("/"))) <= LONGEST


def test_a_provider_has_an_address_too():
    """A provider's name is treated like a model's."""
    assert provider_path("openai") == "providers/openai/"
    assert provider_path("..") == "providers/~2e~2e/"
