"""What may stand in the configuration file: typed, checked, and nothing else."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from tracker.config import ConfigError
from tracker.config.faults import told, told_as
from tracker.config.site_url import site_url
from tracker.config.spans import span
from tracker.domain import slots
from tracker.domain.errors import UsageError
from tracker.reports.settings import Mail, Recipient, Subscription
from tracker.sources import crawl_settings
from tracker.sources.crawl_settings import CrawlSettings
from tracker.sources.registry import SOURCES, source_named

OFF = "off"
"""What stands for the cadence of a source that is not to be read."""
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=366)

Span = Annotated[timedelta, BeforeValidator(span)]


class Section(BaseModel):
    """A table of the file: nothing may be changed, nothing may stand besides."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(Section):
    """Where the history is kept; `url` as after --db."""

    url: str = ""


class Crawl(Section):
    """How sources are read; times as spans or in seconds, empty for the usual."""

    contact: str = ""
    delay: Span | None = None
    timeout: Span | None = None
    time_limit: Span | None = None

    @model_validator(mode="after")
    def _make_sense(self) -> "Crawl":
        try:
            CrawlSettings.from_environment(self.variables())
        except UsageError as fault:
            text = str(fault)
            for field, name in _VARIABLES.items():
                text = text.replace(name, field)
            raise ValueError(text) from None
        return self

    def variables(self) -> dict[str, str]:
        """The same as variables of the environment."""
        said = {name: getattr(self, field) for field, name in _VARIABLES.items()}
        return {name: _plain(value) for name, value in said.items() if value}


_VARIABLES = {
    "contact": crawl_settings.CONTACT,
    "delay": crawl_settings.DELAY,
    "timeout": crawl_settings.TIMEOUT,
    "time_limit": crawl_settings.SECONDS,
}


def _plain(value: str | timedelta) -> str:
    return value if isinstance(value, str) else f"{value.total_seconds():g}"


def _cadence(said: object) -> timedelta | None:
    if said == OFF:
        return None
    found = span(said)
    if not SHORTEST <= found <= LONGEST:
        raise ValueError('takes a span from "1h" to "366d", or "off"')
    return found


def _day(said: object) -> object:
    if not isinstance(said, str):
        return said
    word = said.strip().lower()
    found = [day for day in slots.DAYS if len(word) >= 3 and day.startswith(word)]
    if not found:
        raise ValueError(f"takes a day of the week such as sunday, not {said!r:.40}")
    return found[0]


class Schedule(Section):
    """When sources are read.

    Attributes:
        day: of the weekly slot.
        time: of every slot, UTC.
        cadence: how often single sources are read; None for never.
        confirm_after: how long after something was held, or a source failed, it is
            read again.
        notify: who is told by mail that a source was silent for too long.
    """

    day: Annotated[str, BeforeValidator(_day)] = "sunday"
    time: dt.time = dt.time(4, 55)
    cadence: dict[str, Annotated[timedelta | None, BeforeValidator(_cadence)]] = Field(
        default_factory=dict
    )
    confirm_after: Span = timedelta(hours=6)
    notify: tuple[Recipient, ...] = ()

    @field_validator("time")
    @classmethod
    def _whole_minutes(cls, at: dt.time) -> dt.time:
        if at.tzinfo is not None or at.second or at.microsecond:
            raise ValueError('takes hours and minutes in UTC, such as "04:55"')
        return at

    @field_validator("cadence")
    @classmethod
    def _known_names(
        cls, said: dict[str, timedelta | None]
    ) -> dict[str, timedelta | None]:
        for name in said:
            try:
                source_named(name)
            except UsageError as fault:
                raise ValueError(str(fault)) from None
        return said

    @field_validator("confirm_after")
    @classmethod
    def _within_days(cls, after: timedelta) -> timedelta:
        if not timedelta(minutes=10) <= after <= timedelta(days=7):
            raise ValueError('takes a span from "10m" to "7d"')
        return after

    def calendar(self) -> slots.Calendar:
        """The slots of all sources that are to be read."""
        usual = {n: s.cadence for n, s in SOURCES.items() if not s.on_demand}
        wanted = {n: c for n, c in {**usual, **self.cadence}.items() if c is not None}
        return slots.calendar(self.day, self.time, wanted)


class Web(Section):
    """The web page: where readers reach it, and where `serve` listens.

    Attributes:
        url: what mail, feeds and channels link to, with a slash at its end; empty if
            there is no page.
        host: the name or address of this machine that `serve` listens at.
        port: its port; 0 for any that is free.
    """

    url: Annotated[str, AfterValidator(site_url)] = ""
    host: str = Field(default="127.0.0.1", pattern=r"^[!-~]{1,253}$")
    port: int = Field(default=8321, ge=0, le=65535)

    def below(self, said: Mapping[str, object], names: Mapping[str, str]) -> "Web":
        """The section with what is said elsewhere instead.

        Args:
            said: settings.
            names: what each is called there.

        Raises:
            UsageError: one of them makes no sense; the message has its name.
        """
        try:
            return Web.model_validate({**self.model_dump(), **said})
        except ValidationError as fault:
            raise UsageError(told_as(fault, names)) from None


class Config(Section):
    """The whole file.

    Attributes:
        subscriptions: by name, who is told of what.
    """

    database: Database = Database()
    crawl: Crawl = Crawl()
    schedule: Schedule = Schedule()
    web: Web = Web()
    mail: Mail = Mail()
    subscriptions: dict[str, Subscription] = Field(default_factory=dict)

    @field_validator("subscriptions", mode="before")
    @classmethod
    def _named(cls, said: object) -> object:
        """Each by the name that stands in its heading."""
        if not isinstance(said, dict):
            return said
        return {
            n: {**s, "name": n} if isinstance(s, dict) else s for n, s in said.items()
        }


def read(path: Path | None) -> Config:
    """The settings in a file, or without one those that come by themselves.

    Raises:
        ConfigError: the file cannot be read, or something in it makes no sense.
    """
    if path is None:
        return Config()
    try:
        return Config.model_validate(document(path))
    except ValidationError as fault:
        raise ConfigError(str(path), told(fault, Config)) from None


def document(path: Path) -> dict[str, Any]:
    """What stands in a file, unchecked.

    Raises:
        ConfigError: it cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as fault:
        raise ConfigError(str(path), [fault.strerror or "not to be read"]) from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), ["it is no text in UTF-8"]) from None
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        reason = str(fault).split("\n", maxsplit=1)[0]
        raise ConfigError(str(path), [f"it is no TOML: {reason:.200}"]) from None
