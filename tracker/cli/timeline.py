"""The command that tells the timeline of price changes."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import options
from tracker.cli.output import (
    Cell,
    Format,
    Row,
    broken,
    counted,
    day,
    dollars,
    emit,
    fits,
    offer_name,
    say,
    stepped,
    table,
)
from tracker.domain.errors import UsageError

if TYPE_CHECKING:
    from tracker.asking.stories import Story

TIMELINE_COLUMNS = (
    *("provider", "model", "region", "source", "source_key", "meter", "kind"),
    *("old_usd", "new_usd", "per", "pct", "previous_seen_at", "observed_at"),
    *("effective_at", "verdict", "reason", "confidence", "story"),
)
WIDE = 34
"""How wide words are where they stand beside many columns."""


class Verdict(StrEnum):
    """What a change can be found to be."""

    MOVE = "move"
    CORRECTION = "correction"
    FLAP = "flap"
    HELD = "held"


class Kind(StrEnum):
    """What can happen to a rate."""

    CHANGED = "changed"
    INTRODUCED = "introduced"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"


def changes(
    *,
    since: options.Since = None,
    until: options.Until = None,
    model: Annotated[
        str | None, typer.Option(metavar="GLOB", help="Model, key or offer; * and ?.")
    ] = None,
    provider: options.Provider = None,
    source: options.Source = None,
    meter: Annotated[str | None, typer.Option(metavar="METER")] = None,
    verdict: Annotated[
        Verdict | None, typer.Option(help="What is made of the change.")
    ] = None,
    kind: Annotated[
        Kind | None,
        typer.Option(
            help="[default for people: changed; with --stories all]",
            show_default=False,
        ),
    ] = None,
    stories: Annotated[
        bool, typer.Option("--stories", help="Changes that belong together, as one.")
    ] = False,
    min_pct: Annotated[
        float | None, typer.Option(metavar="N", help="Steps of at least N per cent.")
    ] = None,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """The timeline of price changes, oldest first."""
    from storage.reading import presence, queries
    from tracker import wiring
    from tracker.asking.catalogue import known_meter, known_model
    from tracker.asking.stories import told

    filters = {
        **wiring.span(since, until),
        "model": model,
        "provider": provider,
        "source": source,
        "meter": meter,
        "verdict": verdict,
        "kind": kind,
    }
    if min_pct is not None and not min_pct >= 0:
        raise UsageError(f"--min-pct takes 0 or more, up or down alike, not {min_pct}")
    asked = options.asked(db, provider=provider, source=source)
    with asked as store, store.reading() as connection:
        known_model(store, model)
        known_meter(store, meter)
        rows = _moved(queries.changes(connection, filters), min_pct)
        if stories and form is Format.TABLE:
            around = presence.around(connection, filters)
            renames = presence.renames(connection)
    if form is not Format.TABLE:
        emit(rows, TIMELINE_COLUMNS, form)
    elif stories:
        _tell_stories(told(rows, around, renames), len(rows))
    else:
        _tell_changes(rows, every_kind=kind is not None)


def _moved(rows: list[Row], least: float | None) -> list[Row]:
    """The rows with a step of at least so many per cent."""
    if least is None:
        return rows
    return [r for r in rows if r["pct"] is not None and abs(r["pct"]) >= least]


def _tell_changes(rows: list[Row], *, every_kind: bool) -> None:
    """One row per change; without a word about kinds, only steps between prices."""
    shown = rows if every_kind else [r for r in rows if r["kind"] == "changed"]
    headers = ["seen", "model", "meter", ">old", ">new", ">step", "verdict", "source"]
    lines = [_change_line(row) for row in shown]
    if not fits(headers, lines):
        headers = ["seen", "model, meter", ">old, new", "verdict"]
        lines = [_narrow_change(row) for row in shown]
    if lines:
        table("", headers, lines)
    left = len(rows) - len(shown)
    more = f"; {left:,} more with --kind: launches, withdrawals, returns"
    say(counted(len(shown), "change") + (more if left else ""))


def _change_line(row: Row) -> list[Cell]:
    seen = day(row["observed_at"])
    if row["previous_seen_at"]:
        seen = f"{day(row['previous_seen_at'])} … {seen}"
    step = stepped(row["old_usd"], row["new_usd"]) or row["kind"]
    old, new = dollars(row, "old_usd"), dollars(row, "new_usd")
    place = [seen, offer_name(row), row["meter"]]
    return [*place, old, new, step, _verdict(row), row["source"]]


def _narrow_change(row: Row) -> list[Cell]:
    """The same in fewer columns, for a terminal of eighty."""
    step = stepped(row["old_usd"], row["new_usd"]) or row["kind"]
    prices = [dollars(row, "old_usd"), dollars(row, "new_usd"), step]
    seen = [day(row["previous_seen_at"]), day(row["observed_at"]), row["source"]]
    seller, _, name = offer_name(row).partition("/")
    verdict = ": ".join(part for part in (row["verdict"], _words(row)) if part)
    return [seen, [f"{seller}/", name, row["meter"]], prices, verdict]


def _verdict(row: Row) -> Cell:
    """The verdict with its reason, and below it what that means."""
    verdict, reason = row["verdict"] or "", row["reason"]
    if not reason:
        return verdict
    code = verdict if reason == verdict else f"{verdict}, {reason}"
    return [code, *broken(_words(row), WIDE)]


def _words(row: Row) -> str:
    """What a verdict's reason means; nothing for a plain move."""
    from tracker.domain.judge import REASONS

    return REASONS.get(row["reason"], "") if row["reason"] else ""


def _tell_stories(stories: "list[Story]", changes: int) -> None:
    """One row per story: who, how many offers, how far, and what it means."""
    headers = ["seen", "provider", ">offers", ">step", "verdict", "because", "models"]
    headers += ["source"]
    lines = [_story_line(story) for story in stories]
    if not fits(headers, lines):
        headers = ["seen", "provider, models", ">offers", "verdict"]
        lines = [_narrow_story(story) for story in stories]
    if lines:
        table("", headers, lines)
    many = "story" if len(stories) == 1 else "stories"
    say(f"{len(stories):,} {many} of {counted(changes, 'change')}")


def _story_line(story: "Story") -> list[Cell]:
    because, about = broken(story.because, WIDE), broken(_about(story), WIDE)
    return [
        *(day(story.at), _seller(story), counted(story.offers, "offer"), _step(story)),
        *(story.verdict, because, about, story.source),
    ]


def _narrow_story(story: "Story") -> list[Cell]:
    """The same in fewer columns, for a terminal of eighty."""
    offers, steps = counted(story.offers, "offer"), _step(story).split(" … ")
    return [
        [day(story.at), story.source],
        [_seller(story), _about(story)],
        [offers, *steps],
        ": ".join(part for part in (story.verdict, story.because) if part),
    ]


def _seller(story: "Story") -> str:
    seller, *others = story.providers
    return f"{seller} and {len(others)} more" if others else seller


def _about(story: "Story") -> str:
    return ", ".join(story.names[:2]) + (", ..." if story.names[2:] else "")


def _step(story: "Story") -> str:
    """How far it went, or what happened; where steps differ, the widest two."""
    if story.plot.what != "changed":
        return story.plot.what
    ratios = sorted(
        (row["new_usd"] / row["old_usd"], row["old_usd"], row["new_usd"])
        for row in story.rows
        if row["old_usd"] and row["new_usd"] is not None
    )
    steps = dict.fromkeys(stepped(*ratios[n][1:]) for n in (0, -1) if ratios)
    return " … ".join(steps) or str(story.rows[0]["kind"])
