"""Judged steps of our own making, and the digest that they are."""

from datetime import UTC, datetime, timedelta

from tracker.reports.digest import compose
from tracker.reports.news import News
from tracker.reports.settings import Subscription

DAY = datetime(2026, 1, 12, tzinfo=UTC)


def step(old, new, *, model="m", meter="input", source="litellm", place=5, **more):
    """A judged step of acme's, in dollars."""
    row = {
        "provider": "acme",
        "model": model,
        "region": "",
        "source": source,
        "source_key": f"acme/{model}",
        "meter": meter,
        "unit": "token",
        "quantum": 10**6,
        "kind": "changed",
        "currency": "USD",
        "old_price_nano": round(old * 10**9),
        "new_price_nano": round(new * 10**9),
        "previous_seen_at": DAY - timedelta(days=7),
        "observed_at": DAY,
        "effective_at": None,
        "verdict": "move",
        "reason": "",
        "confidence": 0.7,
        "evidence": '{"stood": "2 weeks"}',
        "story": "s",
        "since": None,
        "url": None,
        "version": "1.0",
        "sha256": "ab" * 32,
        "place": place,
        "offer_id": hash(model) % 1000,
        "meter_id": hash(meter) % 1000,
        **more,
    }
    return {**row, "change": f"{source}|{model}|{meter}|{row['observed_at']}|{new}"}


def digest(*rows, told=None, believed=None, **options):
    """The digest of these steps."""
    found = {
        (row["offer_id"], row["meter_id"]): {
            "price_nano": round(nano * 10**9),
            "currency": "USD",
            "source": source,
        }
        for row, (nano, source) in zip(rows, believed or [], strict=False)
    }
    values = {n: (round(v * 10**9), "USD") for n, v in (told or {}).items()}
    news = News(
        DAY - timedelta(days=7), DAY, steps=list(rows), told=values, believed=found
    )
    return compose(news, Subscription(name="s", **options))


def only(found):
    """Old and new of the only move, in dollars."""
    (card,) = found.cards
    (move,) = card.moves
    return move.old / 10**9, move.new / 10**9
