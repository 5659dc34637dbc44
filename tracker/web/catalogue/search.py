"""How well a name fits what somebody typed; `static/offers.js` judges the same way.

People leave out dashes, dots and providers, so names are compared as words, and as
one word: `gpt 4.1 mini` is `gpt-4.1-mini`, and `claude35` finds `claude-3-5-sonnet`.
"""

import re
from dataclasses import dataclass

from tracker.domain.offers import Offer

LONGEST = 200
"""Characters of what is typed that count."""
WHOLE = 4
"""So many letters and digits are looked for across the words of a name."""
NAMED = 3
"""Names that fit better than this bear the very name that was typed."""

_BREAKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared: its words in lower case, a space between two.

    Attributes:
        full: of provider, model and region.
        bare: of the model, as it is sold.
        last: of the model without the folders before it.
        joined: the three of them as one word each.
    """

    full: str
    bare: str
    last: str
    joined: tuple[str, str, str]


def words(text: str) -> str:
    """The letters and digits of a text, in lower case; a space for the rest."""
    return _BREAKS.sub(" ", text.lower()).strip()


def name_of(offer: Offer) -> Name:
    """An offer's name, to be compared."""
    last = offer.model.rpartition("/")[2]
    names = words(offer.text), words(offer.model), words(last)
    full, bare, end = (one.replace(" ", "") for one in names)
    return Name(*names, (full, bare, end))


def level(name: Name, typed: str) -> int | None:
    """How well a name fits: 0 for the very offer, 1 and 2 for its bare name, 3 for
    whole words at its beginning or several at its end, 4 for another beginning, 5 and
    6 for a part, 7 for all words in another order; None if it does not fit.

    Args:
        name: what is compared.
        typed: what somebody typed, as `words` makes it, not empty.
    """
    names = (name.full, name.bare, name.last)
    joined = name.joined
    whole = typed.replace(" ", "")
    if whole in joined:
        return joined.index(whole)
    if _at_an_end(names, typed):
        return 3
    if any(one.startswith(whole) for one in joined):
        return 4
    return _within(name.full, joined[0], typed)


def _at_an_end(names: tuple[str, ...], typed: str) -> bool:
    """Whether a name begins with these words, or the last ends with several."""
    if any(f"{one} ".startswith(f"{typed} ") for one in names):
        return True
    return " " in typed and names[-1].endswith(f" {typed}")


def _within(full: str, joined: str, typed: str) -> int | None:
    """How well what was typed fits the midst of a name."""
    spaced = f" {full}"
    if f" {typed}" in spaced:
        return 5
    whole = typed.replace(" ", "")
    if (whole in joined) if len(whole) >= WHOLE else (typed in full):
        return 6
    return 7 if all(f" {word}" in spaced for word in typed.split(" ")) else None
