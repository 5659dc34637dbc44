"""What is answered. Fields that a view of the database has bear its column's name."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Exact = Annotated[
    str, Field(pattern=r"^-?[0-9]+(?:\.[0-9]+)?$", description="An exact decimal.")
]


def _about(words: str) -> Any:
    return Field(description=words)


class Answer(BaseModel):
    """An answer, or a part of one."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class OfferName(Answer):
    """What is sold."""

    provider: Annotated[str, _about("Who sells it.")]
    model: Annotated[str, _about("The model as it is sold.")]
    region: Annotated[str, _about("The region; empty where none is named.")]


class Named(OfferName):
    """What is sold, and where its page is."""

    name: Annotated[str, _about("`provider/model`, with `@region` where there is one.")]
    page: Annotated[str, _about("The address of its page.")]


class Price(Answer):
    """The exact price of something."""

    usd: Annotated[
        Exact | None,
        _about("Dollars per `per`; null where the currency is another."),
    ]
    price_nano: Annotated[
        int, _about("The same, exact, in billionths of the currency.")
    ]
    per: Annotated[str | None, _about("What the price is for: `1M token`, `image`.")]
    currency: str


class Period(Answer):
    """The time for which something held: `[valid_from, valid_to)`."""

    valid_from: datetime
    valid_to: Annotated[datetime | None, _about("Null: it holds now.")]


class BelievedPrice(Period, Price, OfferName):
    """A row of `believed_prices`: a period of a price as it is believed."""

    meter: Annotated[str, _about("What is billed: `input`, `output+batch`, ...")]
    basis: Annotated[
        Literal["published", "corrected", "dated"],
        _about(
            "`published` as the source said it, `corrected` where an error was put "
            "right, `dated` where another source dates it."
        ),
    ]
    source: Annotated[str, _about("The source that is followed.")]
    known_from: Annotated[datetime, _about("Since when this has been our belief.")]


class WitnessedPrice(BelievedPrice):
    """A row of `believed_prices`, with those who said the same."""

    witnesses: Annotated[
        str, _about("Other sources that stated this price meanwhile, with spaces.")
    ]


class PublishedPrice(Period, Price, OfferName):
    """A row of `price_history`: a period of a price as a source said it."""

    source: str
    source_key: Annotated[str, _about("The source's own name for the offer.")]
    meter: str
    component: str
    unit: str
    tier: str
    context_above: Annotated[
        int, _about("Tokens of context above which it holds; 0 if always.")
    ]


class BestPrice(Price, OfferName):
    """A row of `best_prices`: a rate of today, by its best source."""

    meter: str
    source: str
    sources_agreeing: Annotated[int, _about("Other sources that state this price.")]
    sources_disagreeing: Annotated[int, _about("Other sources that state another.")]


class Card(OfferName):
    """A row of `model_prices`: an offer today, by its best source; per 1M tokens."""

    source: Annotated[str, _about("Whose word this is.")]
    input_usd: Exact | None
    output_usd: Exact | None
    cache_read_usd: Exact | None
    cache_write_usd: Exact | None
    max_input_tokens: int | None
    max_output_tokens: int | None
    sources_agreeing: Annotated[
        int, _about("Other sources that state the same input and output prices.")
    ]
    sources_disagreeing: Annotated[int, _about("Other sources that state others.")]
    since: Annotated[datetime, _about("When the newest of its rates began.")]


class Change(OfferName):
    """A row of `price_timeline`: a price change with its current verdict."""

    source: str
    source_key: str
    meter: str
    kind: Literal["changed", "introduced", "withdrawn", "returned"]
    old_usd: Annotated[Exact | None, _about("The price before; null if there is none.")]
    new_usd: Annotated[Exact | None, _about("The price after; null if there is none.")]
    per: str | None
    pct: Annotated[Exact | None, _about("The step in per cent; null from zero.")]
    previous_seen_at: Annotated[
        datetime | None, _about("It happened after this instant ...")
    ]
    observed_at: Annotated[datetime, _about("... and not after this one.")]
    effective_at: Annotated[
        datetime | None, _about("Since when it holds, where somebody knows.")
    ]
    verdict: Annotated[
        Literal["move", "correction", "flap", "held"] | None,
        _about("What is made of it; only steps between two prices are judged."),
    ]
    reason: str | None
    confidence: float | None
    story: Annotated[str | None, _about("Changes with the same text belong together.")]


class Line(OfferName):
    """A line of a bill; what has no rate has no price, and `note` says why."""

    at: datetime
    part: Annotated[str, _about("`input`, `cached`, `output`, ...")]
    tokens: int
    meter: str | None
    rate_usd: Annotated[Exact | None, _about("Dollars per `per`.")]
    per: str | None
    usd: Annotated[Exact | None, _about("What the line costs, exact.")]
    was_usd: Annotated[
        Exact | None, _about("What it cost at the rate that was put right since.")
    ]
    source: str | None
    basis: str | None
    valid_from: datetime | None
    note: str | None


class Revision(Answer):
    """A line that is another one than it was, since its rate was put right."""

    part: str
    tokens: int
    was_rate_usd: Exact
    rate_usd: Exact
    was_usd: Exact
    usd: Exact
    why: str


class Said(Answer):
    """What a source says of an offer besides prices."""

    name: Annotated[str, _about("`supports_vision`, `max_input_tokens`, `mode`, ...")]
    source: str
    source_key: str
    valid_from: Annotated[datetime, _about("Since when it says so.")]


class Capability(Said):
    """Something that an offer can or cannot."""

    value: bool


class Limit(Said):
    """A number that an offer is bounded or described by."""

    value: float


class Remark(Said):
    """Anything else."""

    value: Annotated[Any, _about("A text, or JSON where the source states JSON.")]


class Source(Answer):
    """A source, and how fresh it is."""

    source: str
    last_capture_at: Annotated[datetime | None, _about("When it was last read well.")]
    version: Annotated[str | None, _about("The release that carried it, if any.")]
    captures: Annotated[int, _about("Bodies that were captured.")]
    offers: Annotated[int, _about("Offers that it states a price of now.")]
    rates: Annotated[int, _about("Prices that it states now.")]
    missing: Annotated[int, _about("Names that its last capture left out.")]
    held: Annotated[int, _about("Values that wait for review.")]
    last_outcome: str | None
    note: str | None
    home: Annotated[str, _about("Where a person can look at its prices.")]
    stale: Annotated[
        bool, _about("Unread for too long: it has no say in what is best today.")
    ]


class Page(Answer):
    """A part of a list."""

    next: Annotated[
        str | None,
        _about("The `cursor` of the next page; null: there is none."),
    ]


class ModelsAnswer(Page):
    """The catalogue."""

    rows: list[Card]


class ModelAnswer(Answer):
    """One model: its card, what it can, every rate of today, and who else sells it."""

    offer: Named
    card: Annotated[Card | None, _about("Null: it has no price today.")]
    mode: Annotated[str | None, _about("`chat`, `embedding`, ...; null: nobody says.")]
    can: Annotated[
        list[str], _about("What it can, in the words that `can` of /models takes.")
    ]
    retired_on: Annotated[str | None, _about("The day it ends, as its source says it.")]
    rates: Annotated[list[BestPrice], _about("Every rate of today.")]
    limits: Annotated[list[Limit], _about("Of each name the best source's word first.")]
    capabilities: list[Capability]
    facts: Annotated[list[Remark], _about("What else the sources say.")]
    also_sold_by: Annotated[
        list[Card], _about("Other offers of a model of this very name.")
    ]


class AboutModel(Page):
    """A list about one model."""

    offer: Named
    also: Annotated[
        list[str],
        _about("Offers of the same name by others, where a bare name was asked for."),
    ]


class PricesAnswer(AboutModel):
    """What a model costs, or cost."""

    at: Annotated[datetime | None, _about("As of when; null: now.")]
    known_at: Annotated[datetime | None, _about("As believed when; null: now.")]
    unseen: Annotated[
        bool,
        _about(
            "It had not been seen yet at `at`; these are its first prices, and it came "
            "some time before they were seen."
        ),
    ]
    retired_on: str | None
    rows: Annotated[
        list[BelievedPrice] | list[PublishedPrice],
        _about("Empty: no price is on record. With `as_published` as sources said it."),
    ]


class HistoryAnswer(AboutModel):
    """The periods of a model's prices."""

    rows: Annotated[
        list[WitnessedPrice] | list[PublishedPrice],
        _about("By meter, oldest first; with `source` as that one said it."),
    ]


class ChangesAnswer(Page):
    """A part of the timeline."""

    resume: Annotated[
        str | None,
        _about(
            "With `order=oldest`: the `cursor` that goes on after this page's last "
            "row, to be kept until more was added."
        ),
    ]
    rows: list[Change]


class CostAnswer(Answer):
    """A bill."""

    offer: Named
    at: datetime
    usd: Annotated[Exact | None, _about("The exact sum; null: a part has no rate.")]
    was_usd: Annotated[
        Exact | None, _about("The sum at the rates that were put right since.")
    ]
    rows: list[Line]
    revisions: Annotated[
        list[Revision], _about("The lines that a correction changed; not `known_at`.")
    ]
    notes: Annotated[list[str], _about("What the bill could not take into account.")]


class SourcesAnswer(Answer):
    """Every source there is."""

    rows: list[Source]


class Fault(Answer):
    """What is wrong with one parameter."""

    parameter: str
    detail: str
    nearest: Annotated[str | None, _about("The parameter that may be meant.")] = None


class Problem(BaseModel):
    """A question that has no answer (RFC 9457)."""

    type: Annotated[str, _about("An address that explains this kind of problem.")]
    title: str
    status: int
    detail: Annotated[str, _about("What is wrong with this question.")]
    instance: Annotated[str, _about("What was asked for.")]
    errors: Annotated[list[Fault], _about("What is wrong with each parameter.")] = []
    nearest: Annotated[list[str], _about("Names that may be meant.")] = []
