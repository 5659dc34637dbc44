"""What all panels of a chart share: the time axis, colours, the size of things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tracker.charts.looks import WORDS, colours
from tracker.charts.naming import cut, shortened
from tracker.charts.series import Gap, Series

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """How large a picture is, and what stands in it; sizes in units of the picture
    (a pixel of an SVG).

    Attributes:
        width: of the axes; of the whole picture if it is `bare`.
        height: of the axes, where they are the only ones.
        letters: how high most letters are.
        bare: whether the page around it has its title and key; such a picture has a
            fixed size, so that another can take its place.
        name: how many letters a line's name may have in it; longer ones are cut.
        stacked: whether a line's price stands below its name.
    """

    width: int
    height: int
    letters: float = 12
    bare: bool = False
    name: int = 200
    stacked: bool = False


PAPER = Form(760, 300)
"""A picture that stands alone."""
PAGE = Form(880, 300, letters=13, bare=True, name=30)
"""A picture in a page on a desk."""
PHONE = Form(340, 230, letters=13, bare=True, name=11, stacked=True)
"""The same where there is little room."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What all panels share.

    Attributes:
        start: where the time axis begins.
        end: where it ends.
        look: a name in `looks.INKS`.
        lines: what has a colour of its own: offers, or meters of the one offer.
        names: what each offer is called, where lines are told apart by offer.
        form: how large the picture is.
        width: how wide the axes are.
    """

    start: datetime
    end: datetime
    look: str
    lines: tuple[str, ...]
    names: Mapping[str, str]
    form: Form = PAPER
    width: int = PAPER.width

    @property
    def by_name(self) -> bool:
        """Whether lines are told apart by offer."""
        return len(self.names) > 1

    def apart(self, one: Series) -> str:
        """What a series is told apart by."""
        return one.name if self.by_name else one.meter

    def line(self, one: Series) -> str:
        """What a specification knows a series by."""
        name = self.apart(one)
        return str(self.lines.index(name)) if self.form.bare else name

    @property
    def domain(self) -> list[str]:
        """Every `line`."""
        bare = self.form.bare
        return [str(n) if bare else name for n, name in enumerate(self.lines)]

    def called(self, one: Series) -> str:
        """What a series is called where one points at it."""
        if not self.form.bare:
            return f"{one.name} {one.meter}"
        return f"{self.names[one.name]} {one.meter}" if self.by_name else one.meter

    def brief(self, one: Series) -> str:
        """The same beside its line, where there is little room."""
        if not self.by_name:
            return cut(one.meter, self.form.name)
        return shortened(self.names, self.form.name)[one.name]

    def shown(self, series: Sequence[Series]) -> list[Gap]:
        """When nobody looked at any of them, within the picture."""
        common = [(self.start, self.end)]
        for one in series:
            pairs = [(max(a, c), min(b, d)) for a, b in common for c, d in one.gaps]
            common = [(a, b) for a, b in pairs if a < b]
        return common


def iso(at: datetime) -> str:
    """An instant as the specification writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def word_colour(frame: Frame) -> Json:
    """The same for what lines are called."""
    if not frame.form.bare:
        return {"color": colour(frame)}
    scale = {"domain": frame.domain, "range": list(WORDS[: len(frame.lines)])}
    # Another channel, or the two lists of colours would be one.
    return {"fill": {**colour(frame), "scale": scale}}


def colour(frame: Frame) -> Json:
    """The encoding of lines by colour, the same on all layers."""
    inks = colours(frame.look, len(frame.lines))
    scale = {"domain": frame.domain, "range": inks}
    return {"field": "line", "type": "nominal", "legend": None, "scale": scale}
