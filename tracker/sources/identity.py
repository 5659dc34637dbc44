"""Which names are one offer: the reviewed table of aliases that ships as data.

Rules of each source give most offers their name; this table holds what no rule can
know, each row with the reason. A snapshot and a moving alias of it are two offers:
the alias may point elsewhere tomorrow.
"""

import csv
import io
import zlib
from dataclasses import replace
from functools import cache
from importlib.resources import files

from tracker.domain.offers import Offer

TABLE = "aliases.csv"


@cache
def _text() -> str:
    return files("tracker.sources").joinpath(TABLE).read_text("utf-8")


@cache
def checksum() -> int:
    """Of the table: history that was mapped by another one is mapped anew."""
    return zlib.crc32(_text().encode())


@cache
def aliases() -> dict[tuple[str, str], str]:
    """The model meant, by provider and name."""
    rows = csv.DictReader(io.StringIO(_text()))
    return {(row["provider"], row["name"]): row["model"] for row in rows}


def canonical(offer: Offer) -> Offer:
    """The offer under the name by which all sources know it."""
    model = aliases().get((offer.provider, offer.model))
    return offer if model is None else replace(offer, model=model)
