"""Addresses on the web page that letters and feeds link to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tracker.domain.addresses import (
    CHANGES,
    change_anchor,
    model_path,
    month_path,
    provider_path,
    story_anchor,
)
from tracker.domain.offers import Offer

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Links:
    """Where things stand on the web page; every address is empty if there is none.

    Attributes:
        url: where readers reach it, with a slash at its end; empty if nowhere.
    """

    url: str = ""

    def model(self, row: Row) -> str:
        """The page of the offer that a row is about."""
        return self.to(model_path(_offer(row)))

    def change(self, row: Row) -> str:
        """The change that a row is about, on the page of its offer: what the source
        said, the verdict, and what that rests on.
        """
        return self.to(f"{model_path(_offer(row))}#{change_anchor(row['change'])}")

    def provider(self, name: str) -> str:
        """The page of who sells something."""
        return self.to(provider_path(name))

    def story(self, name: str, row: Row) -> str:
        """Changes that are told together, on the page of their month.

        Args:
            name: of the story.
            row: one of its changes.
        """
        path = month_path(row["observed_at"].astimezone(UTC))
        return self.to(f"{path}#{story_anchor(name)}")

    def month(self, at: datetime | None) -> str:
        """What changed in the month of an instant, or in the newest one."""
        return self.to(month_path(at.astimezone(UTC)) if at else CHANGES)

    def to(self, path: str) -> str:
        """The address of a path of the site."""
        return f"{self.url}{path}" if self.url else ""


NOWHERE = Links()
"""There is no web page."""


def _offer(row: Row) -> Offer:
    return Offer(row["provider"], row["model"], row["region"])
