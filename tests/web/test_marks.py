"""What a page shows and what tells that it has changed, row by row and column by
column: a site brought up to date is the site that would be made anew.
"""

import random
import sqlite3
from contextlib import closing

import pytest
from freezegun import freeze_time

from storage.unit_of_work import Store
from tests.support import showroom
from tests.support.maps import edited, small_map
from tests.web.conftest import view_of
from tracker.domain.addresses import model_path
from tracker.domain.families import family_of
from tracker.domain.offers import Offer
from tracker.web import pages
from tracker.web.pages import changes, models, providers

COLUMNS = {
    "source_keys": ("missing_since", "last_seen_at", "withdrawn_at"),
    "rates": ("price_nano", "currency", "exact", "raw", "field", "valid_from"),
    "beliefs": (
        *("price_nano", "currency", "valid_from", "valid_to", "basis", "known_from"),
        *("known_to", "source_id"),
    ),
    "price_changes": (
        *("kind", "old_price_nano", "new_price_nano", "currency", "previous_seen_at"),
        *(
            "observed_at",
            "effective_at",
            "stated_at",
            "verdict",
            "reason",
            "confidence",
        ),
        *("evidence", "story", "capture_id"),
    ),
    "verdicts": ("verdict", "reason", "confidence", "evidence", "judged_at"),
    "facts": ("name", "value", "valid_from", "valid_to"),
    "holds": (
        *("reason", "raw", "field", "price_nano", "currency", "held_at", "status"),
        *("resolved_at", "previous_seen_at"),
    ),
}
OWNERS = {
    "source_keys": "t.offer_id",
    "rates": "t.offer_id",
    "beliefs": "t.offer_id",
    "price_changes": "t.offer_id",
    "verdicts": (
        "(SELECT k.offer_id FROM source_keys k JOIN sources s ON s.id = k.source_id "
        "WHERE t.change LIKE s.name || '|' || k.key || '|%')"
    ),
    "facts": "(SELECT offer_id FROM source_keys WHERE id = t.source_key_id)",
    "holds": "(SELECT offer_id FROM source_keys WHERE id = t.source_key_id)",
}


@pytest.mark.parametrize("seed", [10])
def test_no_page_changes_without_its_mark(own_room, seed):
    """A value of one row, in as many columns of as many models as there are, becomes
    that of another row: each page that is another one then has another mark.
    """
    dice = random.Random(seed)  # noqa: S311 - not for secrets
    path = own_room.folder / "trail.db"
    with closing(Store(own_room.url)) as store:
        before = _made(view_of(store, live=False))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            altered = dict(_altered(connection, dice))
            connection.commit()
        after = _made(view_of(store, live=False))
    assert len(altered) > 25
    other = {p for p in before if p in after and before[p][0] != after[p][0]}
    assert len(other) > 20
    kept = [p for p in other if before[p][1] == after[p][1]]
    assert kept == [], [altered.get(p) for p in kept]


def _made(view):
    """Each page that has a mark, with it."""
    told = {**models.marks(view), **providers.marks(view), **changes.marks(view)}
    return {path: (pages.made(view, path, {}).body, told[path]) for path in told}


def _altered(connection, dice):
    """Alter a column of a row of an offer of a family of its own, and so on: the
    paths, and what was altered.
    """
    wanted = [(table, name) for table in COLUMNS for name in COLUMNS[table]]
    dice.shuffle(wanted)
    taken = set()
    for table, column in wanted:
        found = connection.execute(
            f"SELECT t.id, t.{column}, o.provider, o.model, o.region FROM {table} t "
            f"JOIN offers o ON o.id = {OWNERS[table]} ORDER BY t.id"
        ).fetchall()
        values = [row[1] for row in found]
        dice.shuffle(found)
        for id_, value, *named in found:
            offer = Offer(*named)
            others = [one for one in values if one != value] or [_another(value)]
            if family_of(offer.model) in taken:
                continue
            if _put(connection, table, column, dice.choice(others), id_):
                taken.add(family_of(offer.model))
                yield model_path(offer), (table, column)
                break


def _another(value):
    """Where all rows have one value."""
    if value is None or (isinstance(value, str) and value[-1:] == "Z"):
        return "2026-11-02T00:00:00Z"
    return f"{value}~" if isinstance(value, str) else int(not value)


def _put(connection, table, column, value, id_):
    """Whether a value is one that the row may have."""
    try:
        connection.execute(
            f"UPDATE {table} SET {column} = ? WHERE id = ?", (value, id_)
        )
    except sqlite3.IntegrityError:
        return False
    return True


def test_a_read_within_a_chart_changes_its_page_and_its_mark(sqlite_trail):
    """A chart goes on a little after the last change; where a source had not been
    read for long, a read of it in that time ends the gap that was drawn.
    """
    name = showroom.DISPUTED
    listed = sqlite_trail.file(list(showroom.others()["llm-prices"].values())[-1])
    words = ("sync", "--source", "llm-prices", "--file", str(listed), "--at")
    said = edited(small_map(), name, input_cost_per_token=...)
    seen = []
    with closing(Store(sqlite_trail.url)) as store:
        for day in ("2026-10-29", "2026-11-05", "2026-11-10", "2026-11-12"):
            with freeze_time(f"{day}T08:00:00Z"):
                if day == "2026-11-10":
                    said = edited(said, name, output_cost_per_token=9e-06)
                if day != "2026-11-12":
                    sqlite_trail.sync(said, day)
                if day in ("2026-10-29", "2026-11-12"):
                    assert sqlite_trail(*words, day).code == 0
            view = view_of(store, live=False)
            html = _page(view, name)
            seen.append((html, models.marks(view)[model_path(_named(name))]))
    before, after = seen[-2:]
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_the_page_of_what_it_may_be_called_now_is_part_of_a_page(own_room):
    """What is missing names what it may be called now; where that name comes to stand
    for another offer, the link leads there, and the page is written anew.
    """
    tables = own_room.tables
    tables.execute(
        f"UPDATE source_keys SET renamed_to = '{showroom.MOVED}', "
        f"missing_since = '2026-11-16T00:00:00Z' WHERE key = 'globex/model-20'"
    )
    seen = []
    with closing(Store(own_room.url)) as store:
        for model in ("model-01", "model-07"):
            tables.execute(
                "UPDATE source_keys SET offer_id = (SELECT id FROM offers WHERE "
                f"provider = 'acme' AND model = '{model}') "
                f"WHERE key = '{showroom.MOVED}' AND source_id = 1"
            )
            view = view_of(store)
            html = _page(view, "globex/model-20")
            assert f"/acme/{model}/" in html
            seen.append(models.marks(view)[model_path(_named("globex/model-20"))])
    assert seen[0] != seen[1]


def _named(name):
    provider, _, model = name.partition("/")
    return Offer(provider, model)


def _page(view, name):
    return models.made(view, model_path(_named(name)), {}).body.decode()
