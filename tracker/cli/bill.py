"""What the command `cost` prints: a bill line by line, or the sums of a file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tracker.cli.output import (
    Format,
    Row,
    counted,
    day,
    emit,
    exact,
    say,
    table,
    tell,
)
from tracker.domain.errors import UsageError

if TYPE_CHECKING:
    from tracker.billing.costing import Billed, BilledRow
    from tracker.billing.ledger import Revision
    from tracker.domain.billing import Usage

LINE_COLUMNS = (
    *("provider", "model", "region", "at", "part", "tokens", "meter", "rate_usd"),
    *("per", "usd", "was_usd", "source", "basis", "valid_from", "note"),
)
ROW_COLUMNS = (
    *("row", "date", "model", "offer", "input", "output", "usd", "was_usd"),
    *("corrections", "faults", "notes"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is billed, as it was asked for."""

    model: str
    tokens: "Usage"
    tier: str
    region: str
    at: str | None


def bill_one(
    asked: Asked, known: datetime | None, db: str | None, form: Format
) -> None:
    """Print the bill of some tokens; the exit is 1 if a part has no rate."""
    from tracker import wiring
    from tracker.billing.costing import Biller, Request, bill_rows
    from tracker.billing.usage import DAY
    from tracker.domain.billing import NoPrice, Unbillable

    at = wiring.instant_if_any(asked.at) or wiring.now()
    hourly = asked.at is None or len(asked.at.strip()) > DAY
    request = Request(asked.model, asked.tokens, at, hourly, asked.tier, asked.region)
    try:
        with wiring.opened(db) as store:
            billed = Biller(store, known_at=known).bill(request)
    except NoPrice as fault:
        tell(f"pricetrail: {fault}")
        if form is not Format.TABLE:
            emit([], LINE_COLUMNS, form)
        raise typer.Exit(1) from None
    except Unbillable as fault:
        raise UsageError(str(fault)) from None
    if form is not Format.TABLE:
        emit(list(bill_rows(billed, at)), LINE_COLUMNS, form)
    else:
        _show_bill(billed, at)
    raise typer.Exit(1 if billed.bill.missing else 0)


def _show_bill(billed: "Billed", at: datetime) -> None:
    from tracker.billing.costing import bill_rows

    headers = [">tokens", "of", ">rate", "per", ">cost", "meter", "since", "source"]
    headers += ["note"]
    rows = [
        [
            *(f"{row['tokens']:,}", row["part"], _usd(row.get("rate_usd"))),
            *(row.get("per", ""), _usd(row.get("usd")), row.get("meter", "")),
            *(day(row.get("valid_from")), row.get("source", ""), row["note"]),
        ]
        for row in bill_rows(billed, at)
    ]
    table(f"{billed.offer.text}, on {day(at)}", headers, rows)
    for note in billed.notes:
        say(f"note: {note}")
    for revision in billed.revisions:
        say(f"corrected: {_told(revision)}")
    if billed.bill.usd is None:
        missing = ", ".join(gap.part for gap in billed.bill.missing)
        say(f"no total: there is no rate for {missing}")
    else:
        say(f"total {_usd(billed.bill.usd)}")


def _told(revision: "Revision") -> str:
    from tracker.domain.money import in_units

    was, now = _usd(in_units(revision.was.nano)), _usd(in_units(revision.now.nano))
    return f"{revision.part} {was} → {now} ({revision.why})"


def _usd(value: Decimal | None) -> str:
    return "–" if value is None else f"${exact(value)}"


def bill_file(path: Path, known: datetime | None, db: str | None, form: Format) -> None:
    """Print the bill of a usage file; the exit is 1 if a row has no price."""
    from tracker import wiring
    from tracker.billing import usage
    from tracker.billing.costing import Biller

    told = _Summary()
    with wiring.opened(db) as store, usage.opened(path) as file:
        rows = told.noticing(Biller(store, known_at=known).rows(file.rows))
        if form is Format.TABLE:
            for _ in rows:
                pass
            told.show()
        else:
            emit([_row(billed) for billed in rows], ROW_COLUMNS, form)
    for name in file.ignored:
        tell(f"pricetrail: the column {name} is not billed")
    if told.faults:
        count = counted(len(told.faults), "row")
        tell(f"pricetrail: {count} without a price; no part of the total")
    raise typer.Exit(1 if told.faults else 0)


def _row(billed: "BilledRow") -> Row:
    from tracker.domain.billing import added

    said, made = billed.row, billed.billed
    revised = made.revisions if made else ()
    usd = billed.usd
    change = added(r.was_usd - r.now_usd for r in revised)
    return {
        "row": said.line,
        "date": said.date,
        "model": said.model,
        "offer": made.offer.text if made else None,
        "input": said.usage.input if said.usage else None,
        "output": said.usage.output if said.usage else None,
        "usd": usd,
        "was_usd": None if usd is None else added((usd, change)),
        "corrections": "; ".join(map(_told, revised)),
        "faults": "; ".join(billed.faults),
        "notes": "; ".join(_notes(made)) if made else "",
    }


def _notes(billed: "Billed") -> Iterator[str]:
    yield from billed.notes
    for line in billed.bill.lines:
        if line.note:
            yield f"{line.part}: {line.note}"


@dataclass
class _Sum:
    """What the rows of one offer add up to."""

    rows: int = 0
    input: int = 0
    output: int = 0
    usd: Decimal = Decimal(0)


@dataclass
class _Summary:
    """What a person is told of a file's bill."""

    sums: dict[str, _Sum] = field(default_factory=dict)
    corrections: list[tuple["BilledRow", "Revision"]] = field(default_factory=list)
    faults: list[tuple[int, str, str, str]] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)

    def noticing(self, rows: "Iterable[BilledRow]") -> "Iterator[BilledRow]":
        """The same rows, taken note of as they pass."""
        for row in rows:
            usd, made = row.usd, row.billed
            if usd is None or made is None or row.row.usage is None:
                said = row.row
                why = "; ".join(row.faults)
                self.faults.append((said.line, said.date, said.model, why))
            else:
                self._add(made.offer.text, row.row.usage, usd)
                self.corrections += [(row, revision) for revision in made.revisions]
                for note in {*_notes(made)}:
                    self.notes[note] = self.notes.get(note, 0) + 1
            yield row

    def _add(self, offer: str, usage: "Usage", usd: Decimal) -> None:
        from tracker.domain.billing import added

        mine = self.sums.setdefault(offer, _Sum())
        mine.rows += 1
        mine.input += usage.input
        mine.output += usage.output
        mine.usd = added((mine.usd, usd))

    def show(self) -> None:
        """Sums by offer, corrections line by line, what is not billed, the total."""
        from tracker.domain.billing import added

        lines = [
            [name, f"{s.rows:,}", f"{s.input:,}", f"{s.output:,}", _usd(s.usd)]
            for name, s in sorted(self.sums.items(), key=lambda item: -item[1].usd)
        ]
        if lines:
            headers = ["offer", ">rows", ">input", ">output", ">cost"]
            table("", headers, lines)
        for note, count in sorted(self.notes.items()):
            say(f"note: {note} ({counted(count, 'row')})")
        self._show_corrections()
        for line, date, model, why in self.faults:
            say(f"not billed: row {line}, {date} {model}: {why}")
        total = added(s.usd for s in self.sums.values())
        count = sum(s.rows for s in self.sums.values())
        say(f"total {_usd(total)} for {counted(count, 'row')}")

    def _show_corrections(self) -> None:
        from tracker.domain.billing import added
        from tracker.domain.money import in_units

        if not self.corrections:
            return
        headers = [">row", "date", "offer", ">tokens", "of", ">was", ">is", ">by"]
        rows = []
        for row, r in self.corrections:
            offer = row.billed.offer.text if row.billed else ""
            was, now = in_units(r.was.nano), in_units(r.now.nano)
            rows.append(
                [f"{row.row.line}", row.row.date, offer, f"{r.tokens:,}", r.part]
                + [_usd(was), _usd(now), _signed(r.now_usd - r.was_usd), r.why]
            )
        table("corrected since, by line", [*headers, "why"], rows)
        change = added(r.now_usd - r.was_usd for _, r in self.corrections)
        say(f"corrections: {counted(len(rows), 'line')}, {_signed(change)}")


def _signed(value: Decimal) -> str:
    return f"{'-' if value < 0 else '+'}${exact(abs(value))}"
