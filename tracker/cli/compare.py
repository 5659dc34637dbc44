"""Commands that help to choose: compare and cheapest."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli import options
from tracker.cli.output import (
    Cell,
    Format,
    Row,
    broken,
    counted,
    day,
    emit,
    exact,
    say,
    stepped,
    table,
)

if TYPE_CHECKING:
    from tracker.asking.assortment import Sold
    from tracker.asking.cheapest import Ranked, Ranking
    from tracker.asking.comparing import Compared, Talk

COMPARE_COLUMNS = (
    *("provider", "model", "region", "source", "mode", "input_usd", "output_usd"),
    *("cache_read_usd", "cache_write_usd", "output_input_ratio", "conversation_usd"),
    *("max_input_tokens", "max_output_tokens", "capabilities", "last_move_at"),
    *("last_move", "cheapest_alike", "cheapest_alike_usd", "place", "alike"),
    *("deprecation_date", "rates"),
)
CHEAPEST_COLUMNS = (
    *("provider", "model", "region", "source", "blended_usd", "input_usd"),
    *("output_usd", "cache_read_usd", "max_input_tokens", "max_output_tokens"),
    *("mode", "capabilities", "free", "routed", "stale"),
)
METERS = 14
"""How many rates a table shows; the rest are in JSON and in `price`."""


def compare(
    models: Annotated[
        list[str], typer.Argument(metavar="MODEL...", help="Offers to compare.")
    ],
    *,
    tokens_in: Annotated[
        int,
        typer.Option("--in", metavar="N", min=0, help="Tokens in, of a conversation."),
    ] = 600,
    tokens_out: Annotated[
        int,
        typer.Option("--out", metavar="N", min=0, help="Tokens out, of the same."),
    ] = 200,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """Models side by side: rates, limits, capabilities, and the cheapest alike."""
    from tracker import wiring
    from tracker.asking import comparing
    from tracker.asking.catalogue import find_offer
    from tracker.domain.errors import UsageError

    talk = comparing.Talk(tokens_in, tokens_out)
    if not tokens_in + tokens_out:
        raise UsageError("a conversation needs tokens; give --in or --out some")
    with options.asked(db) as store:
        offers = list(dict.fromkeys(find_offer(store, m).offer for m in models))
        today = wiring.now().date()
        found = comparing.compare(store, offers, talk, today=today)
    if form is not Format.TABLE:
        emit([_compared_row(one, form) for one in found], COMPARE_COLUMNS, form)
        return
    headers = ["", *(f">{one.sold.offer.text}" for one in found)]
    table("USD per 1M tokens, today", headers, _lines(found, talk))
    if (left := len(_meters(found)) - METERS) > 0:
        say(f"not shown: {counted(left, 'rate')}; see: pricetrail price MODEL")


def cheapest(
    *,
    mode: Annotated[
        str, typer.Option(metavar="MODE", help="chat, embedding, completion, ...")
    ] = "chat",
    needs: options.Needs = None,
    mix: Annotated[
        str, typer.Option(metavar="IN:OUT", help="Parts of input and output tokens.")
    ] = "3:1",
    min_context: options.MinContext = None,
    provider: options.Provider = None,
    stale: Annotated[
        bool, typer.Option("--stale", help="Also from sources not read for long.")
    ] = False,
    limit: Annotated[
        int, typer.Option(metavar="N", min=0, help="So many at most; 0 for all.")
    ] = 20,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """The cheapest offers for a mix of input and output, and what they must do."""
    from tracker import wiring
    from tracker.asking.assortment import assortment, capabilities, tokens
    from tracker.asking.cheapest import Wanted, cheapest, parsed_mix

    wanted = Wanted(
        mode=mode,
        needs=capabilities(needs),
        mix=parsed_mix(mix),
        context=tokens(min_context),
        provider=provider,
        stale=stale,
    )
    with options.asked(db, provider=provider) as store:
        every = assortment(store)
    options.known_mode(mode, {m for sold in every for m in (sold.mode, sold.kind)})
    found = cheapest(every, wanted, today=wiring.now().date())
    if form is not Format.TABLE:
        ranked = [*found.paid[: limit or None], *found.free]
        emit([_ranked_row(one, form) for one in ranked], CHEAPEST_COLUMNS, form)
        return
    _show(found, mix, limit)


def _show(found: "Ranking", mix: str, limit: int) -> None:
    """The ranking for a person: what costs, what is free, what was left out."""
    shown = found.paid[: limit or None]
    if not shown and not found.free:
        say("nothing fits; ask for less, or see: pricetrail models")
    if shown:
        headers = ["offer", f">{mix}", ">input", ">output", ">context", "can", "from"]
        title = f"USD per 1M tokens, blended {mix} of input and output"
        table(title, headers, [_ranked_line(one) for one in shown])
        say(f"{len(shown)} of {counted(len(found.paid), 'offer')}, cheapest first")
    if found.free:
        names = [one.sold.offer.text for one in found.free]
        rest = f" and {len(names) - 6} more" if len(names) > 6 else ""
        say(f"stated as free: {', '.join(names[:6])}{rest}")
    if any(one.sold.routed for one in shown):
        say("routed: the price depends on who the request is passed on to")
    for reason, number in sorted(found.left_out.items()):
        say(f"left out: {counted(number, 'offer')} {reason}")


def _ranked_line(one: "Ranked") -> list[str]:
    sold = one.sold
    source = f"{sold.source}, routed" if sold.routed else sold.source
    prices = [_usd(round(one.blended, 6)), _usd(sold.input), _usd(sold.output)]
    can = _words(sold)
    return [sold.offer.text, *prices, _count(sold.context), can, source]


def _ranked_row(one: "Ranked", form: Format) -> Row:
    sold = one.sold
    return {
        **_card(sold, form),
        "blended_usd": round(one.blended, 9),
        "free": one.blended == 0,
        "routed": sold.routed,
        "stale": sold.stale,
    }


def _card(sold: "Sold", form: Format) -> Row:
    """What both commands tell a program of an offer."""
    can: Any = sorted(sold.can)
    return {
        "provider": sold.offer.provider,
        "model": sold.offer.model,
        "region": sold.offer.region,
        "source": sold.source,
        "mode": sold.mode or None,
        "input_usd": sold.input,
        "output_usd": sold.output,
        "cache_read_usd": sold.cache_read,
        "cache_write_usd": sold.cache_write,
        "max_input_tokens": sold.context,
        "max_output_tokens": sold.longest,
        "capabilities": " ".join(can) if form is Format.CSV else can,
        "deprecation_date": sold.retired_on,
    }


def _compared_row(one: "Compared", form: Format) -> Row:
    rival, cost = one.rival or (None, None)
    rates = {
        r.meter: format(r.usd.normalize(), "f") for r in one.rates if r.usd is not None
    }
    text = " ".join(f"{meter}={usd}" for meter, usd in rates.items())
    return {
        **_card(one.sold, form),
        "output_input_ratio": None if one.ratio is None else round(one.ratio, 4),
        "conversation_usd": one.talk,
        "last_move_at": one.move.at if one.move else None,
        "last_move": _moved(one) or None,
        "cheapest_alike": rival.offer.text if rival else None,
        "cheapest_alike_usd": cost,
        "place": one.place,
        "alike": one.alike,
        "rates": text if form is Format.CSV else rates,
    }


def _lines(found: "list[Compared]", talk: "Talk") -> list[list[Cell]]:
    """The rows of the comparison, a model in each column."""
    said = f"{talk.input} in, {talk.output} out"
    rates = [[meter, *(_rate(one, meter) for one in found)] for meter in _meters(found)]
    rows: list[tuple[str, Any]] = [
        ("output : input", lambda one: f"{one.ratio:.3g} : 1" if one.ratio else ""),
        (said, lambda one: _usd(one.talk)),
        ("context", lambda one: _count(one.sold.context)),
        ("longest answer", lambda one: _count(one.sold.longest)),
        ("mode", lambda one: one.sold.mode),
        ("can", lambda one: broken(_words(one.sold), 26)),
        ("last move", lambda one: _moved(one).split(": ") if one.move else "none seen"),
        ("place among its like", _place),
        ("cheapest alike", _rival),
        ("to be retired", lambda one: one.sold.retired_on or ""),
        ("prices from", lambda one: _source(one.sold)),
    ]
    told: list[list[Cell]] = [
        [name, *(show(one) for one in found)] for name, show in rows
    ]
    first: list[list[Cell]] = [[*row] for row in rates[:METERS]]
    return [*first, *(row for row in told if any(row[1:]))]


def _meters(found: "list[Compared]") -> list[str]:
    """Every meter that one of them has; plain ones first."""
    from tracker.domain.meters import meter_place

    meters = {rate.meter for one in found for rate in one.rates}
    return sorted(meters, key=meter_place)


def _rate(one: "Compared", meter: str) -> str:
    for rate in one.rates:
        if rate.meter == meter:
            per = "" if (rate.per or "").startswith("1M") else f"/{rate.per or '?'}"
            if rate.usd is None:
                from tracker.domain.money import in_units

                return f"{exact(in_units(rate.price_nano))} {rate.currency}{per}"
            return f"{_usd(rate.usd)}{per}"
    return "–"


def _moved(one: "Compared") -> str:
    if one.move is None:
        return ""
    steps = [f"{m} {stepped(old, new)}" for m, old, new in one.move.steps]
    return f"{day(one.move.at)}: {', '.join(steps)}"


def _place(one: "Compared") -> str:
    return f"{one.place} of {one.alike}" if one.place else ""


def _rival(one: "Compared") -> Cell:
    if one.place == 1:
        return "this one"
    if one.rival is None:
        return ""
    rival, cost = one.rival
    return [rival.offer.text, _usd(cost)]


def _source(sold: "Sold") -> str:
    return f"{sold.source} (not read for long)" if sold.stale else sold.source


def _words(sold: "Sold") -> str:
    from tracker.asking.assortment import CAPABILITIES

    return " ".join(word for word in CAPABILITIES if word in sold.can)


def _usd(value: Decimal | None) -> str:
    return "–" if value is None else f"${exact(value)}"


def _count(number: int | None) -> str:
    return f"{number:,}" if number else ""
