"""The headers of notices: what a sender is called breaks no letter."""

import os

import pytest

from storage.unit_of_work import Store
from tests.support.scheduling import SUNDAY, WEEK, Bench
from tests.support.subscribers import letters, text_of
from tracker import config, outbox
from tracker.schedule import notices


@pytest.fixture
def silent(sqlite_trail, monkeypatch):
    """A database in which nothing was read for two weeks."""
    for name in [n for n in os.environ if n.startswith("PRICETRAIL_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(sqlite_trail.folder)
    bench = Bench(sqlite_trail.url, hooks={})
    bench.tick(SUNDAY)
    bench.close()
    return sqlite_trail


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Prices, Ltd", "Prices, Ltd"),
        ("Preise (Köln)", "Preise (Köln)"),
        ('\\"Prices\\"', "Prices"),
    ],
)
def test_a_notice_has_one_sender_whatever_it_is_called(silent, name, shown):
    """A comma, brackets, quotes or letters beyond ASCII in the names of sender and
    recipients make neither two addresses nor a broken header.
    """
    (silent.folder / "pricetrail.toml").write_text(
        f'[mail]\nfolder = "mail"\nfrom = "{name} <prices@example.org>"\n'
        f'reply_to = "{name} <help@example.org>"\n'
        f'[schedule]\nnotify = ["{name} <ops@example.org>"]\n'
    )
    settings, store, now = config.load(), Store(silent.url), SUNDAY + 2 * WEEK
    notices.send_due(store, settings, now)
    outbox.deliver_due(store, settings, now)
    store.close()
    (letter,) = letters(silent)
    for header, spec in (("From", "prices"), ("Reply-To", "help"), ("To", "ops")):
        (one,) = letter[header].addresses
        assert (one.display_name, one.addr_spec) == (shown, f"{spec}@example.org")
        assert letter[header].defects == ()
    assert letter["Subject"] == "Pricetrail: no source was read for too long"
    assert "no source was read well" in text_of(letter)
