"""Where things stand on the web page: paths that are safe as addresses and as files.

Names come from price lists that anyone may edit. Letters, digits, `.`, `_` and `-`
stand for themselves, a slash of the name is a folder, `@` comes before a region, and
every other byte is `~` with two hexadecimal digits.
"""

import hashlib
import re
from datetime import date

from tracker.domain.offers import Offer

LONGEST = 100
"""Characters of one part of a path; file systems take at most 255 bytes."""
DEEPEST = 8
"""Folders within folders; a name with more slashes is one part."""
DIGITS = 12
"""Of the hash in an anchor; a page has thousands of changes, not millions."""
CHANGES = "changes/"
"""Where the changes of the newest month are told."""

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")

_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)", re.IGNORECASE)
"""What Windows takes for a device, in any folder."""


def slug(offer: Offer) -> str:
    """`openai/gpt-4.1-mini`, `azure/gpt-4o@eu`; different for different offers."""
    parts = offer.model.split("/")
    if len(parts) > DEEPEST:
        parts = [offer.model]
    path = "/".join(_part(part) for part in (offer.provider, *parts))
    return f"{path}@{_part(offer.region)}" if offer.region else path


def model_path(offer: Offer) -> str:
    """The path of an offer's page, from the site's root."""
    return f"models/{slug(offer)}/"


def change_anchor(change: str) -> str:
    """The id of a change's element on the page of its model: `change-1a2b3c4d5e6f`,
    the same after a rebuild. A link to it is the model's path, `#` and this.

    Args:
        change: its name, as in the table `verdicts`.
    """
    name = change.encode("utf-8", "surrogatepass")
    return f"change-{hashlib.sha256(name).hexdigest()[:DIGITS]}"


def story_anchor(story: str) -> str:
    """The id of a story's element on the page of its month, the same for the same
    story.

    Args:
        story: its name: for steps that were judged, `story|verdict`.
    """
    name = story.encode("utf-8", "surrogatepass")
    return f"story-{hashlib.sha256(name).hexdigest()[:DIGITS]}"


def month_path(day: date) -> str:
    """The path of the page that tells what changed in a month, from the root."""
    return f"{CHANGES}{day:%Y-%m}/"


def provider_path(provider: str) -> str:
    """The path of a provider's page, from the site's root."""
    return f"providers/{_part(provider)}/"


def strip_path(source: str) -> str:
    """The path of the picture that tells when a source was read."""
    return f"syncs/{_part(source)}.svg"


def root_of(path: str) -> str:
    """The way from a page to the site's root: `../../`; empty at the root."""
    return "../" * path.count("/") or "./"


def _part(name: str) -> str:
    """One part of a path, never empty, hidden, or a step upwards."""
    safe = "".join(c if c in _PLAIN else _escaped(c) for c in name) or "~"
    if safe.startswith(".") or _DEVICE.match(safe):
        safe = f"{_escaped(safe[0])}{safe[1:]}"
    if safe.endswith("."):
        safe = f"{safe[:-1]}~2e"  # Windows leaves it out
    if safe.endswith((".html", ".json", ".atom", ".gz")):
        safe = f"{safe}~"  # a folder must not be taken for a page, or its copy
    if len(safe) > LONGEST:
        whole = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{safe[:60]}~~{whole[:16]}"
    return safe


def _escaped(character: str) -> str:
    return "".join(f"~{b:02x}" for b in character.encode("utf-8", "surrogatepass"))
