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

SANS = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"


def colours(look: str, count: int) -> list[str]:
    """So many colours, the same ones again if they run out."""
    inks = PALETTES[look]
    return [inks[n % len(inks)] for n in range(count)]


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
