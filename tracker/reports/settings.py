"""What a user writes about mail: how it is sent, and who is told of what.

Secrets are no settings: passwords and addresses that hold a key come from the
environment, under the names given here.
"""

import os
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Protocol, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MOST = 10**18
"""How many tokens a month are believed: more is a slip of the pen."""

Direction = Literal["up", "down", "both"]
Verdict = Literal["move", "correction", "flap", "held"]
Weekday = Literal[
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
]

_ADDRESS = re.compile(r"[^\s@<>\",;:\\\[\]()]+@[^\s@<>\",;:\\\[\]()]+")
_NAMED = re.compile(r"[^<>\r\n]*<([^<>\r\n]+)>")
_CHANNEL = re.compile(r"apprise:[A-Z][A-Z0-9_]*")
_STOP = r"^(https://|mailto:)[!-;=?-~]{1,900}$"
"""What fits a header, between angle brackets."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")


def bare(address: str) -> str:
    """The address proper of `Name <name@host>`."""
    named = _NAMED.fullmatch(address.strip())
    return named.group(1).strip() if named else address.strip()


def _address(text: str) -> str:
    """A mail address, its domain as servers know it."""
    spec = bare(text)
    name, _, domain = spec.rpartition("@")
    plain = text.isprintable() and "=?" not in text and len(text) <= 320
    if not plain or not _ADDRESS.fullmatch(spec) or not _dotted(name):
        raise ValueError(f"{text!r} is no mail address; write name@example.org")
    if not name.isascii():
        raise ValueError(f"{text!r}: before the @, only ASCII letters reach everyone")
    try:
        known = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        known = ""
    if not _dotted(known):
        raise ValueError(f"{text!r} is no mail address: no such domain")
    return text.strip().replace(spec, f"{name}@{known}")


def _dotted(text: str) -> bool:
    """Whether there is something between all dots."""
    return all(text.split("."))


def _recipient(text: str) -> str:
    if text.startswith("apprise:"):
        if not _CHANNEL.fullmatch(text):
            raise ValueError(
                f"{text!r}: write apprise:NAME, where the variable NAME of the "
                "environment holds the channel's address"
            )
        return text
    return _address(text)


def is_name(text: str) -> bool:
    """Whether a subscription may be called so; what the program itself has to say is
    called otherwise.
    """
    return _NAME.fullmatch(text) is not None


def _name(text: str) -> str:
    if not is_name(text):
        raise ValueError(f"{text!r} is no name; use letters, digits, - and _")
    return text


Address = Annotated[str, AfterValidator(_address)]
Recipient = Annotated[str, AfterValidator(_recipient)]
"""A mail address, or `apprise:NAME` for a channel."""


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Mail(_Settings):
    """How mail leaves: by a server, or into a folder where none is named.

    Attributes:
        sender: whom it is from; in the file also `from`.
        reply_to: where answers go.
        server, port: the SMTP server; the port follows from `security` if not given.
        security: `starttls`, `tls` from the first byte, or `none`.
        username: to log in with; no login without one.
        password_env: the variable of the environment that holds the password.
        timeout_seconds: how long one step of a conversation may take.
        folder: where messages are put as .eml files if no server is named.
        unsubscribe: an address (https: or mailto:) that stops the mail.
        give_up_days: how long delivery is tried.
        charts: whether step charts are drawn, if the extra for them is installed.
    """

    sender: Address = Field(default="pricetrail@localhost", alias="from")
    reply_to: Address | None = None
    server: str | None = None
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password_env: str = "PRICETRAIL_SMTP_PASSWORD"  # noqa: S105 - the variable's name
    timeout_seconds: float = Field(default=30.0, gt=0, le=600)
    folder: Path = Path("pricetrail-mail")
    unsubscribe: str | None = Field(default=None, pattern=_STOP)
    give_up_days: float = Field(default=5.0, gt=0, le=60)
    charts: bool = True

    @property
    def smtp_port(self) -> int:
        """The port: 587, or 465 for TLS from the first byte, or 25 without."""
        usual = {"starttls": 587, "tls": 465, "none": 25}
        return self.port or usual[self.security]

    @property
    def password(self) -> str | None:
        """The password, from the environment; never stored."""
        return os.environ.get(self.password_env)

    @property
    def domain(self) -> str:
        """What follows the @ of Message-IDs: the sender's domain."""
        return bare(self.sender).rpartition("@")[2]

    @model_validator(mode="after")
    def _login_is_safe(self) -> Self:
        if self.username and self.security == "none" and not self._is_local():
            raise ValueError(
                "a login without encryption would show the password to everyone on "
                'the way; set security to "starttls" or "tls"'
            )
        return self

    def _is_local(self) -> bool:
        return self.server in ("localhost", "127.0.0.1", "::1")


class Subscription(_Settings):
    """Who is told of what, and when.

    Attributes:
        name: what it is called; what was told is remembered under this name.
        to: mail addresses, or `apprise:NAME`.
        models: globs on a model, or on `provider/model`; * and ?.
        providers: globs on who sells it.
        meters: globs on meters: `input`, `output*`.
        min_pct: the least step in per cent from the value told last.
        directions: `up`, `down` or `both`.
        verdicts: which verdicts are told of.
        digest: after each `sync`, or `weekly`.
        weekday: the day from which a weekly digest is due (UTC).
        immediate: globs of models that do not wait for the week's digest.
        only_moves: whether a mail waits until a price moved, or a move that was told
            is taken back; everything else comes with it.
        empty: whether a mail comes even if there is nothing to tell.
        mix: tokens (or other units) a month by `provider/model` and meter.
        limit: how many lines a section may have; the rest is attached.
        since: nothing seen before this day is news, whenever it was set; else a week
            before the first digest.
    """

    name: Annotated[str, AfterValidator(_name)]
    to: tuple[Recipient, ...] = ()
    models: tuple[str, ...] = ("*",)
    providers: tuple[str, ...] = ("*",)
    meters: tuple[str, ...] = ("*",)
    min_pct: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    directions: Direction = "both"
    verdicts: tuple[Verdict, ...] = ("move", "correction", "flap", "held")
    digest: Literal["sync", "weekly"] = "sync"
    weekday: Weekday = "monday"
    immediate: tuple[str, ...] = ()
    only_moves: bool = False
    empty: bool = False
    mix: dict[str, dict[str, Annotated[Decimal, Field(ge=0, le=MOST)]]] = Field(
        default_factory=dict
    )
    limit: int = Field(default=25, ge=1, le=500)
    since: date | None = None

    @property
    def recipients(self) -> tuple[str, ...]:
        """Whom a letter goes to: one for each address, however often it is named."""
        found: dict[str, str] = {}
        for to in self.to:
            found.setdefault(bare(to).casefold(), to)
        return tuple(found.values())


class Site(Protocol):
    """The part of the web page's settings that mail needs."""

    @property
    def url(self) -> str:
        """Where readers reach it, with a slash at its end; empty if nowhere."""


class Configured(Protocol):
    """The part of a configuration that mail needs."""

    @property
    def web(self) -> Site:
        """Where the web page is."""

    @property
    def mail(self) -> Mail:
        """How mail leaves."""

    @property
    def subscriptions(self) -> Mapping[str, Subscription]:
        """Who is told of what, by name."""
