"""Labelled price changes, and which recorded change each of them is about."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tracker.domain.chronicle import Step
from tracker.domain.fields import read_field

OWN = Path(__file__).with_name("labels.csv")
"""The labels of this folder."""

ALIASES = {
    "cached": "cache_read_input_token_cost",
    "input_above_272k": "input_cost_per_token_above_272k_tokens",
    "output_above_272k": "output_cost_per_token_above_272k_tokens",
}
"""Short names that some labels use for a field."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a person, or a rule, found a price change to be.

    `by_rule` marks labels that a rule made; a judge finds those easily. Of a
    correction `new_is_wrong` tells that an error came in, as far as its note says so.
    """

    key: str
    field: str
    date: str
    new: Decimal
    verdict: str
    reason: str
    by_rule: bool
    new_is_wrong: bool = False

    @property
    def event(self) -> tuple[str, ...]:
        """The event it belongs to: the rates of a key that moved on one day."""
        return self.key, self.date, self.verdict, self.reason

    @property
    def meter(self) -> str:
        """The meter that its field is a price of."""
        name = self.field.partition(".")[0]
        read = read_field(ALIASES.get(name, name))
        return read.meter.key if read else name


def read_labels(path: Path) -> list[Label]:
    """The labels of a file with a heading."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [_label(row) for row in csv.DictReader(lines)]


def _label(row: dict[str, str]) -> Label:
    return Label(
        key=row["key"],
        field=row["field"],
        date=row["date"],
        new=Decimal(row["new_usd_per_1m"]),
        verdict=row["verdict"],
        reason=row["reason"],
        by_rule=row.get("basis") == "rule",
        new_is_wrong=row.get("note", "").startswith("NEW value wrong"),
    )


def matched(
    labels: Iterable[Label], steps: Iterable[Step]
) -> list[tuple[Label, Step | None]]:
    """Each label with the step of litellm's that it is about, if one was recorded.

    A key's qualifiers (an image's size) may stand in the step's meter and not in
    the field's name; of several steps the one with the nearest price is meant.
    """
    by_day: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for step in steps:
        if step.source == "litellm":
            by_day[step.key, step.at.date().isoformat()].append(step)
    return [(label, _about(label, by_day[label.key, label.date])) for label in labels]


def _about(label: Label, steps: list[Step]) -> Step | None:
    meter = label.meter
    same = [s for s in steps if s.meter == meter]
    near = same or [s for s in steps if s.meter.startswith(f"{meter};")]
    nano = float(label.new) * 10**9
    return min(near, key=lambda step: abs(step.new - nano), default=None)
