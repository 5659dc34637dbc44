"""The table of aliases: reviewed data with no way to go wrong in silence."""

import csv
import io
import lzma
from collections import Counter

from tracker.domain.offers import Offer
from tracker.sources import identity
from tracker.sources.registry import SOURCES


def table():
    """The rows as they ship."""
    return list(csv.DictReader(io.StringIO(identity._text())))


def test_no_name_is_mapped_twice():
    """A provider's name stands in the table once, or two readers would differ."""
    times = Counter((row["provider"], row["name"]) for row in table())
    assert [name for name, count in times.items() if count > 1] == []


def test_no_alias_leads_to_an_alias():
    """One look is enough: what a name means is no alias itself, so there is no
    cycle.
    """
    known = identity.aliases()
    chained = [n for (p, n), model in known.items() if (p, model) in known]
    assert chained == []


def test_each_row_says_why():
    """An alias without a reason could not be reviewed."""
    assert all(len(row["why"].split()) > 2 for row in table())


def test_an_alias_is_the_offer_it_stands_for():
    """The maker's short name and the snapshot are one offer; others are left."""
    short = Offer("anthropic", "claude-opus-4-0")
    assert identity.canonical(short).model == "claude-opus-4-20250514"
    other = Offer("openai", "claude-opus-4-0")
    assert identity.canonical(other) is other


def test_another_table_reads_history_anew(monkeypatch):
    """A changed table changes the version of every source."""
    before = SOURCES["litellm"].version
    monkeypatch.setattr(identity, "checksum", lambda: 1)
    assert SOURCES["litellm"].version != before


def test_no_alias_leads_nowhere(shared):
    """Each model meant was stated by litellm or models.dev at some time."""
    stated = set()
    for source in ("litellm", "models-dev"):
        spec = SOURCES[source]
        for path in sorted((shared / "data" / source).iterdir())[::4]:
            body = lzma.decompress(path.read_bytes())
            entries = spec.parse(body).entries
            near = {k: e for k, e in entries.items() if _may_be_meant(k)}
            stated |= {spec.flatten(key, entry).offer for key, entry in near.items()}
    meant = {Offer(p, model) for (p, _), model in identity.aliases().items()}
    assert meant - stated == set()


def _may_be_meant(key):
    return any(model in key for model in identity.aliases().values())
