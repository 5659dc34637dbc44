"""The configuration: a file `pricetrail.toml`, and the environment above it.

This part is cheap to import and only finds the file; `load` reads it with pydantic,
which takes a tenth of a second, so that commands pay for it only where there is one.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.domain.errors import UsageError

if TYPE_CHECKING:
    from tracker.config.model import Config, Web
    from tracker.sources.crawl_settings import CrawlSettings

__all__ = ["ConfigError", "crawl_settings", "database_url", "find", "load", "web"]

FILE = "pricetrail.toml"
VARIABLE = "PRICETRAIL_CONFIG"
DB = "PRICETRAIL_DB"
SMTP_PASSWORD = "PRICETRAIL_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
WEB = {
    "url": "PRICETRAIL_WEB_URL",
    "host": "PRICETRAIL_WEB_HOST",
    "port": "PRICETRAIL_WEB_PORT",
}
"""The settings of `[web]`, and the variables that stand above them."""
DEFAULT_DB = "sqlite:///pricetrail.db"


class ConfigError(UsageError):
    """The configuration makes no sense.

    Args:
        where: the file.
        problems: what is wrong with it, a line each.
    """

    def __init__(self, where: str, problems: list[str]) -> None:
        more = len(problems) - 1
        rest = f" (and {more} more: pricetrail config check)" if more else ""
        super().__init__(f"{where}: {problems[0]}{rest}")
        self.problems = tuple(problems)


def find(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The configuration file: the one that PRICETRAIL_CONFIG names, else the one in
    this folder, else none.

    Raises:
        UsageError: PRICETRAIL_CONFIG names a file that is not there.
    """
    named = environ.get(VARIABLE, "").strip()
    if not named:
        return Path(FILE) if Path(FILE).is_file() else None
    if not Path(named).is_file():
        raise UsageError(f"{VARIABLE} names {named}, and there is no such file")
    return Path(named)


def load(environ: Mapping[str, str] = os.environ) -> "Config":
    """The file's settings; without a file, those that come by themselves. In `[web]`
    stands what the environment says instead.

    Raises:
        ConfigError: it cannot be read, or something in it makes no sense.
        UsageError: a variable of the web page makes no sense.
    """
    from tracker.config.model import read

    found = read(find(environ))
    said = {key: environ.get(name, "").strip() for key, name in WEB.items()}
    above = {key: text for key, text in said.items() if text}
    return found.model_copy(update={"web": found.web.below(above, WEB)})


def web(asked: Mapping[str, object], environ: Mapping[str, str] = os.environ) -> "Web":
    """Where the web page is: as asked for, else as the environment and the file say.

    Args:
        asked: settings by name, as options of a command; None is not asked for.
        environ: the environment.

    Raises:
        UsageError: something makes no sense; the message names it.
    """
    said = {key: value for key, value in asked.items() if value is not None}
    names = {key: f"--{key}" for key in WEB}
    return load(environ).web.below(said, names)


def database_url(
    asked: str | None = None, environ: Mapping[str, str] = os.environ
) -> str:
    """The database asked for, else PRICETRAIL_DB, else that of the file, else a file
    in this folder.
    """
    named = asked or environ.get(DB)
    if named or find(environ) is None:
        return named or DEFAULT_DB
    return load(environ).database.url or DEFAULT_DB


def crawl_settings(environ: Mapping[str, str] = os.environ) -> "CrawlSettings":
    """How sources are read: the file's `[crawl]`, and the environment above it.

    Raises:
        UsageError: something makes no sense; the message names it.
    """
    from tracker.sources.crawl_settings import CrawlSettings

    said = load(environ).crawl.variables() if find(environ) else {}
    above = {name: text for name, text in environ.items() if text.strip()}
    return CrawlSettings.from_environment({**said, **above})
