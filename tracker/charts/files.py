"""A chart as a file: PNG, SVG, or a page that loads nothing."""

import hashlib
import json
from html import escape
from typing import Any

from tracker.charts.looks import INKS, SANS
from tracker.domain.errors import UsageError

Json = dict[str, Any]

VEGA_LITE = "6.4"
"""The release of Vega-Lite that draws; it is part of the converter."""


def png(spec: Json, *, scale: float = 2) -> bytes:
    """The chart as a PNG image; `scale` is pixels per unit of its size.

    Raises:
        UsageError: the extra `charts` is not installed.
    """
    image: bytes = _converter().vegalite_to_png(spec, VEGA_LITE, scale=scale)
    return image


def svg(spec: Json) -> str:
    """The chart as an SVG document.

    Raises:
        UsageError: the extra `charts` is not installed.
    """
    document: str = _converter().vegalite_to_svg(spec, VEGA_LITE)
    return document


def library() -> str:
    """What draws charts in a browser, as a module that exports `vegaEmbed`; it takes a
    second or two to put together, in which nothing else of the process runs.

    Raises:
        UsageError: the extra `charts` is not installed.
    """
    bundle: str = _converter().javascript_bundle(_EXPORTED, vl_version=VEGA_LITE)
    return bundle


def library_mark() -> str:
    """Changes whenever the library does; told without putting it together.

    Raises:
        UsageError: the extra `charts` is not installed.
    """
    told = f"{_converter().__version__} {VEGA_LITE} {_EXPORTED}"
    return hashlib.sha256(told.encode()).hexdigest()[:10]


def html(spec: Json, *, dark: Json | None = None) -> str:
    """The chart as a page that loads nothing: one can point at its lines.

    Args:
        spec: the chart.
        dark: the same for readers who prefer dark pages; `spec` for all if None.

    Raises:
        UsageError: the extra `charts` is not installed.
    """
    snippet = "window.vegaEmbed = vegaEmbed;"
    library = _converter().javascript_bundle(snippet, vl_version=VEGA_LITE)
    looks = {"light": spec, "dark": dark or spec}
    # A name from a price list must not end the script that it is written in.
    values = json.dumps(looks).replace("<", "\\u003c")
    title = escape(str(spec["title"]["text"]))
    inks = {f"{look}_{n}": v for look in INKS for n, v in INKS[look].items()}
    inks |= {"picture": svg(spec)}
    inks |= {"sans": SANS, "library": library.replace("</script", "<\\/script")}
    return _PAGE.format(title=title, values=values, **inks)


_EXPORTED = "export { vegaEmbed };"


def _converter() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise UsageError(
            "charts as files need one more package; run: "
            "pip install 'pricetrail[charts]'"
        ) from None
    return vl_convert


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
img-src data: blob:; style-src 'unsafe-inline'; \
script-src 'unsafe-inline' 'unsafe-eval'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ margin: 0; background: {light_paper}; font-family: {sans}; }}
@media (prefers-color-scheme: dark) {{ body {{ background: {dark_paper}; }} }}
#chart {{ overflow-x: auto; }}
</style>
</head>
<body>
<main id="chart" role="img" aria-label="{title}"><noscript>{picture}</noscript></main>
<script type="module">{library}</script>
<script type="module">
const looks = {values};
const preference = window.matchMedia("(prefers-color-scheme: dark)");
function draw() {{
  const look = preference.matches ? "dark" : "light";
  window.vegaEmbed("#chart", looks[look], {{actions: false, renderer: "svg"}});
}}
preference.addEventListener("change", draw);
draw();
</script>
</body>
</html>
"""
