"""Ids: a prefix that names the kind, then 32 hex digits that sort in the order of their making.

The prefix makes a wrong id visible in a log and refusable at the door; the order keeps an index's
new rows side by side on disk.
"""

import itertools
import random
import time
from typing import Literal, NewType, TypeAlias

WorkspaceId = NewType("WorkspaceId", str)
SourceId = NewType("SourceId", str)
TransformationId = NewType("TransformationId", str)
RevisionId = NewType("RevisionId", str)
EventId = NewType("EventId", str)
DeliveryId = NewType("DeliveryId", str)
ProfileId = NewType("ProfileId", str)
ReplayId = NewType("ReplayId", str)
KeyId = NewType("KeyId", str)
CatalogId = NewType("CatalogId", str)
ForwardId = NewType("ForwardId", str)

_DIGITS = 32
# Thousands are made in a millisecond; counting keeps the order of those of one process.
_turns = itertools.count()

Prefix: TypeAlias = Literal[
    "wsp", "src", "trf", "rev", "evt", "dlv", "prf", "rpl", "key", "cat", "fwd"
]


def new_id(prefix: Prefix) -> str:
    """Make an id such as ``evt_0199…``: 48 bits of Unix milliseconds, 20 that count, 60 random ones."""
    milliseconds = time.time_ns() // 1_000_000
    # Unique is enough: an id is no secret, and asking the kernel cost more than all the rest.
    turn = next(_turns) & 0xFFFFF
    return f"{prefix}_{milliseconds:012x}{turn:05x}{random.getrandbits(60):015x}"


def is_id(text: str, prefix: Prefix) -> bool:
    """Say whether ``text`` has the form of an id of this kind."""
    head, _, digits = text.partition("_")
    return (
        head == prefix and len(digits) == _DIGITS and all(c in "0123456789abcdef" for c in digits)
    )


def new_workspace_id() -> WorkspaceId:
    """Make the id of a workspace."""
    return WorkspaceId(new_id("wsp"))


def new_source_id() -> SourceId:
    """Make the id of a source."""
    return SourceId(new_id("src"))


def new_transformation_id() -> TransformationId:
    """Make the id of a transformation."""
    return TransformationId(new_id("trf"))


def new_revision_id() -> RevisionId:
    """Make the id of a revision."""
    return RevisionId(new_id("rev"))


def new_event_id() -> EventId:
    """Make the id of an event."""
    return EventId(new_id("evt"))


def new_delivery_id() -> DeliveryId:
    """Make the id of a delivery."""
    return DeliveryId(new_id("dlv"))


def new_profile_id() -> ProfileId:
    """Make the id of a profile; it is the profile's ``braze_id`` in the API we speak."""
    return ProfileId(new_id("prf"))


def new_replay_id() -> ReplayId:
    """Make the id of a replay."""
    return ReplayId(new_id("rpl"))


def new_key_id() -> KeyId:
    """Make the id of an API key."""
    return KeyId(new_id("key"))


def new_catalog_id() -> CatalogId:
    """Make the id of a catalog; callers name a catalog by its name."""
    return CatalogId(new_id("cat"))


def new_forward_id() -> ForwardId:
    """Make the id of a forward."""
    return ForwardId(new_id("fwd"))


def made_at_ms(any_id: str) -> int:
    """Give the Unix time at which an id was made, in milliseconds."""
    digits = any_id.partition("_")[2]
    return int(digits[:12], 16)
