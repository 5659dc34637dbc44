"""Cells of MiniMax's tables: names of models, and what a price is for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.pages import amounts
from crawler.pages.grid import Cell, plain, squeezed
from tracker.domain.meters import Meter, tokens_number

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_DISCOUNT = re.compile(
    r" (?P<discount>(?:(?:permanent|limited[- ]time) )?\d{1,2}% off)$", re.IGNORECASE
)
_CONTEXT = re.compile(
    r" (?P<sign>[≤≥<>])=? ?(?P<limit>\d{1,5}[km]) input tokens$", re.IGNORECASE
)
_STATUS = re.compile(
    r" ?\((?P<status>beta|deprecated|discontinued|preview|retired)\)$", re.IGNORECASE
)
_ID = re.compile(r"[A-Za-z0-9][\w.+-]*")
_WORDS = re.compile(r"[A-Za-z0-9][\w.+-]*(?: [\w.+-]+){1,5}")


@dataclass(frozen=True, slots=True)
class Name:
    """A model's cell.

    Attributes:
        model: as an id; in the page's own spelling if that is one.
        below, above: tokens of a prompt for which the row's prices hold, 0 if always.
        status: such as `discontinued`.
        discount: what is said of the price before it was cut.
        odd: whether something beside the name was not understood.
    """

    model: str
    below: int = 0
    above: int = 0
    status: str = ""
    discount: str = ""
    odd: bool = False


def name_of(cell: Cell, *, is_id: bool = False) -> Name:
    """Take a model's cell apart.

    Args:
        cell: of the column of names.
        is_id: whether names there have no spaces, so that what follows is a note.
    """
    # Components with braces in their tags are left as they stand by Markdown.
    text = squeezed(_TAG.sub(" ", cell.text))
    discount, text = _off_the_end(_DISCOUNT, "discount", text)
    context = _CONTEXT.search(text.rstrip("*"))
    text = text[: context.start()] if context else text
    status, text = _off_the_end(_STATUS, "status", text.rstrip("*"))
    short = context is not None and context["sign"] in "≤<"
    limit = tokens_number(context["limit"]) if context else 0
    model, odd = _model(text, is_id=is_id)
    return Name(
        model,
        limit if short else 0,
        0 if short else limit,
        status.casefold(),
        discount,
        odd,
    )


def _off_the_end(pattern: re.Pattern[str], group: str, text: str) -> tuple[str, str]:
    """What a text ends with, and the text without it."""
    found = pattern.search(text)
    return (found[group], text[: found.start()]) if found else ("", text)


def _model(text: str, *, is_id: bool) -> tuple[str, bool]:
    """The id in a text, and whether there is more in it."""
    if _ID.fullmatch(text):
        return text, False
    if is_id and (first := _ID.match(text)):
        return first[0], True
    slug = re.sub(r"[^a-z0-9.+]+", "-", text.casefold()).strip("-")
    return slug, not _WORDS.fullmatch(text)


_CLIP = re.compile(r"per (?P<lines>\d{3,4}p), (?P<seconds>\d{1,3})s video")
_SONG = re.compile(r"/ ?up-to-(?P<minutes>\d{1,2}) minutes music")
_LINES = re.compile(
    r"(?:(?P<source>\d{3,4}p|\d{1,2}k) ?(?:→|->) ?)?(?P<to>\d{3,4}p|\d{1,2}k)"
)
_UNITS = {
    "character": Meter("input", "character"),
    "image": Meter("output", "image"),
    "request": Meter("input", "request"),
    "song": Meter("output", "song"),
}


def meter_of(after: str, *, lines: str | None, heard: bool) -> tuple[Meter, int] | None:
    """What a single price is for: meter, and units that it is for.

    Args:
        after: what follows the amount, such as `/ second`.
        lines: the resolution that the row is for, if its table has resolutions.
        heard: whether the table is of what is listened to.
    """
    text = plain(after)
    text = text.removeprefix("/") if text.startswith("/per ") else text
    if lines is None and not heard and (made := _made(text)):
        return made, 1
    per = amounts.per_of(text)
    if per is None:
        return None
    if per.unit != "second":
        meter = None if lines or heard else _UNITS.get(per.unit)
        return (meter, per.count) if meter else None
    if heard:
        return Meter("input", "second"), per.count
    return _resolved(lines, per.count) if lines else None


def _made(text: str) -> Meter | None:
    """The price of a whole clip, song or voice."""
    if clip := _CLIP.fullmatch(text):
        length = ("duration", f"{clip['seconds']}s")
        return Meter("output", "video", qualifiers=(length, _drawn(clip["lines"])))
    if song := _SONG.fullmatch(text):
        return Meter("output", "song", qualifiers=(("up_to", f"{song[1]}min"),))
    return Meter("output", "voice") if text == "per voice" else None


def _resolved(lines: str, count: int) -> tuple[Meter, int] | None:
    found = _LINES.fullmatch(plain(lines))
    if found is None:
        return None
    source = [("source", found["source"])] if found["source"] else []
    drawn = (_drawn(found["to"]), *source)
    return Meter("output", "second", qualifiers=drawn), count


def _drawn(lines: str) -> tuple[str, str]:
    return "resolution", lines


_IMAGES = re.compile(
    r"first \d{1,3} images free; (?P<money>\$\S{1,12}) per additional image"
)
_VIDEO = re.compile(
    r"billed by input video duration(?: and output video resolution| from the original "
    r"\w{1,8} task)?: (?P<list>.{1,200})"
)
_SECOND = re.compile(
    r"(?:(?P<lines>\d{3,4}p|\d{1,2}k) )?(?P<money>\$[\d.]{1,12}) ?/ ?sec(?:ond)?"
)


def material_prices(kind: str, rules: str) -> Iterator[tuple[Meter, str]]:
    """The prices, as text, of what a video is made from; none if not understood."""
    text = plain(rules)
    images = _IMAGES.fullmatch(text)
    if kind == "image" and images:
        yield Meter("input", "image"), images["money"]
    video = _VIDEO.fullmatch(text)
    stated = video["list"].split(", ") if video and kind == "video" else []
    found = [_SECOND.fullmatch(part) for part in stated]
    for second in found:
        if second and all(found):
            drawn = (_drawn(second["lines"]),) if second["lines"] else ()
            yield Meter("input", "video_second", qualifiers=drawn), second["money"]
