"""Charts of pages: a picture that needs no script, and what makes it interactive.

Both come from the one specification that mail and `pricetrail chart` draw from. Its
colours are the style sheet's variables, so that one picture serves light and dark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from tracker import charting
from tracker.charts import files, spec
from tracker.charts.series import Series
from tracker.domain.offers import Offer
from tracker.web.view import View


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart on a page.

    Attributes:
        picture: the SVG.
        spec: the specification, for the script that makes it interactive.
        title: what it is of.
        words: what it shows, in a sentence.
        series: the same as numbers, for the table behind it.
    """

    picture: Markup
    spec: dict[str, Any]
    title: str
    words: str
    series: tuple[Series, ...]


def chart_of(
    view: View, offers: Sequence[Offer], *, meters: Sequence[str] = ()
) -> Chart | None:
    """The chart of what some offers cost; None if there is nothing to draw.

    Args:
        view: the state.
        offers: what is drawn.
        meters: keys; input and output if none is named.
    """
    drawn = charting.drawing_of(view.store, offers, meters=meters, until=view.now)
    if not drawn.series:
        return None
    made = spec(drawn.series, now=view.now, look="page")
    title = ", ".join(dict.fromkeys(one.name for one in drawn.series))
    picture = Markup(files.svg(made))  # noqa: S704 - the converter escapes names
    return Chart(picture, made, title, str(made["title"]["subtitle"]), drawn.series)
