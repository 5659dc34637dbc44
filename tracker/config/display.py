"""The configuration as people see it: what is in force, where it comes from, and no
secret of it.
"""

import datetime as dt
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from storage.engine import masked
from tracker import config
from tracker.config.faults import is_secret
from tracker.config.model import OFF, Config, document
from tracker.config.spans import written
from tracker.sources import crawl_settings

ABOVE = {
    ("database", "url"): config.DB,
    ("crawl", "contact"): crawl_settings.CONTACT,
    ("crawl", "delay"): crawl_settings.DELAY,
    ("crawl", "timeout"): crawl_settings.TIMEOUT,
    ("crawl", "time_limit"): crawl_settings.SECONDS,
    **{("web", key): variable for key, variable in config.WEB.items()},
}
"""The settings that the environment overrides, and its variables."""
_HIDDEN = "***"


def checked(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Check the file and the environment.

    Returns:
        What is right and still worth a thought, a line each.

    Raises:
        UsageError: something makes no sense.
    """
    path, found = config.find(environ), config.load(environ)
    settings = config.crawl_settings(environ)
    notes = []
    if not settings.contact:
        notes.append(
            "no contact: the operators of the sources cannot write to you; set "
            f"[crawl] contact or {crawl_settings.CONTACT}"
        )
    if path and masked(found.database.url) != found.database.url:
        notes.append(_password_in(path))
    mail = found.mail
    if mail.server and mail.username and not environ.get(mail.password_env):
        notes.append(f"[mail] has a username, and {mail.password_env} is not set")
    return notes


def _password_in(path: Path) -> str:
    others = path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
    who = ", and others may read the file" if others else ""
    return f"[database] url holds a password{who}; {config.DB} keeps it out of files"


def shown(environ: Mapping[str, str] = os.environ) -> list[dict[str, str]]:
    """Every setting with its value and where that comes from: the file, a variable,
    or by itself.
    """
    path, found = config.find(environ), config.load(environ)
    said = document(path) if path else {}
    rows = [
        {"section": section, "setting": key, "value": _text(key, value), "from": origin}
        for section, key, value, origin in _settings(found, said, environ)
    ]
    password = found.mail.password_env
    state = "set" if environ.get(password) else "not set"
    row = {"section": "environment", "setting": password, "value": state}
    return [*rows, {**row, "from": "environment" if state == "set" else "default"}]


def _settings(
    found: Config, said: dict[str, Any], environ: Mapping[str, str]
) -> Iterator[tuple[str, str, Any, str]]:
    crawl = config.crawl_settings(environ)
    force: dict[tuple[str, str], Any] = {
        ("database", "url"): config.database_url(None, environ),
        **{("crawl", key): getattr(crawl, key) for s, key in ABOVE if s == "crawl"},
    }
    for section, key, value in _walk(found):
        variable = ABOVE.get((section, key), "")
        if environ.get(variable, "").strip():
            origin = variable
        else:
            origin = "file" if _stands_in(said, section, key) else "default"
        yield section, key, force.get((section, key), value), origin


def _walk(model: BaseModel, above: str = "") -> Iterator[tuple[str, str, Any]]:
    for name, field in type(model).model_fields.items():
        value, key = getattr(model, name), field.alias or name
        section = f"{above}.{key}" if above else key
        if isinstance(value, BaseModel):
            yield from _walk(value, section)
        elif isinstance(value, dict):
            for inner, each in value.items():
                if isinstance(each, BaseModel):
                    yield from _walk(each, f"{section}.{inner}")
                else:
                    yield section, inner, OFF if each is None else each
        else:
            yield above, key, value


def _stands_in(said: Any, section: str, key: str) -> bool:
    for part in section.split("."):
        said = said.get(part, {}) if isinstance(said, dict) else {}
    return isinstance(said, dict) and key in said


def _text(key: str, value: Any) -> str:
    if is_secret(key):
        return _HIDDEN if value else ""
    if key == "url":
        return masked(str(value))
    match value:
        case None:
            said = ""
        case dt.timedelta():
            said = written(value)
        case dt.time():
            said = f"{value:%H:%M} UTC"
        case tuple():
            said = ", ".join(map(str, value))
        case _:
            said = str(value)
    return said
