"""One state of the database, as pages see it; read once, shared by all of them."""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache, wraps
from typing import TypeVar

from storage.reading import queries
from storage.stamp import Stamp, stamp
from storage.unit_of_work import Store
from tracker.asking.assortment import Sold, assortment
from tracker.domain.addresses import slug
from tracker.domain.offers import Offer
from tracker.web.edition import edition

RESTS = 1.0
"""Seconds for which a state is taken to be the newest without asking again."""


@dataclass(frozen=True)
class View:
    """What pages are made from.

    Attributes:
        store: the database.
        now: the instant that pages take for today.
        stamp: the state they show.
        live: whether a server answers, so that addresses may hold questions.
        url: where the site can be reached, with a slash at its end; may be empty.
    """

    store: Store
    now: datetime
    stamp: Stamp
    live: bool = True
    url: str = ""

    @cached_property
    def sold(self) -> dict[Offer, Sold]:
        """Every offer that has a price today, by name."""
        return {one.offer: one for one in assortment(self.store)}

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """Every offer ever met, by name."""
        with self.store.reading() as connection:
            return tuple(queries.offer_names(connection))

    @cached_property
    def by_slug(self) -> dict[str, Offer]:
        """Offers by the part of their address that names them."""
        return {slug(offer): offer for offer in self.offers}

    @property
    def dated(self) -> datetime:
        """Since when it is shown like this: a new day shows it otherwise."""
        day = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        return max(self.stamp.at or day, day)

    @cached_property
    def tag(self) -> str:
        """Names this state on this day as this program shows it."""
        day = self.now.date().isoformat()
        told = f"{self.stamp.marks} {day} {edition()} {self.url}"
        return hashlib.sha256(told.encode()).hexdigest()[:20]


_T = TypeVar("_T")


def shared(make: Callable[[View], _T]) -> Callable[[View], _T]:
    """What takes long to work out from a state: done once for each, also where many
    ask at the same time; the last two are kept.
    """
    lock, kept = threading.RLock(), lru_cache(maxsize=2)(make)

    @wraps(make)
    def found(view: View) -> _T:
        with lock:
            return kept(view)

    return found


class Views:
    """The newest view; a new one is made when the database or the day has changed.

    Args:
        store: the database.
        clock: tells now.
        url: where the site can be reached.
    """

    def __init__(
        self, store: Store, clock: Callable[[], datetime], *, url: str = ""
    ) -> None:
        self._store = store
        self._clock = clock
        self._url = url
        self._lock = threading.Lock()
        self._view: View | None = None
        self._asked = 0.0

    @property
    def rested(self) -> View | None:
        """The view, if it was asked for a moment ago."""
        recent = time.monotonic() - self._asked < RESTS
        return self._view if recent else None

    def stands(self, view: View) -> bool:
        """Whether nothing was written since a view was made; if something was, the
        next one is new. What is read in several steps is of one state then.

        Raises:
            StorageError: the database cannot be read.
        """
        with self._store.reading() as connection:
            found = stamp(connection)
        if found != view.stamp:
            self._asked = -RESTS
        return found == view.stamp

    def current(self) -> View:
        """The view of the newest state.

        Raises:
            StorageError: the database cannot be read.
        """
        with self._lock:
            if (view := self.rested) is not None:
                return view
            with self._store.reading() as connection:
                found = stamp(connection)
            now = self._clock()
            view = self._view
            if view is None or (view.stamp, view.now.date()) != (found, now.date()):
                view = View(self._store, now, found, url=self._url)
            self._view, self._asked = view, time.monotonic()
            return view
