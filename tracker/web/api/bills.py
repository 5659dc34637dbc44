"""What usage cost, as an answer."""

from typing import Any

from tracker.billing.costing import Billed, Biller, Request, bill_rows
from tracker.billing.ledger import Revision
from tracker.billing.usage import DAY
from tracker.domain.billing import NoPrice, Unbillable, Usage, added
from tracker.domain.money import in_units
from tracker.web.api.asked import CostAsked, moment
from tracker.web.api.finding import found_model, named
from tracker.web.api.problems import Problem
from tracker.web.view import View

Row = dict[str, Any]

COLUMNS = (
    *("provider", "model", "region", "at", "part", "tokens", "meter", "rate_usd"),
    *("per", "usd", "was_usd", "source", "basis", "valid_from", "note"),
)


def cost(view: View, asked: CostAsked) -> Row:
    """A bill, at the rates of its day."""
    usage = _usage(asked)
    offer = found_model(view, asked.model).offer
    at = moment(asked.at) or view.now
    # An answer is kept for a day, so the hour counts only where it was asked for.
    hourly = asked.at is not None and len(asked.at) > DAY
    request = Request(offer, usage, at, hourly, asked.tier or "", asked.region or "")
    try:
        billed = Biller(view.store, known_at=moment(asked.known_at)).bill(request)
    except NoPrice as fault:
        raise Problem("no-price", str(fault)) from None
    except Unbillable as fault:
        raise Problem("no-such-name", str(fault), nearest=[]) from None
    rows = [{c: row.get(c) for c in COLUMNS} for row in bill_rows(billed, at)]
    return {
        "offer": named(view, billed.offer),
        "at": at,
        "usd": billed.bill.usd,
        "was_usd": _was(billed),
        "rows": rows,
        "revisions": [_told(revision) for revision in billed.revisions],
        "notes": list(billed.notes),
    }


def _usage(asked: CostAsked) -> Usage:
    if not (asked.input or asked.output):
        words = "say how much was used, with input and output"
        raise Problem("invalid-parameter", words)
    try:
        return Usage(
            asked.input,
            asked.output,
            asked.cached,
            asked.cache_write,
            asked.reasoning,
            asked.audio_in,
            asked.audio_out,
        )
    except Unbillable as fault:
        raise Problem("invalid-parameter", str(fault)) from None


def _was(billed: Billed) -> Any:
    """The sum before anything was put right; None if there is no sum."""
    if billed.bill.usd is None:
        return None
    return added((billed.bill.usd, *(r.was_usd - r.now_usd for r in billed.revisions)))


def _told(revision: Revision) -> Row:
    return {
        "part": revision.part,
        "tokens": revision.tokens,
        "was_rate_usd": in_units(revision.was.nano),
        "rate_usd": in_units(revision.now.nano),
        "was_usd": revision.was_usd,
        "usd": revision.now_usd,
        "why": revision.why,
    }
