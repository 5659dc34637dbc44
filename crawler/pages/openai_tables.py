"""The tables of OpenAI's page as the properties of the components that draw them.

The same components stand in the page's source (MDX) and in its HTML, there as JSON.

    TextTokenPricingTables  tier, rows: [model, input, cached input, output], or with
                            cache writes before the output
    GroupedPricingTable     headings, groups: [{model, rows}]
    PricingTable            headings, rows
"""

from collections.abc import Mapping, Sequence

from crawler.pages import jsx
from crawler.pages.grid import Cell
from crawler.pages.openai_outline import WHAT, Outline
from tracker.domain.errors import UnreadableBody

TEXT = "TextTokenPricingTables"
GROUPED = "GroupedPricingTable"
PLAIN = "PricingTable"
COMPONENTS = (TEXT, GROUPED, PLAIN)

_TEXT_HEADER = ("Model", "Input", "Cached input", "Cache writes", "Output")

# Functions of the page that turn their argument into a cell.
_NOTED = {"withDataSharing": "(data sharing)", "withLegacy": "(legacy)"}

Properties = Mapping[str, jsx.Value]


def add(outline: Outline, component: str, properties: Properties) -> None:
    """Add the table of one component.

    Raises:
        UnreadableBody: it has not the properties it should have.
    """
    where = f"{component} under {outline.section!r}"
    if component == TEXT:
        tier = properties.get("tier")
        if not isinstance(tier, str) or not tier:
            raise _odd(where, "names no tier")
        rows = [_text_row(row, where) for row in _rows(properties.get("rows"), where)]
        header = [Cell(name) for name in _TEXT_HEADER]
        outline.add(header, rows, bare=True, tier=tier)
        return
    header = _cells(properties.get("headings"), where)
    if component == GROUPED:
        rows = grouped(properties.get("groups"), where)
    else:
        rows = [_cells(row, where) for row in _rows(properties.get("rows"), where)]
    outline.add(header, even(rows, len(header), where), bare=True)


def grouped(groups: jsx.Value, where: str) -> list[list[Cell]]:
    """Rows of groups, the group's name before each."""
    rows = []
    for group in _sequence(groups, where):
        if not isinstance(group, Mapping):
            raise _odd(where, "has a group that is none")
        name = _cell(group.get("model"), where)
        rows += [[name, *_cells(row, where)] for row in _rows(group.get("rows"), where)]
    return rows


def even(rows: list[list[Cell]], width: int, where: str) -> list[list[Cell]]:
    """The rows, each as wide as the header.

    Raises:
        UnreadableBody: one is not.
    """
    for row in rows:
        if len(row) != width:
            raise _odd(where, f"has a row of {len(row)} cells: {row[0].text!r}")
    return rows


def _text_row(row: jsx.Value, where: str) -> list[Cell]:
    """Cache writes came later and stand before the output, in some rows only."""
    cells = _cells(row, where)
    if len(cells) == len(_TEXT_HEADER) - 1:
        cells.insert(-1, Cell(""))
    return even([cells], len(_TEXT_HEADER), where)[0]


def _rows(value: jsx.Value, where: str) -> Sequence[jsx.Value]:
    rows = _sequence(value, where)
    if not all(isinstance(row, Sequence) and row for row in rows):
        raise _odd(where, "has a row that is none")
    return rows


def _cells(value: jsx.Value, where: str) -> list[Cell]:
    return [_cell(part, where) for part in _sequence(value, where)]


def _sequence(value: jsx.Value, where: str) -> Sequence[jsx.Value]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise _odd(where, "has not the lists it should have")
    return value


def _cell(value: jsx.Value, where: str) -> Cell:
    """A text, a number, or one of the page's own kinds of either."""
    if isinstance(value, jsx.Call) and len(value.arguments) == 1:
        value = _made(value.name, value.arguments[0], where)
    elif isinstance(value, Mapping):
        value = _kept(value, where)
    found = jsx.cell(value)
    if found is None:
        raise _odd(where, "has a cell that is no text")
    return found


def _made(function: str, argument: jsx.Value, where: str) -> jsx.Value:
    """What a call in the page's source stands for."""
    if function == "pricingHtml" and isinstance(argument, str):
        return jsx.Markup(argument)
    if function == "pricingTooltipHeading" and isinstance(argument, Mapping):
        return argument.get("label")
    if function in _NOTED:
        return f"{_cell(argument, where).text} {_NOTED[function]}"
    raise _odd(where, f"has a cell made by {function}()")


def _kept(value: Properties, where: str) -> jsx.Value:
    """The same in HTML, where the call was made already."""
    source, heading = value.get("__pricingHtml"), value.get("__pricingTooltipHeading")
    if isinstance(source, str):
        return jsx.Markup(source)
    if isinstance(heading, Mapping):
        return heading.get("label")
    raise _odd(where, "has a cell that is no text")


def _odd(where: str, what: str) -> UnreadableBody:
    return UnreadableBody(f"{WHAT}: {where} {what}")
