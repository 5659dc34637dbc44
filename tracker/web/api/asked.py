"""What can be asked: the parameters of each endpoint, and what they can be.

The same forms check a question and stand in the OpenAPI document.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from tracker.asking.assortment import CAPABILITIES
from tracker.wiring import instant

MOST = 500
"""Rows of one answer."""
USUAL = 100
"""Rows of one answer where nobody says how many."""
TOKENS = 10**12
"""Tokens of one bill, of each kind."""

_DAY = (
    "20[0-9]{2}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    "|20(?:[02468][048]|[13579][26])-02-29"
)
_TIME = "T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?Z"
_PART = "[A-Za-z0-9_.%-]+"
_CAN = f"(?:{'|'.join(CAPABILITIES)})"

NAME = r"^[^\x00]+$"
INSTANT = f"^(?:{_DAY})(?:{_TIME})?$"
METER = (
    r"^[a-z0-9_]+(?:\.[a-z0-9_]+)?(?:\+[a-z0-9_]+)?(?:@>[0-9]{1,15}[km]?)?"
    f"(?:;{_PART}=(?:{_PART})?)*$"
)
CURSOR = "^[A-Za-z0-9_-]+$"
CAN = f"^{_CAN}(?:,{_CAN})*$"
COUNT = "^[0-9]{1,12}[kKmM]?$"

WORDS = {
    NAME: "a name holds no NUL",
    INSTANT: "it is no date; write 2025-06-14 or 2025-06-14T06:00:00Z",
    METER: "it is no meter; meters look like input, cache_read, input+batch, "
    "input@>200k or output.audio_token",
    CURSOR: "it is no cursor; give the `next` of the page before, or none",
    CAN: f"it is a list such as vision,tools of: {', '.join(CAPABILITIES)}",
    COUNT: "it is no number of tokens; write 128k, 1M or 128000",
}
"""What is said to those who wrote something of another form."""


def _text(
    form: str, about: str, longest: int = 200, examples: Sequence[Any] = ()
) -> Any:
    """A parameter that is a text of one of the forms."""
    return Field(
        min_length=1,
        max_length=longest,
        pattern=form,
        description=about,
        examples=list(examples) or None,
    )


def _number(about: str, examples: Sequence[Any] = ()) -> Any:
    """A parameter that counts tokens."""
    return Field(ge=0, le=TOKENS, description=about, examples=list(examples) or None)


def _truth(value: Any) -> bool:
    if value not in ("true", "false", True, False):
        raise ValueError("it is true or false")
    return value in ("true", True)


Model = Annotated[
    str,
    _text(
        NAME,
        "An offer (`openai/gpt-4.1-mini`, `azure/gpt-4o@eu`) as in the address of its "
        "page, a source's own key for it, or a bare name, which means the maker's own "
        "offer.",
        1000,
        ["gpt-4.1-mini-2025-04-14"],
    ),
]
Meter = Annotated[str, _text(METER, "A meter's key.", 100)]
Meters = Annotated[
    list[Meter],
    Field(
        description="Only these meters; may be repeated.",
        max_length=20,
        examples=[["input", "output"]],
    ),
]
Kind = Literal["changed", "introduced", "withdrawn", "returned"]
Verdict = Literal["move", "correction", "flap", "held"]
Sort = Literal[
    "name",
    "input",
    "-input",
    "output",
    "-output",
    "context",
    "-context",
    "since",
    "-since",
]


class Asked(BaseModel):
    """A question; what it does not have a name for is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def key(self) -> str:
        """All parameters in a fixed order: the same text, the same answer."""
        return f"{sorted(self.model_dump(exclude_none=True).items())}"

    @property
    def question(self) -> str:
        """What is asked, whichever page of it."""
        given = self.model_dump(exclude_none=True, exclude={"limit", "cursor"})
        return f"{type(self).__name__}{sorted(given.items())}"


class Nothing(Asked):
    """A question without parameters."""


class Paged(Asked):
    """A question whose answer comes in pages."""

    limit: Annotated[
        int, Field(ge=1, le=MOST, description="Rows at most.", examples=[2])
    ] = USUAL
    cursor: Annotated[
        str | None,
        _text(
            CURSOR,
            "Where to go on: `next` of the page before, with the same parameters.",
            2000,
        ),
    ] = None


class ModelsAsked(Paged):
    """What the catalogue is asked."""

    provider: Annotated[str | None, _text(NAME, "Only what this provider sells.")] = (
        None
    )
    mode: Annotated[
        str | None,
        _text(NAME, "Only this kind: `chat`, `embedding`, ...", examples=["chat"]),
    ] = None
    q: Annotated[
        str | None,
        _text(
            NAME,
            "A part of the name, or a pattern with `*` and `?`.",
            examples=["gpt-4.1"],
        ),
    ] = None
    can: Annotated[
        str | None,
        _text(
            CAN,
            f"Only what can do all of these: {', '.join(CAPABILITIES)}.",
            examples=["vision,tools"],
        ),
    ] = None
    min_context: Annotated[
        str | None,
        _text(
            COUNT,
            "Only what takes at least so many input tokens: `128k`, `1M`, `200000`.",
            13,
            ["128k"],
        ),
    ] = None
    sort: Annotated[
        Sort,
        Field(
            description="By name, by a price per 1M tokens, by the most input tokens, "
            "or by when the newest price began; `-` turns it around. What has no such "
            "value comes last.",
            examples=["input"],
        ),
    ] = "name"


class PricesAsked(Paged):
    """What is asked about the prices of a model."""

    model: Model
    at: Annotated[
        str | None,
        _text(
            INSTANT,
            "As of this day or instant; today if left out.",
            20,
            ["2025-06-14"],
        ),
    ] = None
    known_at: Annotated[
        str | None,
        _text(INSTANT, "As believed at this instant; without `as_published`.", 20),
    ] = None
    meter: Meters = []
    as_published: Annotated[
        bool,
        BeforeValidator(_truth),
        Field(description="What each source said then, not what is believed now."),
    ] = False
    limit: Annotated[int, Field(ge=1, le=MOST, description="Rows at most.")] = MOST


class HistoryAsked(Paged):
    """What is asked about the past of a model."""

    model: Model
    meter: Meters = []
    source: Annotated[
        str | None,
        _text(NAME, "The periods as this source said them, not as they are believed."),
    ] = None
    since: Annotated[
        str | None, _text(INSTANT, "Periods that reach beyond this day (UTC).", 20)
    ] = None
    until: Annotated[
        str | None, _text(INSTANT, "Periods that began before this day (UTC).", 20)
    ] = None
    limit: Annotated[int, Field(ge=1, le=MOST, description="Rows at most.")] = MOST


class ChangesAsked(Paged):
    """What the timeline is asked."""

    since: Annotated[
        str | None,
        _text(INSTANT, "Changes seen from this day on (UTC).", 20, ["2025-06-08"]),
    ] = None
    until: Annotated[
        str | None,
        _text(INSTANT, "Changes seen before this day (UTC).", 20, ["2025-06-15"]),
    ] = None
    model: Annotated[
        str | None,
        _text(NAME, "A model, a source's key or an offer; `*` and `?` may stand in."),
    ] = None
    provider: Annotated[
        str | None,
        _text(NAME, "Only what this provider sells.", examples=["openai"]),
    ] = None
    source: Annotated[str | None, _text(NAME, "Only what this source said.")] = None
    meter: Annotated[str | None, _text(METER, "Only this meter.", 100)] = None
    verdict: Annotated[
        Verdict | None,
        Field(
            description="Only changes that were found to be this.", examples=["move"]
        ),
    ] = None
    kind: Annotated[Kind | None, Field(description="Only changes of this kind.")] = None
    min_pct: Annotated[
        float | None,
        Field(
            ge=0,
            le=10**9,
            allow_inf_nan=False,
            description="Only steps of at least so many per cent, up or down.",
        ),
    ] = None
    order: Annotated[
        Literal["newest", "oldest"],
        Field(
            description="Which changes come first. To follow the timeline, read the "
            "oldest first and keep the last cursor."
        ),
    ] = "newest"


class CostAsked(Asked):
    """What a bill is asked for."""

    model: Model
    input: Annotated[
        int, _number("Tokens of the prompt, all its parts together.", [800])
    ] = 0
    output: Annotated[
        int, _number("Tokens of the answer, all its parts together.", [200])
    ] = 0
    cached: Annotated[int, _number("Of the input, those read from a cache.")] = 0
    cache_write: Annotated[int, _number("Of the input, those written to a cache.")] = 0
    reasoning: Annotated[int, _number("Of the output, those of reasoning.")] = 0
    audio_in: Annotated[int, _number("Of the input, audio.")] = 0
    audio_out: Annotated[int, _number("Of the output, audio.")] = 0
    tier: Annotated[str | None, _text(NAME, "`batch`, `flex`, `priority`, ...")] = None
    region: Annotated[str | None, _text(NAME, "Where it was served.")] = None
    at: Annotated[
        str | None,
        _text(
            INSTANT,
            "The day or instant of the request; today if left out. Off-peak rates are "
            "used only where the hour is given.",
            20,
            ["2025-06-14"],
        ),
    ] = None
    known_at: Annotated[
        str | None, _text(INSTANT, "As believed at this instant.", 20)
    ] = None


def moment(text: str | None) -> datetime | None:
    """A parameter as an instant; a day is its first moment, UTC."""
    return None if text is None else instant(text)
