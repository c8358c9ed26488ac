"""What Braze's API calls the errors of Track users (braze.md §2.1, *responses*).

An entry of ``errors`` is ``{"type", "input_array", "index"}``. Braze documents codes such as
BAD_LOCATION_UPDATE, and its API was seen to send sentences. Clients that meet the API match what it
sends, so a sentence that was seen comes first [T], then a documented code [D]; where there is
neither, a sentence is of the form of those that were seen.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypedDict

from transformer.delivery import Problem

_NOT_VALID = "'{field}' is not valid"  # [T] of a purchase's quantity
_STATES = "'subscribed', 'unsubscribed', or 'opted_in'"

WIRE_TYPES: Mapping[str, str] = MappingProxyType(
    {
        # Identifiers
        "missing_identifier": "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required",  # [T]
        "several_identifiers": "You must specify only one of 'external_id', 'user_alias' or 'braze_id'",  # [T]
        "invalid_identifier": _NOT_VALID,
        "external_user_id_too_large": "'external_id' must be fewer than 988 bytes",  # [T]
        "blacklisted_external_user_id": "provided external_id is blacklisted and disallowed",  # [D]
        "email_bad_format": "The value provided for the 'email' field is not a valid email.",  # [T]
        "invalid_flag": _NOT_VALID,
        # Attributes
        "bad_email_subscription_state": f"'email_subscribe' must be {_STATES}",  # [T]
        "bad_push_subscription_state": f"'push_subscribe' must be {_STATES}",  # [T]
        "bad_location_update": "BAD_LOCATION_UPDATE",  # [D], and so to the end of the attributes
        "bad_subscription_group_array": "BAD_SUBSCRIPTION_GROUP_ARRAY",
        "bad_subscription_group_hash": "BAD_SUBSCRIPTION_GROUP_HASH",
        "bad_subscription_group_id": "BAD_SUBSCRIPTION_GROUP_ID",
        "bad_subscription_group_state": "BAD_SUBSCRIPTION_GROUP_STATE",
        "bad_push_token_import": "BAD_PUSH_TOKEN_IMPORT",
        "bad_push_token_string": "BAD_PUSH_TOKEN_STRING",
        "bad_push_token_value": "BAD_PUSH_TOKEN_VALUE",
        "bad_push_token_app_id": "BAD_PUSH_TOKEN_APP_ID",
        "bad_device_id": "BAD_DEVICE_ID",
        "invalid_attribute_email_subscription_info": "INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO",
        "invalid_increment": _NOT_VALID,
        "invalid_array_operation": _NOT_VALID,
        # Events and purchases
        "invalid_event": _NOT_VALID,
        "invalid_purchase": _NOT_VALID,
        "invalid_currency": "'currency' must be an ISO 4217 currency",  # [D]
        "invalid_time": _NOT_VALID,
        "invalid_properties": "Invalid 'properties' field",  # [D]
    }
)
"""By the code of our problem; ``{field}`` stands for the field that its pointer names."""


class WireError(TypedDict):
    """One entry of ``errors``; ``index`` counts from 0 within the named array."""

    type: str
    input_array: str
    index: int


def as_wire(problem: Problem) -> WireError:
    """Write an error of an object of Track users as Braze's API does.

    Args:
        problem: its pointer begins with the array and the index: ``/events/0/time``.

    Raises:
        KeyError: the code is none of :data:`WIRE_TYPES`.
    """
    array, index, *within = problem.pointer.removeprefix("/").split("/")
    field = within[0].replace("~1", "/").replace("~0", "~") if within else ""
    # Not str.format: a field is named by whoever sent it, and may hold braces.
    described = WIRE_TYPES[problem.code].replace("{field}", field)
    return {"type": described, "input_array": array, "index": int(index)}
