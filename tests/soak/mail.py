"""Scenarios with a mail server: the outbox, and a whole slot of the schedule."""

from datetime import timedelta
from pathlib import Path

from storage.unit_of_work import Store
from tests.soak.scenario import FIRST, SECOND, Round, Scenario
from tests.soak.victims import NOW
from tests.support.maps import edited, small_map
from tests.support.program import Trail
from tests.support.tables import Tables
from tracker.sources.registry import SOURCES

LATER = timedelta(minutes=16)
"""After so long both a slot's lease and a letter's claim have run out."""
OFF = "".join(f'{name} = "off"\n' for name in SOURCES if name not in ("litellm", "xai"))
TEAMS = "".join(
    f"[subscriptions.{name}]\nsince = 2025-01-01\n"
    f"to = ['{name}@example.org', 'apart@{name}.example.org']\n"
    for name in ("red", "green")
)


def settings(port: int) -> str:
    """Two teams of two recipients, and one who hears of silent sources."""
    return (
        f"[mail]\nfrom = 'Prices <prices@example.org>'\nserver = '127.0.0.1'\n"
        f"port = {port}\nsecurity = 'none'\ncharts = false\n"
        f"[schedule]\nnotify = ['ops@example.org']\n[schedule.cadence]\n{OFF}{TEAMS}"
    )


def one_week(trail: Trail) -> None:
    """Begin with a map that was read two weeks ago, and a source never read well."""
    trail.sync(small_map(), f"{NOW - timedelta(days=14):%Y-%m-%d}")


def with_letters(trail: Trail) -> None:
    """Begin with five letters in the outbox, none of them tried."""
    from tracker import config, reports
    from tracker.schedule import notices

    trail.sync(small_map(), FIRST)
    trail.sync(edited(small_map(), input_cost_per_token=1.3e-06), SECOND)
    store = Store(trail.url)
    for send_due in (reports.send_due, notices.send_due):
        send_due(store, config.load(), NOW)
    store.close()


def _week_after(trail: Trail) -> dict[str, Path]:
    """A cut, a model that is new, and a value that is held."""
    cut = edited(small_map(), input_cost_per_token=8e-07)
    held = edited(cut, "hooli/model-11", output_cost_per_token=-1)
    new = edited(held, "acme/new", input_cost_per_token=1.2e-06, mode="chat")
    return {"litellm": trail.file(new, "week.json")}


def post_is_right(seen: Round) -> list[str]:
    """Every letter was taken; again only for a kill, and then it is the same one."""
    told = []
    rows = Tables(seen.url).rows("SELECT message_id, status FROM deliveries")
    names = [name for name, _ in seen.mailed]
    told += [f"{len(rows)} letters, not five"] if len(rows) != 5 else []
    for row in rows:
        if row["status"] != "sent":
            told.append(f"{row['message_id']} is {row['status']}")
        if names.count(row["message_id"]) != 1:
            told.append(f"{row['message_id']} was taken in {names} forms")
    again = seen.mailed.total() - len(seen.mailed)
    if again > seen.kills:
        told.append(f"{again} letters were taken again after {seen.kills} kills")
    told += [f"a letter of no one: {name}" for name in names if not _known(name, rows)]
    return told


def _known(name: str, rows: list[dict[str, str]]) -> bool:
    return name in {row["message_id"] for row in rows}


def slot_is_done(seen: Round) -> list[str]:
    """The slot is there once, ended, and each source was noted for it once; what it
    held is told by its outcome.
    """
    runs = Tables(seen.url).rows(
        "SELECT outcome, finished_at, lease_until FROM runs WHERE kind = 'scheduled'"
    )
    noted = Tables(seen.url).column(
        "SELECT s.name FROM source_runs n JOIN runs r ON r.id = n.run_id "
        "JOIN sources s ON s.id = n.source_id WHERE r.kind = 'scheduled' ORDER BY 1"
    )
    right = len(runs) == 1 and runs[0]["outcome"] == "partly" and runs[0]["finished_at"]
    told = [] if right else [f"slots {runs}"]
    told += [] if noted == ["litellm", "xai"] else [f"noted {noted}"]
    statuses = Tables(seen.url).statuses()
    if statuses["applied"] != 2 or set(statuses) - {"applied", "unchanged"}:
        told.append(f"captures {dict(statuses)}")
    return told + post_is_right(seen)


DELIVERY = Scenario(
    "delivery",
    with_letters,
    lambda _: ["outbox", "retry"],
    codes=frozenset({0}),
    settings=settings,
    check=post_is_right,
)
SCHEDULE = Scenario(
    "schedule",
    one_week,
    lambda _: ["schedule", "--once"],
    # A body that is read again after a kill is a capture of its own.
    ignored=frozenset({"captures"}),
    aside=frozenset({"content", "message_id", "attempts"}),
    settings=settings,
    says=_week_after,
    step=LATER,
    check=slot_is_done,
)
