"""How charts look: colours by day and by night, shapes of changes, type."""

from typing import Any

Json = dict[str, Any]

PALETTES = {
    "light": ("#2563eb", "#0f9d76", "#d9480f", "#8b3fd9", "#a97600", "#d6277b"),
    "dark": ("#79a8ff", "#4cd3a5", "#ff9a66", "#c69cff", "#e0bd4a", "#ff8abf"),
    "page": tuple(f"var(--line-{n})" for n in range(1, 7)),
}
"""Colours of lines, told apart also by most who see colours differently."""

INKS = {
    "light": {
        "paper": "#ffffff",
        "ink": "#1f2328",
        "pale": "#667080",
        "grid": "#e7e9ec",
        "band": "#f3f4f6",
    },
    "dark": {
        "paper": "#14171c",
        "ink": "#e8eaed",
        "pale": "#9aa4b2",
        "grid": "#2a2f37",
        "band": "#1e2229",
    },
    "page": {
        name: f"var(--chart-{name})"
        for name in ("paper", "ink", "pale", "grid", "band")
    },
}
"""Colours of all else. Those of a page are variables of its style sheet, so that one
picture serves both looks."""

SHAPES = {
    "move": "circle",
    "correction": "diamond",
    "flap": "triangle-up",
    "held": "cross",
    "other source": "square",
    "unjudged": "triangle-down",
}
"""How a change is drawn, by its verdict."""

OUTLINES = {
    "move": "M4.2,0A4.2,4.2,0,1,1,-4.2,0A4.2,4.2,0,1,1,4.2,0Z",
    "correction": "M0,-5.2L4,0L0,5.2L-4,0Z",
    "flap": "M0,-4.4L5,4.2L-5,4.2Z",
    "held": "M-1.7,-4.6H1.7V-1.7H4.6V1.7H1.7V4.6H-1.7V1.7H-4.6V-1.7H-1.7Z",
    "other source": "M-4,-4H4V4H-4Z",
    "unjudged": "M0,4.4L5,-4.2L-5,-4.2Z",
}
"""The same shapes as paths around the origin, for a key outside the picture."""

SANS = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"


WORDS = tuple(f"var(--word-{n}, var(--line-{n}))" for n in range(1, 7))
"""The colours of lines in a page, for words: these must differ more from the paper."""


def colours(look: str, count: int) -> list[str]:
    """So many colours, the same ones again if they run out."""
    inks = PALETTES[look]
    return [inks[n % len(inks)] for n in range(count)]


def bare(look: str, letters: float) -> Json:
    """How a picture looks that is part of a page: the page tells it to those who
    don't see it, and sets its type.

    Args:
        look: a name in `INKS`.
        letters: how high letters are.
    """
    whole = config(look)
    axis = {**whole["axis"], "labelFontSize": letters - 1}
    return {
        "aria": False,
        "background": None,
        "font": "sans-serif",
        "view": whole["view"],
        "axis": axis,
        "axisX": {"grid": False, "domain": True, "domainColor": INKS[look]["grid"]},
    }


def config(look: str) -> Json:
    """The part of a specification that says how all of it looks."""
    ink = INKS[look]
    return {
        "background": ink["paper"],
        "padding": 20,
        "font": SANS,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "group",
            "fontSize": 19,
            "offset": 26,
            "color": ink["ink"],
            "subtitleColor": ink["pale"],
            "subtitleFontSize": 12.5,
            "subtitlePadding": 6,
            "fontWeight": 600,
        },
        "axis": {
            "labelColor": ink["pale"],
            "gridColor": ink["grid"],
            "domain": False,
            "ticks": False,
            "labelPadding": 8,
            "labelFontSize": 12,
            "labelLimit": 0,
            "titleColor": ink["pale"],
        },
        "axisX": {
            "grid": False,
            "domain": True,
            "domainColor": ink["grid"],
            "titleFontWeight": 400,
            "titleFontSize": 11,
            "titlePadding": 12,
            "titleAnchor": "start",
            "titleAlign": "left",
        },
    }
