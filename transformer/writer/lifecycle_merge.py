"""What becomes of two profiles' data when one goes up in the other (braze.md §2.4, *Merge field rules*).

The profile that is kept wins; what it lacks comes from the other. What counts is added up, of first
times the earlier is kept and of last times the later. Lists of things with a name of their own, such
as subscription groups, are merged thing by thing.
"""

from typing import Any

from transformer.operation import JsonObject
from transformer.writer.accounts import merged_groups
from transformer.writer.profile import Profile
from transformer.writer.summaries import MAX_PRODUCTS, added_revenue

_EARLIER = frozenset({"date_of_first_session"})
_LATER = frozenset({"date_of_last_session"})


def merge_data(kept: Profile, merged: Profile) -> None:
    """Bring what a profile holds into the one that is kept; who they are is the roster's matter."""
    for name, value in merged.fields.items():
        held = kept.fields.get(name)
        kept.fields[name] = value if held is None else _merged_field(name, held, value)
    for name, value in merged.custom_attributes.items():
        kept.custom_attributes.setdefault(name, value)
    _add_up(kept.custom_events, merged.custom_events)
    _add_up(kept.purchases, merged.purchases, most=MAX_PRODUCTS)
    kept.total_revenue = added_revenue(kept.total_revenue, merged.total_revenue)


def _merged_field(name: str, held: Any, other: Any) -> Any:
    if name in _EARLIER:
        return min(held, other)
    if name in _LATER:
        return max(held, other)
    if name == "subscription_groups":
        return merged_groups(other, held)
    if name == "push_tokens":
        tokens = {token["token"] for token in held}
        return [*held, *(token for token in other if token["token"] not in tokens)]
    return held


def _add_up(
    kept: dict[str, JsonObject], merged: dict[str, JsonObject], *, most: int | None = None
) -> None:
    """Add up summaries by name; those are left out that would be more than a profile has."""
    for name, other in merged.items():
        held = kept.get(name)
        if held is None:
            if most is None or len(kept) < most:
                kept[name] = other
            continue
        held["first"] = min(held["first"], other["first"])
        held["last"] = max(held["last"], other["last"])
        held["count"] += other["count"]
