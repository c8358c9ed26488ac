"""What a Redis of one's own is set to that can cost webhooks: asked by `transformer doctor`.

The embedded Valkey is set right (supervisor/valkey.py); tests/integration/test_durability.py holds
both.
"""

from dataclasses import dataclass

import redis
from redis.exceptions import ResponseError

from transformer.queue.connection import translated


@dataclass(frozen=True, slots=True)
class Weakness:
    """A setting of Redis, what it can cost, and the one that does not."""

    setting: str
    found: str
    costs: str
    better: str


# What each must be, and what it can cost if it is something else.
_WANTED = (
    ("appendonly", "yes", "all webhooks that wait are lost when Redis ends"),
    ("appendfsync", "always", "webhooks of the last second are lost when the machine loses power"),
    ("maxmemory-policy", "noeviction", "webhooks that wait are thrown away when memory is short"),
)


def weaknesses(connection: redis.Redis) -> list[Weakness] | None:
    """List what of Redis' settings can cost webhooks; None where Redis does not let us look.

    Raises:
        QueueUnavailable: Redis does not answer.
    """
    with translated():
        try:
            held = connection.config_get(*(setting for setting, _, _ in _WANTED))
        except ResponseError:  # a hosted Redis has no CONFIG, or an ACL forbids it
            return None
    found = {_text(name): _text(value) for name, value in held.items()}
    return [
        Weakness(setting, found[setting], costs, better)
        for setting, better, costs in _WANTED
        if found.get(setting, better) != better
    ]


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
