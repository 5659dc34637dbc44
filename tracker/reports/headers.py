"""Headers of a letter, written so that no name can end one, and no program has to
guess.

The standard library reads what it is given for a header before it writes it: a model
called `=?utf-8?q?=0D=0ABcc:...?=` would become a header of its own, spaces between
words get lost, and a long address is taken apart. So the subject is encoded here, and
headers that programs read are written as they are.
"""

import base64
from collections.abc import Mapping
from email.headerregistry import Address, HeaderRegistry
from email.policy import SMTP, EmailPolicy
from typing import Any

from tracker.reports.settings import bare

LINE = 76
"""How long a line of a header is at most, its end not counted (RFC 2047)."""
_WORD = 39
"""How many bytes an encoded word holds: 52 letters and 12 around them, which fit
beside the header's name.
"""


class _Header:
    """A header whose text is taken for what it is: nothing in it is decoded."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Take the value as it is."""
        kwds["decoded"] = kwds["parse_tree"] = " ".join(value.splitlines())

    def init(self, name: str, *, parse_tree: str, defects: list[Any]) -> None:
        """Keep the name; called by the factory."""
        self._name, self._parse_tree, self._defects = name, parse_tree, list(defects)


class _Words(_Header):
    """Text for people: encoded words, or the text itself where it is plain."""

    def fold(self, *, policy: EmailPolicy) -> str:
        """The header's lines."""
        text, begin = str(self), f"{self._name}: "
        fits = len(begin) + len(text) <= LINE
        if fits and text.isascii() and text.isprintable() and "=?" not in text:
            return f"{begin}{text}{policy.linesep}"
        return begin + f"{policy.linesep} ".join(_encoded(text)) + policy.linesep


class _AsIs(_Header):
    """Text for programs: on one line, whatever its length."""

    def fold(self, *, policy: EmailPolicy) -> str:
        """The header's one line; its name alone before it if both are too long."""
        text, begin = str(self), f"{self._name}:"
        apart = policy.linesep if len(begin) + len(text) + 1 > LINE else ""
        return f"{begin}{apart} {text}{policy.linesep}"


def _policy(kinds: Mapping[str, type[_Header]]) -> "EmailPolicy[Any]":
    registry = HeaderRegistry()
    for name, kind in kinds.items():
        registry.map_to_type(name, kind)  # type: ignore[arg-type]
    return SMTP.clone(header_factory=registry, refold_source="none")


WRITTEN = _policy({"subject": _Words})
"""How a letter is written before it is stored."""
KEPT = _policy({"list-unsubscribe": _AsIs, "list-id": _AsIs, "message-id": _AsIs})
"""How a stored letter is read: its lines are kept, and what is added is as it is."""


def address(text: str) -> str:
    """A mailbox of the configuration, its name quoted where it has to be."""
    spec = bare(text)
    name = text.strip().removesuffix(f"<{spec}>").strip() if spec != text else ""
    return str(Address(name.strip('"'), addr_spec=spec))


def _encoded(text: str) -> list[str]:
    """The text as encoded words, none of which ends within a character."""
    words: list[bytes] = [b""]
    for character in text:
        letter = character.encode("utf-8", "replace")
        if len(words[-1]) + len(letter) > _WORD:
            words.append(b"")
        words[-1] += letter
    return [f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words]
