"""Three years of litellm's maps, checked against a reading of our own.

Each number of an entry is read alone, with the rest of the entry blanked out, and
then looked for in what the whole entry says.
"""

from collections import Counter, defaultdict

import pytest

from crawler.pages import litellm

NO_PRICES = {"metadata", "litellm_provider"}


def cost_leaves(value, path=()):
    """The path of every number under a name that speaks of cost."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in NO_PRICES:
                yield from cost_leaves(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from cost_leaves(inner, (*path, number))
    elif type(value) in (int, float) and any("cost" in str(part) for part in path):
        yield path


def alone(entry, path):
    """The entry with this one number; its other fields are null."""
    kept = dict.fromkeys(entry)
    kept["litellm_provider"] = entry.get("litellm_provider")
    kept[path[0]] = _pruned(entry[path[0]], path[1:])
    return kept


def _pruned(value, path):
    if not path:
        return value
    if isinstance(value, list):
        step = value[path[0]]
        if not isinstance(step, dict):
            return [step]
        rest = {n: v for n, v in step.items() if "cost" not in n}
        return [rest | {path[1]: _pruned(step[path[1]], path[2:])}]
    return {path[0]: _pruned(value[path[0]], path[1:])}


@pytest.fixture(name="readings", scope="module")
def _readings(real_entries):
    """(key, path, what the number says alone, what the whole entry says)."""
    found = []
    for key, entry in real_entries:
        whole = litellm.flatten(key, entry)
        found += [
            (key, path, litellm.flatten(key, alone(entry, path)), whole)
            for path in cost_leaves(entry)
        ]
    return found


def test_every_number_is_a_quote_or_a_conflict(readings):
    """Each cost of each map is believed on a meter with a unit, or held openly."""
    outcomes = Counter(_outcome(single, whole) for _, _, single, whole in readings)
    print(outcomes)
    good = outcomes["quote"] + outcomes["conflict"]
    assert outcomes.total() > 10_000
    assert good / outcomes.total() >= 0.99


def _outcome(single, whole):
    """What became of one number in the whole entry."""
    if len(single.quotes) != 1:
        return "not a price"
    ((meter, quote),) = single.quotes.items()
    if quote.meter.unit == "unknown":
        return "unknown"
    if any(p.reason == "conflict" and p.meter.key == meter for p in whole.problems):
        return "conflict" if meter not in whole.quotes else "both"
    said = whole.quotes.get(meter)
    same = said is not None and said.price_nano == quote.price_nano
    return "quote" if same else "lost"


def test_no_two_fields_share_a_meter_unless_they_agree(readings):
    """Fields that land on one meter state one price, or nothing is believed."""
    stated = defaultdict(lambda: defaultdict(set))
    for _, path, single, whole in readings:
        for meter, quote in single.quotes.items():
            stated[id(whole)][meter].add((quote.price_nano, quote.currency))
        assert len(single.quotes) <= 1, path
    wholes = {id(whole): whole for *_, whole in readings}
    checked = 0
    for name, meters in stated.items():
        conflicts = {
            p.meter.key for p in wholes[name].problems if p.reason == "conflict"
        }
        differing = {meter for meter, values in meters.items() if len(values) > 1}
        assert conflicts == differing
        assert not differing & wholes[name].quotes.keys()
        checked += len(meters)
    assert checked > 10_000


def test_nothing_is_believed_that_is_not_written(readings):
    """Each quote of an entry stands on a meter that one of its numbers has alone."""
    written = defaultdict(set)
    for _, _, single, whole in readings:
        written[id(whole)] |= single.quotes.keys()
    wholes = {id(whole): whole for *_, whole in readings}
    invented = [
        (whole.offer.text, meter)
        for name, whole in wholes.items()
        for meter, quote in whole.quotes.items()
        if meter not in written[name] and "cost" in quote.field
    ]
    assert len(wholes) > 5_000
    assert invented == []


def test_the_newest_map_holds_no_contradiction_of_prices(newest_map):
    """In the newest map every price is readable and zero stays zero."""
    free = 0
    for key, entry in newest_map.items():
        said = litellm.flatten(key, entry)
        assert said.unknown == 0
        for quote in said.quotes.values():
            assert (quote.price_nano == 0) == (float(quote.raw) == 0)
            free += quote.price_nano == 0
    assert free > 0
