"""Asks databases the questions of `history` and `price --at`, in one process.

`python -m benchmarks.asking REPEATS FILE...` prints, for each question, the seconds
of each repetition for each file. The files take turns; the functions are those
of the commands, from the name the user types to the rows to be printed.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.unit_of_work import Store

MODEL = "gpt-4o"
DAY = datetime(2025, 1, 15, tzinfo=UTC)


def history(store: "Store") -> int:
    """What `history MODEL` asks for; how many rows came."""
    from storage.reading import queries
    from tracker.asking.catalogue import find_offer

    found = find_offer(store, MODEL)
    with store.reading() as connection:
        rows = queries.history_of(connection, [found.offer], view="believed_prices")
        steps = queries.steps_of(connection, found.offer)
    return len(rows) + len(steps)


def price(store: "Store") -> int:
    """What `price MODEL --at DAY` asks for; how many rows came."""
    from storage.reading import queries
    from tracker.asking.catalogue import find_offer

    found = find_offer(store, MODEL)
    with store.reading() as connection:
        view = "believed_prices"
        rows = queries.prices_of(connection, [found.offer], view=view, at=DAY)
        facts = queries.facts_of(connection, found.offer)
    return len(rows) + len(facts)


QUESTIONS: dict[str, Callable[["Store"], int]] = {"history": history, "price": price}


def ask(repeats: int, files: list[str]) -> dict[str, dict[str, list[float]]]:
    """Seconds by question and file, the first two rounds left out."""
    from storage.unit_of_work import Store

    stores = {file: Store(f"sqlite:///{file}") for file in files}
    found: dict[str, dict[str, list[float]]] = {}
    for name, question in QUESTIONS.items():
        rows = {question(store) for store in stores.values()}
        if len(rows) != 1 or 0 in rows:
            raise RuntimeError(f"{name}: rows in the answers: {rows}")
        found[name] = {file: [] for file in files}
        for turn in range(-1, repeats):
            for file, store in stores.items():
                began = time.perf_counter()
                question(store)
                if turn >= 0:
                    found[name][file].append(time.perf_counter() - began)
    for store in stores.values():
        store.close()
    return found


if __name__ == "__main__":
    print(json.dumps(ask(int(sys.argv[1]), sys.argv[2:])))
