"""What people are told about changes: which, in what words, and how it is drawn."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.unit_of_work import Store
    from tracker.reports.settings import Configured


def send_due(store: "Store", config: "Configured", now: datetime) -> None:
    """Put the digests that are due into the outbox; what the scheduler calls after
    its runs. Cheap where no run has ended since the last time.
    """
    from tracker.reports.preparing import queue

    url = config.web.url
    for one in config.subscriptions.values():
        queue(store, one, config.mail, now=now, url=url, only_after_runs=True)
