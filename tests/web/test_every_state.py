"""No two states that show something else have one name, whatever was written."""

import hashlib
import json
from contextlib import closing

import pytest

from storage.stamp import stamp
from storage.unit_of_work import Store, UnitOfWork
from tests.support import maps, showroom
from tracker import wiring
from tracker.web.view import View

NOT_SHOWN = {"lease_until", "body", "reader"}
"""Columns that no page and no answer of the API is made from."""
SHOWN = (
    *("sources", "captures", "runs", "source_runs", "offers", "source_keys", "rates"),
    *("price_changes", "verdicts", "beliefs", "facts", "holds", "decisions"),
)
KEY = maps.KEY


def _name(url):
    """What a server calls the state."""
    with closing(Store(url)) as store, store.reading() as connection:
        return View(store, wiring.instant("2026-11-23"), stamp(connection)).tag


def _shown(tables):
    """What is in all rows that are shown."""
    whole = hashlib.sha256()
    with closing(tables.connect()) as connection:
        for table in SHOWN:
            found = connection.execute(f"SELECT * FROM {table} ORDER BY id")
            names = [column[0] for column in found.description]
            kept = [n for n, name in enumerate(names) if name not in NOT_SHOWN]
            for row in found:
                whole.update(repr([row[n] for n in kept]).encode())
    return whole.hexdigest()


@pytest.fixture
def states(trail, monkeypatch):
    """The states after each transaction since, as what they show by their name."""
    found = {}
    commit = UnitOfWork.commit

    def seen(work):
        """As it is, and then looked at from outside."""
        commit(work)
        found.setdefault(_name(trail.url), set()).add(_shown(trail.tables))

    monkeypatch.setattr(UnitOfWork, "commit", seen)
    return found


def _said(**fields):
    return maps.edited(maps.small_map(), KEY, **fields)


def test_every_transaction_makes_a_state_of_its_own(trail, states):
    """Moves, holds, decisions, absences, capabilities that come and go, disagreements,
    replays, pruned bodies: after each transaction of each command, what is shown and
    the name of the state have changed together.
    """
    first = maps.small_map()
    weeks = [
        *(first, _said(input_cost_per_token=8e-07), _said(supports_vision=True)),
        *(first, maps.without(first, KEY), maps.without(first, KEY)),
        *(first, _said(input_cost_per_token=1e-04), first, first),
    ]
    for number, said in enumerate(weeks):
        trail.sync(said, f"2026-{number // 4 + 1:02}-{number % 4 * 7 + 1:02}")
    trail.sync(_said(input_cost_per_token=1e-04), "2026-03-22")
    said = list(showroom.others()["llm-prices"].values())[-1]
    words = ("--source", "llm-prices", "--file", str(trail.file(said)))
    for at in ("2026-03-15", "2026-03-22"):
        trail("sync", *words, "--at", at)
    assert trail.tables.one("SELECT COUNT(*) FROM holds WHERE status = 'pending'")
    for decision in ("reject", "accept"):
        name = _listed(trail, "review", "--all")[-1]["id"]
        assert trail("review", decision, name).code in (0, 1)
    disputed = _listed(trail, "disagreements")[0]["id"]
    assert trail("disagreements", "ack", disputed).code == 0
    assert trail("rebuild").code == 0
    assert trail("captures", "prune", "--keep-weeks", "1").code == 0
    trail.sync(b"no map at all", "2026-05-01")
    several = [name for name, shown in states.items() if len(shown) > 1]
    assert not several
    assert len(states) > 60


def _listed(trail, *words):
    """The rows that a command lists."""
    return json.loads(trail(*words, "--format", "json").out)
