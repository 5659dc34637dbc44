"""A digest as a page of blocks: what both the text and the HTML are made from.

Whatever stands here stands in both. What does not fit is counted here, and attached.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One step in words: of a meter, or of one of several offers; `link` is where it
    stands on the web page, if there is one.
    """

    what: str
    old: str
    new: str
    step: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere; without words the address itself is shown."""

    to: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart of an offer: its bytes, and what it shows in words."""

    png: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing told.

    Attributes:
        head: what it is about.
        badge: how far it moved; empty if it did not.
        up: whether that is up.
        prices: meter by meter, or offer by offer.
        details: below, in small letters.
        page: where more of what it is about stands on the web page; empty without one.
        below: whether that is the place of what the first detail names, not the head.
        links: where the evidence can be read.
        chart: the Content-ID of its picture.
        alt: what the picture shows in words.
        width: how wide the picture is, in units of the page.
        cut: how many names and rates it only counts.
    """

    head: str
    badge: str = ""
    up: bool = False
    prices: tuple[PriceLine, ...] = ()
    details: tuple[str, ...] = ()
    page: str = ""
    below: bool = False
    links: tuple[Link, ...] = ()
    chart: str = ""
    alt: str = ""
    width: int = 0
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """Entries under a title; `left` things did not fit and are attached. `page` is
    where the web page tells more, if there is one.
    """

    title: str
    entries: tuple[Entry, ...]
    left: int = 0
    page: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A whole digest, laid out.

    Attributes:
        subject: says the news.
        span: which days it covers.
        intro: what is to be known first.
        effect: what it does to the subscriber's bill, for a large number; empty
            without a mix.
        left: how many things did not fit anywhere.
        cut: how many names and rates of what did fit are only counted.
        footer: how it came about.
        more: where all changes of the time can be read; None without a web page.
    """

    subject: str
    span: str
    intro: tuple[str, ...]
    effect: str
    blocks: tuple[Block, ...]
    left: int
    cut: int
    footer: tuple[str, ...]
    more: Link | None = None

    @property
    def whole(self) -> bool:
        """Whether everything stands in the letter, so that nothing is attached."""
        return not self.left and not self.cut
