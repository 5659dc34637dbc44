"""What lines are called: as briefly as it takes, as fully as none is mistaken."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tracker.charts.series import Series


def called(series: Sequence[Series]) -> dict[str, str]:
    """What each offer is called: its model; with its seller, where several sell that.

    Args:
        series: what is drawn.
    """
    models = {one.name: one.model for one in series}
    sellers = Counter(models.values())
    return {n: model if sellers[model] == 1 else n for n, model in models.items()}


def shortened(names: Mapping[str, str], most: int) -> dict[str, str]:
    """The names in so many letters at most; those that would look alike then, without
    what they begin with alike.
    """
    found = {offer: cut(name, most) for offer, name in names.items()}
    for short, number in Counter(found.values()).items():
        alike = [offer for offer, said in found.items() if said == short]
        if number > 1:
            found |= _apart({offer: names[offer] for offer in alike}, most)
    return found


def _apart(names: Mapping[str, str], most: int) -> dict[str, str]:
    shortest = min(map(len, names.values()))
    letters = enumerate(zip(*names.values(), strict=False))
    same = next((n for n, said in letters if len({*said}) > 1), shortest)
    return {n: cut(f"…{name[same:]}", most, end=True) for n, name in names.items()}


def cut(name: str, most: int, *, end: bool = False) -> str:
    """A name of so many letters at most; what tells names apart is often their end, so
    what is left out is in the middle, unless it is to be left out at the `end`.
    """
    if len(name) <= most:
        return name
    if end:
        return f"{name[: most - 1]}…"
    return f"{name[: most // 2]}…{name[-(most - most // 2 - 1) :]}"
