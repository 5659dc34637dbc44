"""The judge's rules: each looks at one change and finds one thing, or nothing.

They are tried in the order of `RULES`. None of them knows a model's name; the
cases they come from are named in their tests.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from tracker.domain.chronicle import (
    Chronicle,
    Period,
    Series,
    Step,
    Witness,
    price_at,
    price_before,
)
from tracker.domain.families import (
    MAKERS,
    PLATFORMS,
    ROUTERS,
    VERTEX,
    is_alias,
    is_variant,
)
from tracker.domain.meters import STANDARD, Meter, parse_meter

LARGEST_MOVE = 12.5
"""No real move of three years exceeded 12 times; beyond it lie unit errors."""

CERTAIN = 30
"""From here on no second look is needed."""

FLAP = timedelta(days=56)
ROUTED_STAY = timedelta(days=8)
"""A routed price that is gone again by the next weekly capture never settled."""

BIRTH = timedelta(days=16)
"""Two weekly captures: as long as a launch is repaired."""

TOGETHER = timedelta(days=45)
"""Within this time sellers of one model follow each other."""

NOISE = 0.002
ROUNDING = 0.07
MARKUPS = (1.1, 1.2, 1.2 / 1.1, 1.21, 1.3)
"""What one region charges over another: 10 % on Azure's data zones and AWS's
regional profiles, 20 % in GovCloud, 21 % in Tokyo, 30 % in some EU regions."""

SAME = 0.02
"""Two sources state one price if they are this close: 0.31 and 0.3125."""


@dataclass(frozen=True)
class Case:
    """A change with its surroundings.

    Attributes:
        step: the change.
        book: everything that was said.
        hindsight: whether what came after it may be looked at.
    """

    step: Step
    book: Chronicle
    hindsight: bool = True

    @cached_property
    def series(self) -> Series:
        """The meter's periods."""
        return self.book.of(self.step.source, self.step.key, self.step.meter)

    @cached_property
    def place(self) -> int:
        """Where in the series the new price begins."""
        starts = [period.start for period in self.series]
        return starts.index(self.step.at)

    @property
    def now(self) -> Period:
        """The period the change opened."""
        return self.series[self.place]

    @property
    def was(self) -> Period:
        """The period it closed."""
        return self.series[self.place - 1]

    @property
    def next(self) -> Period | None:
        """The period after it, if that may be known."""
        later = self.series[self.place + 1 : self.place + 2]
        return later[0] if later and self.hindsight else None

    @cached_property
    def before(self) -> dict[str, int]:
        """The key's card just before."""
        step = self.step
        return self.book.card_before(step.source, step.key, step.at)

    @cached_property
    def after(self) -> dict[str, int]:
        """The key's card from then on."""
        return self.book.card(self.step.source, self.step.key, self.step.at)

    @cached_property
    def meter(self) -> Meter:
        """The meter, taken apart."""
        return parse_meter(self.step.meter)

    @cached_property
    def provider(self) -> str:
        """Who sells it."""
        return self.book.offers[self.step.source, self.step.key].provider

    @cached_property
    def witnesses(self) -> list[Witness]:
        """What other sources say."""
        return self.book.witnesses(self.step)

    def twin(self, **parts: object) -> str:
        """The key of the same meter with some parts changed."""
        meter = self.meter
        given = {
            "component": meter.component,
            "unit": meter.unit,
            "tier": meter.tier,
            "context_above": meter.context_above,
            "qualifiers": meter.qualifiers,
        }
        return Meter(**{**given, **parts}).key  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict, its reason, what it rests on, and since when the price held."""

    verdict: str
    reason: str = ""
    confidence: float = 0.6
    evidence: Mapping[str, str] = field(default_factory=dict)
    effective_at: datetime | None = None


Rule = Callable[[Case], Finding | None]


def _correction(reason: str, confidence: float, **evidence: str) -> Finding:
    return Finding("correction", reason, confidence, evidence)


def placeholder(case: Case) -> Finding | None:
    """The first price that is not zero, at any age: zero stood for "not known"."""
    earlier = case.series[: case.place]
    if case.step.old == 0 and all(period.nano == 0 for period in earlier):
        return _correction("placeholder_filled", 0.9, before="never above zero")
    return None


def unit_error(case: Case) -> Finding | None:
    """Larger than any real move: somebody's unit was wrong."""
    ratio = case.step.ratio
    if case.step.old == 0:
        return None
    factor = max(ratio, 1 / ratio) if ratio else float("inf")
    if factor <= LARGEST_MOVE:
        return None
    sure = 0.95 if factor >= CERTAIN else 0.7
    return _correction("unit_error", sure, factor=f"{factor:.4g}")


def rounding(case: Case) -> Finding | None:
    """One number is a rounded form of the other, or noise of a conversion."""
    old, new = case.step.old, case.step.new
    if not old or not new:
        return None
    off = abs(new / old - 1)
    if off <= NOISE:
        return _correction("rounding", 0.9, difference=f"{off:.3%}")
    short, long = sorted((old, new), key=_digits)
    shorter = _digits(short) < _digits(long)
    if off < ROUNDING and shorter and _rounded(long, _digits(short)) == short:
        return _correction("rounding", 0.7, to=f"{_digits(short)} digits")
    return None


def _digits(nano: int) -> int:
    return len(str(nano).rstrip("0"))


def _rounded(nano: int, digits: int) -> int:
    step: int = 10 ** max(0, len(str(nano)) - digits)
    return (nano + step // 2) // step * step


def tenfold(case: Case) -> Finding | None:
    """Ten times or a tenth is a slip of the point, unless an alias now points at
    another model: then the new card is another listed key's, to the digit.
    """
    ratio = case.step.ratio
    if not any(abs(ratio / slip - 1) < 0.001 for slip in (10, 0.1)):
        return None
    if is_alias(case.step.key) and _redirected(case):
        return None
    return _correction("unit_error", 0.8, factor=f"{ratio:.4g}")


def _redirected(case: Case) -> bool:
    card = case.after.get("input"), case.after.get("output")
    source, at = case.step.source, case.step.at
    for key in case.book.by_provider[source, case.provider]:
        other = (
            price_at(case.book.of(source, key, "input"), at),
            price_at(case.book.of(source, key, "output"), at),
        )
        if key != case.step.key and other == card and None not in card:
            return True
    return False


def swapped(case: Case) -> Finding | None:
    """Input and output changed places, or stood the wrong way up."""
    component = {"input": "output", "output": "input"}.get(case.meter.component)
    if component is None:
        return None
    other = case.twin(component=component)
    if (case.before.get(other), case.after.get(other)) == (
        case.step.new,
        case.step.old,
    ):
        return _correction("column_slip", 0.9, swapped_with=other)
    plain = [(card.get("input"), card.get("output")) for card in _cards(case)]
    if case.step.meter in ("input", "output") and all(a and b for a, b in plain):
        (old_in, old_out), (new_in, new_out) = plain
        if ((old_in or 0) > (old_out or 0)) != ((new_in or 0) > (new_out or 0)):
            return _correction("column_slip", 0.7, upside_down="input above output")
    return None


def _cards(case: Case) -> tuple[Mapping[str, int], Mapping[str, int]]:
    return case.before, case.after


def cache_slip(case: Case) -> Finding | None:
    """A cached price was, or became, no cheaper than the input it caches."""
    if case.meter.component != "cache_read":
        return None
    full = case.twin(component="input")
    old, new = case.before.get(full), case.after.get(full)
    if not old or not new:
        return None
    if (case.step.old >= old) != (case.step.new >= new):
        return _correction("column_slip", 0.8, beside=full)
    return None


def flap(case: Case) -> Finding | None:
    """A value left for another and taken again within eight weeks: both legs."""
    step, was, now = case.step, case.was, case.now
    routed = case.provider in ROUTERS
    if case.place >= 2:
        first = case.series[case.place - 2]
        back = first.nano == step.new and step.at - was.start <= FLAP
        if back and (routed or not _shown(case, step.old, was.start, step.at)):
            return _flap("back", was.start)
    later = case.next
    if later is not None and now.end == later.start and later.nano == step.old:
        short = later.start - now.start <= FLAP
        if short and (routed or not _shown(case, step.new, now.start, later.start)):
            return _flap("undone", later.start)
    return _routed_flap(case) if routed else None


def _flap(leg: str, at: datetime) -> Finding:
    return Finding("flap", "flap", 0.85, {leg: at.date().isoformat()})


def _routed_flap(case: Case) -> Finding | None:
    """A router's price between two visits of one value, or gone within days."""
    step = case.step
    earlier = [p for p in case.series[: case.place] if _ended_within(p, step.at)]
    later = case.series[case.place :] if case.hindsight else (case.now,)
    near = {p.nano for p in later if p.start - step.at <= FLAP}
    if any(p.nano in near for p in earlier):
        return Finding("flap", "flap", 0.75, {"routed": "visited before and after"})
    end = case.now.end if case.hindsight else None
    if end is not None and end - case.now.start <= ROUTED_STAY:
        return Finding("flap", "flap", 0.6, {"routed": "gone by the next capture"})
    return None


def _ended_within(period: Period, at: datetime) -> bool:
    return period.end is not None and at - period.end <= FLAP


def _shown(case: Case, nano: int, start: datetime, end: datetime) -> bool:
    """Whether a source that speaks of this very offer showed a value then."""
    return any(
        p.nano == nano and p.start < end and (p.end is None or p.end > start)
        for witness in case.witnesses
        if witness.direct
        for p in witness.series
    )


def modality_slip(case: Case) -> Finding | None:
    """The text price stood, or now stands, in an audio or image field."""
    if case.meter.unit not in ("audio_token", "image_token"):
        return None
    text = case.twin(unit="token")
    old, new = case.before.get(text), case.after.get(text)
    if old != new or old is None:
        return None
    if case.step.old == old or case.step.new == new:
        return _correction("column_slip", 0.7, text_price=text)
    return None


def column_slip(case: Case) -> Finding | None:
    """The old value is another column's: the output price in the input field, or
    the long-context price in the plain one.
    """
    step = case.step
    if step.meter == "input" and step.ratio <= 1 / 3:
        out = case.before.get("output"), case.after.get("output")
        if out == (step.old, step.old):
            return _correction("column_slip", 0.7, column="output")
    if case.meter.context_above or case.meter.tier in ("batch", "flex"):
        return None
    for meter, nano in case.before.items():
        same = nano == step.old and case.after.get(meter) == nano
        if same and meter != step.meter and _long_context(case.meter, meter):
            return _correction("column_slip", 0.7, column=meter)
    return _slip_seen_at_peer(case) if case.meter.tier == STANDARD else None


def _long_context(mine: Meter, other: str) -> bool:
    its = parse_meter(other)
    alike = (its.component, its.unit, its.qualifiers) == (
        mine.component,
        mine.unit,
        mine.qualifiers,
    )
    return alike and its.context_above > 0 and its.tier not in ("batch", "flex")


def _slip_seen_at_peer(case: Case) -> Finding | None:
    """Another seller of the model has the new price here, the old one above."""
    step, source = case.step, case.step.source
    for key in case.book.peers(step):
        if price_before(case.book.of(source, key, step.meter), step.at) != step.new:
            continue
        for meter, nano in case.book.card_before(source, key, step.at).items():
            plain = parse_meter(meter).tier == STANDARD
            if nano == step.old and plain and _long_context(case.meter, meter):
                return _correction("column_slip", 0.65, column=meter, seen_at=key)
    return None


def guessed(case: Case) -> Finding | None:
    """A tier's price moved alone: it had been derived from the standard one."""
    names = tuple(pair for pair in case.meter.qualifiers if pair[0] != "ttl")
    if case.meter.tier == STANDARD and names == case.meter.qualifiers:
        return None
    base = case.twin(tier=STANDARD, qualifiers=names)
    old, new = case.before.get(base), case.after.get(base)
    if old is not None and old == new:
        return _correction("guessed", 0.65, unmoved=base)
    return None


def region_mixup(case: Case) -> Finding | None:
    """A region's surcharge put on, or taken off, another region's key, while the
    maker's own price stood still.
    """
    ratio = case.step.ratio
    if case.provider not in PLATFORMS or not case.step.old:
        return None
    if not any(
        abs(ratio / m - 1) < 0.004 or abs(ratio * m - 1) < 0.004 for m in MARKUPS
    ):
        return _other_regions_price(case)
    makers = case.book.makers_peers(case.step)
    if case.book.moved_alike(case.step, makers, TOGETHER, timedelta(0)):
        return None
    return _correction("copied", 0.75, surcharge=f"{max(ratio, 1 / ratio):.4g}")


def _other_regions_price(case: Case) -> Finding | None:
    """Other regions of the model stated the old and the new price all the time."""
    step, source = case.step, case.step.source
    offer = case.book.offers[source, step.key]
    olds = news = False
    for key in case.book.by_provider[source, offer.provider]:
        if key == step.key or case.book.offers[source, key].model != offer.model:
            continue
        series = case.book.of(source, key, step.meter)
        said = {period.nano for period in series}
        olds = olds or step.old in said
        steady = bool(series) and series[0].start <= case.was.start
        now = price_at(series, step.at) == step.new
        news = news or (steady and now and step.old not in said)
    if olds and news:
        return _correction("copied", 0.7, of="another region")
    return None


def left_the_list_price(case: Case) -> Finding | None:
    """A cloud's price of audio or images leaves the maker's, which stands still.

    It had been copied. (Text prices of clouds often move before the maker's.)
    """
    step, source = case.step, case.step.source
    media = case.meter.unit in ("audio_token", "image_token")
    if case.provider not in PLATFORMS or not media:
        return None
    for key in case.book.makers_peers(step):
        series = case.book.of(source, key, step.meter)
        if price_before(series, step.at) == price_at(series, step.at) == step.old:
            return _correction("copied", 0.6, of=key)
    return None


def copied_from_parent(case: Case) -> Finding | None:
    """A variant was born with the price of the model it is named after."""
    step, source = case.step, case.step.source
    model = case.book.offers[source, step.key].model
    alike = case.book.priced_alike.get(
        (source, case.provider, step.meter, step.old), ()
    )
    for key in alike:
        parent = case.book.offers[source, key].model
        if key == step.key or not is_variant(model, parent):
            continue
        series = case.book.of(source, key, step.meter)
        if price_before(series, step.at) == price_at(series, step.at) == step.old:
            return _correction("copied", 0.65, of=key)
    return None


def contradicted(case: Case) -> Finding | None:
    """A witness that covered the old value's whole life never said it, and said
    the new one.
    """
    born = case.was.earliest
    if born is None:
        return None
    for witness in case.witnesses:
        said = [p for p in witness.series if p.start <= case.step.at]
        if not said or said[0].start > born or _says(said, case.step.old):
            continue
        if _within_its_range(case, said) or not _says(said, case.step.new, exact=True):
            continue
        return _correction("contradicted", 0.8, by=witness.source)
    return _contradicted_by_maker(case, born)


def _says(series: list[Period], nano: int, *, exact: bool = False) -> bool:
    if exact:
        return any(period.nano == nano for period in series)
    return any(abs(period.nano - nano) <= SAME * nano for period in series)


def _within_its_range(case: Case, said: list[Period]) -> bool:
    """A router passes through values between two looks at it."""
    if case.provider not in ROUTERS:
        return False
    low, high = min(p.nano for p in said), max(p.nano for p in said)
    return 0.67 * low <= case.step.old <= 1.5 * high


def _contradicted_by_maker(case: Case, born: datetime) -> Finding | None:
    """On a cloud that sells at list price: the maker's own key in the same source
    never had the old price and had the new one.
    """
    step = case.step
    if case.provider not in PLATFORMS or is_alias(step.key):
        return None
    for key in case.book.peers(step):
        seller = case.book.offers[step.source, key].provider
        if seller not in MAKERS and seller != VERTEX:
            continue
        said = [
            p for p in case.book.of(step.source, key, step.meter) if p.start <= step.at
        ]
        never = said and said[0].start <= born and not _says(said, step.old)
        if never and _says(said, step.new, exact=True):
            return _correction("contradicted", 0.65, by=key)
    return None


def late(case: Case) -> Finding | None:
    """A witness left the old price for the new one before: the move is that old."""
    dates = []
    for witness in case.witnesses:
        said = [p for p in witness.series if p.start <= case.step.at]
        old = [p for p in said if abs(p.nano - case.step.old) <= SAME * case.step.old]
        new = [p for p in said if p.nano == case.step.new]
        if old and new and old[0].start < new[-1].start:
            dates.append((min(p.start for p in new), witness.source))
    if not dates:
        return None
    when, source = min(dates)
    shown = {"by": source, "on": when.date().isoformat()}
    lead = case.step.since is None or when <= case.step.since
    reason = "late" if lead else ""
    return Finding("move", reason, 0.85, shown, when if lead else None)


def launch_fix(case: Case) -> Finding | None:
    """A key's first weeks: its launch is repaired, unless the model's other
    sellers moved alike or its name is an alias.
    """
    step = case.step
    age = step.at - case.book.born(step.source, step.key)
    if age > BIRTH or is_alias(step.key):
        return None
    if case.book.moved_alike(step, case.book.peers(step), TOGETHER, BIRTH):
        return None
    return _correction("launch_fix", 0.6, age=f"{age.days} days")


def move(case: Case) -> Finding:
    """The default: the price moved. Surer the longer it has stood."""
    newest = case.book.last_at.get(case.step.source, case.step.at)
    end = case.now.end or newest
    weeks = min((end - case.now.start).days // 7, 8) if case.hindsight else 0
    agree = {
        w.source
        for w in case.witnesses
        if price_at(w.series, case.step.at) == case.step.new
    }
    confidence = min(0.95, 0.5 + 0.03 * weeks + 0.15 * len(agree))
    shown = {"stood": f"{weeks} weeks"}
    if agree:
        shown["confirmed_by"] = ", ".join(sorted(agree))
    return Finding("move", "", round(confidence, 2), shown)


RULES: tuple[Rule, ...] = (
    placeholder,
    unit_error,
    rounding,
    tenfold,
    swapped,
    cache_slip,
    flap,
    modality_slip,
    column_slip,
    guessed,
    region_mixup,
    left_the_list_price,
    copied_from_parent,
    contradicted,
    late,
    launch_fix,
    move,
)
