"""The profile fields that hold several things: places, accounts, groups, tokens (braze.md §2.1)."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from transformer.operation import JsonObject
from transformer.writer.values import Fault, Kept, cut, find_cuts

_GROUP_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_GROUP_STATES = ("subscribed", "unsubscribed")
_GROUP_KEYS = frozenset({"subscription_group_id", "subscription_state", "use_double_opt_in_logic"})
_DEVICE_ID_BYTES = range(8, 256)
_MAX_LONGITUDE = 180
_MAX_LATITUDE = 90


def read_location(value: Any) -> Kept | Fault:
    """Read ``current_location``: longitude and latitude, in degrees."""
    if isinstance(value, dict):
        longitude, latitude = value.get("longitude"), value.get("latitude")
        if _is_within(longitude, _MAX_LONGITUDE) and _is_within(latitude, _MAX_LATITUDE):
            kept = {"longitude": longitude, "latitude": latitude}
            return kept, _ignored(value, kept.keys())
    return Fault(
        "bad_location_update",
        f"{value!r:.80} was found; longitude and latitude as numbers were expected.",
        rejects=True,
    )


def read_facebook(value: Any) -> Kept | Fault:
    """Read ``facebook``: what is known of an account there."""
    return _account(value, {"id": _is_id, "likes": _is_texts, "num_friends": _is_count})


def read_twitter(value: Any) -> Kept | Fault:
    """Read ``twitter``: what is known of an account there."""
    counts = dict.fromkeys(("followers_count", "friends_count", "statuses_count"), _is_count)
    return _account(value, {"id": _is_id, "screen_name": _is_text, **counts})


def read_groups(value: Any) -> Kept | Fault:
    """Read ``subscription_groups``: the states of some groups."""
    if not isinstance(value, list):
        return _group_fault("array", value, "an array of objects")
    kept: list[JsonObject] = []
    lost: list[Fault] = []
    for index, group in enumerate(value):
        read = _group(group)
        if isinstance(read, Fault):
            return read.inside(index)
        kept.append(read)
        lost += [fault.inside(index) for fault in _ignored(group, _GROUP_KEYS)]
    return kept, tuple(lost)


def merged_groups(
    held: Sequence[JsonObject] | None, given: Sequence[JsonObject]
) -> list[JsonObject]:
    """Give the subscription groups after some of them changed."""
    by_id = {group["subscription_group_id"]: group for group in [*(held or []), *given]}
    return list(by_id.values())


def read_push_tokens(value: Any) -> Kept | Fault:
    """Read ``push_tokens``: each of an app, with the device where it is known."""
    if not isinstance(value, list):
        return _token_fault("value", value, "an array of objects")
    kept: list[JsonObject] = []
    lost: list[Fault] = []
    for index, token in enumerate(value):
        read = _push_token(token)
        if isinstance(read, Fault):
            return read.inside(index)
        kept.append(read)
        lost += [fault.inside(index) for fault in _ignored(token, {"app_id", "token", "device_id"})]
    return kept, tuple(lost)


def merged_push_tokens(held: list[JsonObject] | None, given: list[JsonObject]) -> list[JsonObject]:
    """Give the push tokens after some were added; one that is there gets its device again."""
    by_token = {(token["app_id"], token["token"]): token for token in [*(held or []), *given]}
    return list(by_token.values())


def read_push_token_import(value: Any) -> Kept | Fault:
    """Refuse ``push_token_import``: nobody is sent a push here, so nobody is made for a token."""
    if value is False or value is None:
        return None, ()
    return Fault(
        "bad_push_token_import",
        "push_token_import makes profiles of nobody for push messages, which are not sent from here.",
        rejects=True,
        hint="Name the profile and leave push_token_import out: push_tokens alone are kept.",
    )


def _account(value: Any, keys: Mapping[str, Callable[[Any], bool]]) -> Kept | Fault:
    if not isinstance(value, dict):
        return Fault("invalid_value", f"{value!r:.80} was found; an object was expected.")
    kept: JsonObject = {}
    lost = list(_ignored(value, keys.keys()))
    for name, fits in keys.items():
        if name not in value:
            continue
        if fits(value[name]):
            kept[name] = _cut_all(value[name])
            lost += [fault.inside(name) for fault in find_cuts(value[name])]
        else:
            message = f"{value[name]!r:.80} is not what this key may hold."
            lost.append(Fault("invalid_value", message, steps=(name,)))
    return lost[0] if lost and not kept else (kept, tuple(lost))


def _group(group: Any) -> JsonObject | Fault:
    if (
        not isinstance(group, dict)
        or not {
            "subscription_group_id",
            "subscription_state",
        }
        <= group.keys()
    ):
        return _group_fault("hash", group, "subscription_group_id and subscription_state")
    group_id, state = group["subscription_group_id"], group["subscription_state"]
    if not isinstance(group_id, str) or not _GROUP_ID.fullmatch(group_id):
        return _group_fault("id", group_id, "the id of a subscription group, a UUID").inside(
            "subscription_group_id"
        )
    if state not in _GROUP_STATES:
        return _group_fault("state", state, " or ".join(_GROUP_STATES)).inside("subscription_state")
    return {"subscription_group_id": group_id.lower(), "subscription_state": state}


def _push_token(token: Any) -> JsonObject | Fault:
    if not isinstance(token, dict):
        return _token_fault("value", token, "an object")
    if not _is_text(token.get("token")):
        return _token_fault("string", token.get("token"), "a string").inside("token")
    if not _is_text(token.get("app_id")):
        return _token_fault("app_id", token.get("app_id"), "the id of an app").inside("app_id")
    kept = {"app_id": token["app_id"], "token": token["token"]}
    device_id = token.get("device_id")
    if device_id is None:
        return kept
    if not isinstance(device_id, str) or len(device_id.encode()) not in _DEVICE_ID_BYTES:
        return Fault(
            "bad_device_id",
            f"{device_id!r:.80} was found; a string of 8 to 255 bytes was expected.",
            rejects=True,
            steps=("device_id",),
        )
    return kept | {"device_id": device_id}


def _group_fault(part: str, value: Any, expected: str) -> Fault:
    return Fault(
        f"bad_subscription_group_{part}",
        f"{value!r:.80} was found; {expected} was expected.",
        rejects=True,
    )


def _token_fault(part: str, value: Any, expected: str) -> Fault:
    return Fault(
        f"bad_push_token_{part}",
        f"{value!r:.80} was found; {expected} was expected.",
        rejects=True,
    )


def _ignored(given: JsonObject, known: Any) -> tuple[Fault, ...]:
    return tuple(
        Fault("dropped_value", f"{name!r:.80} is no key of this field.", steps=(name,))
        for name in given
        if name not in known
    )


def _is_within(value: Any, limit: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= limit


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(element, str) for element in value)


def _is_id(value: Any) -> bool:
    return _is_text(value) or _is_count(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _cut_all(value: Any) -> Any:
    return [cut(element) for element in value] if isinstance(value, list) else cut(value)
