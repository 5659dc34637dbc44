"""Chronicles made of short stories, for the tests of the judge."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from tracker.domain.chronicle import Chronicle, Period, Step
from tracker.domain.judge import judge
from tracker.domain.offers import readings_of
from tracker.domain.rules import Finding

Told = Mapping[str, Mapping[str, str]]
DAY0 = datetime(2025, 1, 1, tzinfo=UTC)
END = DAY0 + timedelta(days=1000)


def instant(day):
    """So many days after the first capture."""
    return DAY0 + timedelta(days=int(day))


def periods(story):
    """`0:10 30:2 60:-`: 10 dollars from day 0, 2 from day 30, gone on day 60."""
    points = [point.split(":") for point in story.split()]
    ends = [instant(day) for day, _ in points[1:]] + [None]
    return tuple(
        Period(
            nano=round(float(price) * 10**9),
            currency="USD",
            start=instant(day),
            end=end,
            earliest=instant(day) - timedelta(days=7) if int(day) else None,
        )
        for (day, price), end in zip(points, ends, strict=True)
        if price != "-"
    )


def book(told: Told) -> Chronicle:
    """A chronicle: by "source provider/model@region", a story for each meter."""
    places = {tuple(name.split(" ")): card for name, card in told.items()}
    series = {
        place: {meter: periods(story) for meter, story in card.items()}
        for place, card in places.items()
    }
    found = []
    for (source, key), card in series.items():
        for meter, said in card.items():
            for was, now in pairwise(said):
                at = now.start
                found.append((source, key, meter, was.nano, now.nano, now.earliest, at))
    steps = tuple(
        Step(n, source, key, meter, old, new, "USD", since, at)
        for n, (source, key, meter, old, new, since, at) in enumerate(found)
        if old != new
    )
    offers = {place: readings_of(place[1])[-1] for place in series}
    return Chronicle(
        series, offers, steps, dict.fromkeys(("litellm", "openrouter"), END)
    )


def found(told: Told, meter="input", nth=0, *, hindsight=True) -> Finding:
    """What the first key's n-th step on a meter is found to be, with its card."""
    said = book(told)
    source, key = next(iter(said.series))
    mine = [s for s in said.steps if (s.source, s.key) == (source, key)]
    chosen = [s for s in mine if s.meter == meter][nth]
    return judge(said, mine, hindsight=hindsight)[chosen.id]


def verdict(told: Told, meter="input", nth=0, *, hindsight=True):
    """Verdict and reason."""
    finding = found(told, meter, nth, hindsight=hindsight)
    return finding.verdict, finding.reason


MOVE = ("move", "")
LATE = ("move", "late")
FLAP = ("flap", "flap")


def wrong(reason):
    """A correction for this reason."""
    return "correction", reason


def one(story, meter="input", key="acme/m", **others):
    """A key with one story."""
    return {f"litellm {key}": {meter: story, **others}}
