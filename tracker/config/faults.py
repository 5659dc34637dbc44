"""What is wrong with a configuration, in words: one line for each fault."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

SECRETS = ("password", "secret", "token", "passphrase")
"""Words in a key's name that say its value is nobody's business."""


def told(fault: ValidationError, model: type[BaseModel]) -> list[str]:
    """Every fault that was found, in the order of the file's sections."""
    return [_line(error, model) for error in fault.errors(include_url=False)]


def told_as(fault: ValidationError, names: Mapping[str, str]) -> str:
    """The first fault of settings that do not come from the file.

    Args:
        fault: of a section.
        names: what its settings are called where they come from.
    """
    error = fault.errors(include_url=False)[0]
    return f"{names[str(error['loc'][0])]}: {_reason(error)}"


def is_secret(key: str) -> bool:
    """Whether a setting's value must not be shown; the name of a variable may."""
    word = key.lower()
    return not word.endswith("_env") and any(secret in word for secret in SECRETS)


def _line(error: Mapping[str, Any], model: type[BaseModel]) -> str:
    path = [str(part) for part in error["loc"]]
    if error["type"] == "extra_forbidden":
        return _unknown(path, model)
    if error["type"] in ("dict_type", "model_type"):
        return _no_table(path, model)
    return f"{_place(path)}: {_reason(error)}"


def _reason(error: Mapping[str, Any]) -> str:
    if error["type"] in ("tuple_type", "list_type"):
        return f"takes a list in brackets, such as [{_quoted(error['input'])}]"
    if error["type"] == "string_type":
        return f"takes text in quotes, not {error['input']!r}"
    reason = str(error["msg"]).removeprefix("Value error, ")
    return f"{reason[:1].lower()}{reason[1:]}"


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _unknown(path: list[str], model: type[BaseModel]) -> str:
    *above, key = path
    known = _keys(model, above)
    if is_secret(key):
        return f"{_place(path)}: secrets come from the environment, not from a file"
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    what = "no such setting" if above else "no such section or setting"
    said = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return f"{_place(path)}: {what}; {said}"


def _no_table(path: list[str], model: type[BaseModel]) -> str:
    """A value, or a list of tables, where settings of their own are expected."""
    named = get_origin(_part(model, path)) is dict
    table = ".".join([*path, "NAME"] if named else path)
    return f"{_place(path)}: this is a table of its own; write [{table}]"


def _place(path: list[str]) -> str:
    """`[schedule.cadence] openrouter`, as it stands in the file."""
    if len(path) < 2:
        return f"[{path[0]}]" if path else "the file"
    *above, key = path
    return f"[{'.'.join(above)}] {key}"


def _keys(model: type[BaseModel], path: list[str]) -> list[str]:
    """The settings that there are in a section."""
    fields = getattr(_part(model, path), "model_fields", {})
    return sorted(field.alias or name for name, field in fields.items())


def _part(model: type[BaseModel], path: list[str]) -> Any:
    """What a place in the file holds."""
    found: Any = model
    for part in path:
        fields = getattr(found, "model_fields", None)
        if fields is None:  # a table of sections, each under a name of its own
            found = get_args(found)[-1]
        else:
            found = _section(fields[part].annotation)
    return found


def _section(annotation: Any) -> Any:
    """The section behind `Mail | None`; anything else as it is."""
    if get_origin(annotation) is dict:
        return annotation
    return next((a for a in get_args(annotation) if _has_fields(a)), annotation)


def _has_fields(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
