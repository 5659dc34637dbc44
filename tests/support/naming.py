"""Names as people and programs give them, and what files take them for."""

from collections.abc import Sequence
from typing import Any

from storage.reading import selling
from tracker.web.catalogue.stock import stock
from tracker.web.pages import compare
from tracker.web.view import View

READ = """async (texts) => {
  const { lib, json, naming, names } = document.querySelector(".comparison").dataset;
  const part = (name) => import(new URL(name, document.baseURI));
  const [kit, { Names }] = [await part(lib), await part(naming)];
  const goods = await kit.load(json);
  const told = new Names(kit, goods, await (await fetch(names)).json());
  return texts.map((text) => {
    const one = told.meant(text, 5);
    if (one.row >= 0) return [goods.text(one.row), ""];
    const { past, fault } = one;
    return [past ? goods.text(past.row, past.of) : null, fault];
  });
}"""
"""What the script of the comparison takes names for: an offer, and what is wrong."""


def names_of(view: View, most: int) -> list[str]:
    """So many names at most: of models and offers of each kind, the keys of sources,
    and spellings of them that people use.
    """
    with view.store.reading() as connection:
        keys = [key for key, _ in selling.keyed(connection)]
    texts = [offer.text for offer in view.offers]
    bare = [offer.model for offer in view.offers]
    spelt = [name.upper().replace("-", " ") for name in (*texts, *bare)]
    shorter = [name[: len(name) // 2] for name in bare]
    all_ = [*keys, *texts, *bare, *spelt, *shorter]
    known = {text.strip() for text in all_} - {""}
    tame = sorted(name for name in known if name.isprintable())
    return tame[:: -(-len(tame) // most)]


def served(view: View, texts: Sequence[str]) -> list[list[Any]]:
    """What a server takes names for."""
    held, found = stock(view), []
    for text in texts:
        one = compare.meant(view, held, text)
        found.append([one.offer.text if one.offer else None, one.fault])
    return found
