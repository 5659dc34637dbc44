"""The daemon: a tick every minute in the foreground, until it is told to stop.

APScheduler is only the clock. Each tick asks the table of runs what is due, so neither
a missed tick nor a second daemon does any harm.
"""

import gc
import importlib.util
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from storage.unit_of_work import Store
from tracker import fetching, wiring
from tracker.checks import silence
from tracker.checks.silence import Notice
from tracker.domain.errors import PricetrailError
from tracker.schedule import events
from tracker.schedule.due import Done, Hook, Work, tick
from tracker.schedule.events import Tell
from tracker.schedule.health import Pulse, served

if TYPE_CHECKING:
    from tracker.config.model import Config

EVERY = timedelta(minutes=1)
"""How often the table is asked."""
REMINDER = timedelta(days=1)
"""How often a notice that lasts is told again."""

Open = Callable[[], AbstractContextManager[Store]]


class Silent:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int) -> None:
        """A stage begins."""

    def step(self, label: str) -> None:
        """One more of it is done."""


def told(event: str, **fields: Any) -> None:
    """An event as a line on standard error."""
    print(events.line(wiring.now(), event, **fields), file=sys.stderr, flush=True)


def work(config: "Config", tell: Tell = told) -> Work:
    """What the scheduler does with this configuration."""
    return Work(
        calendar=config.schedule.calendar(),
        confirm_after=config.schedule.confirm_after,
        fetch=fetching.fetcher(None, offline=False, progress=Silent()),
        holder=f"{socket.gethostname()}:{os.getpid()}",
        clock=wiring.now,
        tell=tell,
        hooks=hooks(config),
    )


_HOOKS = {
    "digests": ("tracker.reports", "send_due"),
    "notices": ("tracker.schedule.notices", "send_due"),
    "outbox": ("tracker.outbox", "deliver_due"),
}


def hooks(config: "Config") -> dict[str, Hook]:
    """What follows the slots: digests and notices, then the outbox."""
    return {name: _late(config, *_HOOKS[name]) for name in _HOOKS}


def _late(config: "Config", module: str, function: str) -> Hook:
    """A function that is imported when it is first needed."""

    def hook(store: Store, now: datetime) -> None:
        if importlib.util.find_spec(module) is None:
            return
        found = getattr(importlib.import_module(module), function, None)
        if found is not None:
            found(store, config, now)

    return hook


@dataclass
class Daemon:
    """One process of the scheduler.

    Attributes:
        config: the configuration.
        opened: how the database is opened; anew for each tick, so that a server that
            was restarted in between is no trouble.
        work: what is done.
        pulse: how we are, for whoever asks.
    """

    config: "Config"
    opened: Open
    work: Work
    pulse: Pulse
    _reminded: dict[str, datetime] = field(default_factory=dict)

    def beat(self) -> list[Done]:
        """One tick; a fault is told, and the next tick tries again."""
        self.pulse.begins()
        try:
            with self.opened() as store:
                done = tick(store, self.work, self.work.clock())
                notices = silence.notices(store, self.work.clock(), self.config)
        except Exception as fault:  # noqa: BLE001 - a daemon outlives its ticks
            self.work.tell("tick failed", error=_in_words(fault))
            self.pulse.ends(_in_words(fault))
            return []
        self._remind(notices)
        wrong = next((notice.text for notice in notices if notice.fault), "")
        self.pulse.ends(wrong, tuple(notice.text for notice in notices))
        if done:
            gc.collect()
        return done

    def _remind(self, notices: list[Notice]) -> None:
        now = self.work.clock()
        for notice in notices:
            last = self._reminded.get(notice.key)
            if last is None or not last <= now < last + REMINDER:
                self._reminded[notice.key] = now
                event = "clock is wrong" if notice.fault else "silence"
                self.work.tell(event, source=notice.source, note=notice.text)


def _in_words(fault: Exception) -> str:
    """A fault in one line; one that nobody foresaw with the place where it arose."""
    if isinstance(fault, PricetrailError | OSError):
        return str(fault)
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    return f"{type(fault).__name__}: {fault}{place}; please report this"


def run(daemon: Daemon, health_port: int | None) -> None:
    """Tick until SIGTERM or Ctrl-C: running work is finished, then this returns. A
    second signal ends it at once.
    """
    from apscheduler.events import EVENT_SCHEDULER_STARTED
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.blocking import BlockingScheduler

    gc.enable()  # the program turns it off for its short commands
    # While a sync takes longer than a minute it would say so every minute.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    scheduler = BlockingScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"misfire_grace_time": None, "coalesce": True},
    )
    scheduler.add_job(
        daemon.beat,
        "interval",
        seconds=EVERY.total_seconds(),
        next_run_time=wiring.now(),
        max_instances=1,
    )
    started = threading.Event()
    scheduler.add_listener(lambda _: started.set(), EVENT_SCHEDULER_STARTED)

    def stop() -> None:
        started.wait()
        scheduler.shutdown(wait=True)

    stopper = threading.Thread(target=stop, name="stopper")
    with served(daemon.pulse, health_port) as port:
        _stop_on_signals(stopper, daemon.work.tell)
        daemon.work.tell("scheduler started", health_port=port)
        scheduler.start()
        stopper.join()
    daemon.work.tell("scheduler stopped")


def _stop_on_signals(stopper: threading.Thread, tell: Tell) -> None:
    def stop(number: int, _frame: object) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_DFL)
        tell("stopping", signal=signal.Signals(number).name, note="finishing its work")
        # Not here: whatever was interrupted may hold the lock that this needs.
        stopper.start()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
