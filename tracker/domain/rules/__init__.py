"""The judge's rules: each looks at one change and finds one thing, or nothing.

They are tried in the order of `RULES`. None of them knows a model's name; the
cases they come from are named in their tests.
"""

from tracker.domain.rules.case import Case, Finding, Rule
from tracker.domain.rules.copies import (
    copied_from_parent,
    copied_from_sibling,
    left_the_list_price,
    region_mixup,
)
from tracker.domain.rules.lifetimes import flap, launch_fix, move
from tracker.domain.rules.slips import (
    cache_slip,
    column_slip,
    guessed,
    modality_slip,
    placeholder,
    rounding,
    swapped,
    tenfold,
    to_zero,
    unit_error,
)
from tracker.domain.rules.witnesses import contradicted, denied, late

__all__ = ["RULES", "Case", "Finding", "Rule"]

RULES: tuple[Rule, ...] = (
    placeholder,
    unit_error,
    rounding,
    tenfold,
    swapped,
    cache_slip,
    flap,
    to_zero,
    modality_slip,
    column_slip,
    guessed,
    region_mixup,
    left_the_list_price,
    copied_from_parent,
    contradicted,
    late,
    copied_from_sibling,
    launch_fix,
    denied,
    move,
)
