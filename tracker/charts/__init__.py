"""Charts of prices over time: one Vega-Lite specification, as PNG, SVG or a page.

A price is drawn as the step it is. Its line is dashed where nobody looked, open where
nothing was sold, and marked where it changed, in the shape of the change's verdict.
"""

from tracker.charts.files import html, png, svg
from tracker.charts.series import Gap, Mark, Series, Step
from tracker.charts.spec import spec

__all__ = ["Gap", "Mark", "Series", "Step", "html", "png", "spec", "svg"]
