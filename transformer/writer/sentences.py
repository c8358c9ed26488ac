"""Says differences in words that need no knowledge of operations, one by one and summed up."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from transformer.operation import JsonObject, Path
from transformer.writer.changes import (
    ABSENT,
    CUSTOM_ATTRIBUTES,
    TOTAL_REVENUE,
    Change,
    CountChanged,
    ElementsChanged,
    ValueChanged,
)
from transformer.writer.differences import (
    Difference,
    Fate,
    IdentifierShared,
    ItemDiffers,
    NobodyMeant,
    ProfileDiffers,
    ProfileName,
)
from transformer.writer.identity import Identifier, IdentifierType

_ALIASES = ("user_aliases",)
_REVENUE = (TOTAL_REVENUE,)
_IN_ITS_NAME = (("external_id",), _ALIASES)
_PLAIN = re.compile(r"[\w.@+:/-]+")
_MOST_SHOWN = 60
_MOST_LISTED = 5


def sentences_of(difference: Difference) -> list[str]:
    """Say one difference, in a sentence for each of its changes."""
    match difference:
        case ProfileDiffers(profile, Fate.REMOVED, _, ProfileName() as kept):
            return [f"Merges the {profile_text(profile)} into the {profile_text(kept)}."]
        case ProfileDiffers(profile, fate, changes):
            made = f"a profile for {_best(profile)}"
            named = {*_IN_ITS_NAME, (profile.best.type.value if profile.best else "",)}
            values = [change for change in changes if change.path not in named]
            return _of_fate(f"the {profile_text(profile)}", fate, changes, made=made, values=values)
        case ItemDiffers(_, _, fate, changes):
            name = f"the {item_text(difference)}"
            return _of_fate(name, fate, changes, made=name, values=changes)
        case IdentifierShared():
            return [_shared_text(difference)]
        case NobodyMeant(identifier, pointer):
            return [f"Nobody has {identifier_text(identifier)}, so {pointer} changes nothing."]


def _of_fate(
    name: str, fate: Fate, changes: Sequence[Change], *, made: str, values: Sequence[Change]
) -> list[str]:
    match fate:
        case Fate.CREATED:
            told = _listed(map(_as_created, values))
            return [f"Creates {made}{f' with {told}' if told else ''}."]
        case Fate.CHANGED:
            return list(_changed(changes, name))
        case Fate.UNCHANGED:
            return [f"Leaves {name} as it is."]
        case Fate.REMOVED:
            return [f"Removes {name}."]


def profile_text(profile: ProfileName) -> str:
    """Name a profile in words."""
    return f"profile with {_best(profile)}"


def item_text(item: ItemDiffers) -> str:
    """Name an item in words."""
    return f"item {item.item_id} of catalog {item.catalog_name}"


def identifier_text(identifier: Identifier) -> str:
    """Write an identifier as a person would."""
    if identifier.type is IdentifierType.USER_ALIAS:
        return f"alias {_word(identifier.value)} (label {_word(identifier.label)})"
    return f"{identifier.type.value} {_word(identifier.value)}"


def path_text(path: Path) -> str:
    """Write the place of a value as a person would: ``plan``, ``address.city``."""
    inner = path[1:] if len(path) > 1 and path[0] == CUSTOM_ATTRIBUTES else path
    return ".".join(map(str, inner))


def value_text(value: Any, *, path: Path = ()) -> str:
    """Write a value, cut where it is long."""
    if path == _REVENUE and not isinstance(value, str):
        return f"{value:.2f}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def alias_text(alias: JsonObject) -> str:
    """Write an alias."""
    return f"{_word(alias['alias_name'])} (label {_word(alias['alias_label'])})"


def _as_created(change: Change) -> str:
    match change:
        case CountChanged():
            return _count_text(change)
        case ValueChanged() | ElementsChanged():
            return f"{path_text(change.path)} {value_text(change.after, path=change.path)}"


def _changed(changes: Sequence[Change], subject: str) -> Iterator[str]:
    products = [one for one in changes if isinstance(one, CountChanged) and one.what == "purchase"]
    revenue = next((one for one in changes if one.path == _REVENUE), None)
    for change in changes:
        match change:
            case ValueChanged(path) if path == _REVENUE and len(products) == 1:
                pass  # told with its purchase
            case ValueChanged():
                yield _value_sentence(change, subject)
            case ElementsChanged():
                yield _elements_sentence(change, subject)
            case CountChanged():
                alone = isinstance(revenue, ValueChanged) and products == [change]
                money = f", revenue {_from_to(revenue)}" if alone and revenue else ""
                yield f"{_count_sentence(change)}{money}, on {subject}."


def _value_sentence(change: ValueChanged, subject: str) -> str:
    name = path_text(change.path)
    if change.path == _ALIASES:
        return _aliases_sentence(_aliases(change.before), _aliases(change.after), subject)
    before, after = (
        value_text(value, path=change.path) if value is not ABSENT else ""
        for value in (change.before, change.after)
    )
    if change.before is ABSENT:
        return f"Sets {name} to {after} on {subject}."
    if change.after is ABSENT:
        return f"Removes {name} (was {before}) from {subject}."
    return f"Changes {name} from {before} to {after} on {subject}."


def _elements_sentence(change: ElementsChanged, subject: str) -> str:
    if change.path == _ALIASES:
        return _aliases_sentence(change.before, change.after, subject)
    name = path_text(change.path)
    added, removed = (_listed(map(value_text, one)) for one in (change.added, change.removed))
    if added and removed:
        return f"Adds {added} to {name} and takes {removed} out, on {subject}."
    if added:
        return f"Adds {added} to {name} on {subject}."
    if removed:
        return f"Takes {removed} out of {name} on {subject}."
    return f"Puts the elements of {name} into another order on {subject}."


def _aliases(value: Any) -> list[JsonObject]:
    return value if isinstance(value, list) else []


def _aliases_sentence(before: list[JsonObject], after: list[JsonObject], subject: str) -> str:
    change = ElementsChanged(_ALIASES, before, after)
    gives = f"gives the alias {_listed(map(alias_text, change.added))}" if change.added else ""
    takes = f"takes away the alias {_listed(map(alias_text, change.removed))}"
    told = " and ".join(part for part in (gives, takes if change.removed else "") if part)
    return f"{told[:1].upper()}{told[1:]}, on {subject}."


def _count_sentence(change: CountChanged) -> str:
    before, after = change.counts
    if after > before:
        return f"Counts {_count_text(change)} (was {before}, now {after})"
    if after < before:
        return f"Counts {_counted(change, before - after)} less (was {before}, now {after})"
    return f"Changes when the {change.what} {_word(change.name)} happened first or last"


def _count_text(change: CountChanged) -> str:
    before, after = change.counts
    return _counted(change, after - before)


def _counted(change: CountChanged, times: int) -> str:
    name, many = _word(change.name), "s" if times > 1 else ""
    number = str(times) if many else "one"
    if change.what == "event":
        return f"{number} {name} event{many}"
    return f"{number} purchase{many} of {name}"


def _from_to(change: Change) -> str:
    before, after = (0 if value is ABSENT else value for value in (change.before, change.after))
    return f"{value_text(before, path=change.path)} → {value_text(after, path=change.path)}"


def _shared_text(shared: IdentifierShared) -> str:
    names = [_best(other) for other in shared.others]
    return (
        f"{len(names) + 1} profiles have {identifier_text(shared.identifier)}: the one with "
        f"{_best(shared.meant)} is meant, not {_listed(names, last='or')}."
    )


def _best(profile: ProfileName) -> str:
    return "no identifier" if profile.best is None else identifier_text(profile.best)


def _word(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _listed(parts: Iterable[str], *, last: str = "and") -> str:
    """List parts in prose; of many the first ones."""
    all_parts = list(parts)
    shown = all_parts[:_MOST_LISTED]
    if len(all_parts) > len(shown):
        shown.append(f"{len(all_parts) - len(shown)} more")
    return f" {last} ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)
