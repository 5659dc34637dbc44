"""Whether the map of the installed litellm may be applied, and as of when.

It must never travel back in time: a package that was installed a year ago holds
the prices of a year ago.
"""

from dataclasses import dataclass
from datetime import datetime

from tracker.sources.mainline import is_older, version_of


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a source's captures so far.

    Attributes:
        newest_at: the instant of the newest applied capture, None if there is none.
        newest_version: the highest release among them.
        all_versioned: whether each came from a release.
    """

    newest_at: datetime | None = None
    newest_version: str | None = None
    all_versioned: bool = True


@dataclass(frozen=True, slots=True)
class Admission:
    """`observed_at` if the map is admitted, else the `refusal` in words."""

    observed_at: datetime | None = None
    refusal: str = ""


def admit(
    version: str, uploaded_at: datetime | None, known: Known, now: datetime
) -> Admission:
    """Decide on an installed map that differs from what was applied last.

    With a known upload time it must be later than every applied capture's. With
    none, only into a source that has none, or where every applied capture came
    from a release and this release comes after all of them.
    """
    if known.newest_at is None:
        return Admission(uploaded_at or now)
    if is_older(version, known.newest_version):
        return Admission(
            refusal=f"the installed litellm {version} is older than release "
            f"{known.newest_version}, which was applied; nothing to take from it"
        )
    if uploaded_at is not None:
        if uploaded_at > known.newest_at:
            return Admission(uploaded_at)
        return Admission(
            refusal=f"the installed litellm {version} was released on "
            f"{uploaded_at:%Y-%m-%d}, before the newest capture of "
            f"{known.newest_at:%Y-%m-%d}; nothing to take from it"
        )
    if known.all_versioned and is_older(known.newest_version, version):
        return Admission(now)
    return Admission(refusal=_undated(version, known))


def _undated(version: str, known: Known) -> str:
    if version_of(version) == version_of(known.newest_version):
        return (
            f"the map of the installed litellm {version} is not the one of that "
            "release; if you edited it, give it as a body: sync --source litellm "
            "--file PATH"
        )
    return (
        f"when litellm {version} was released is not known offline, and newer "
        "prices were applied; run sync without --offline"
    )
