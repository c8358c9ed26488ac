"""Who may call, and how often: key, address, permission, rate."""

import math
from typing import NamedTuple

from transformer.queue.keys import request_rate
from transformer.queue.windows import Counted, Window, Windows
from transformer.rest import errors
from transformer.rest.keys import Caller, Keys
from transformer.rest.rates import Rate
from transformer.rest.route import Headers, RestRoute


class Admitted(NamedTuple):
    """Who calls, and what the answer says of the rate, whatever else it says."""

    caller: Caller
    headers: Headers


class Admission:
    """Looks at each call before its body is read; used from one event loop.

    Args:
        keys: who may call.
        windows: counts calls.
        rate_percent: how much of each documented rate is allowed, in per cent; 0: any number.
    """

    def __init__(self, keys: Keys, windows: Windows, *, rate_percent: int) -> None:
        self._keys = keys
        self._windows = windows
        self._rate_percent = rate_percent

    async def admit(
        self, route: RestRoute, *, authorization: str | None, address: str | None
    ) -> Admitted:
        """Let a call in.

        Raises:
            Refused: 401, the key opens nothing; 403, it is not for this, or not from there; 429.
            StoreUnavailable: the database does not answer.
            QueueUnavailable: Redis does not answer.
        """
        caller = await self._keys.find(authorization)
        key = caller.key
        if not key.allows_from(address):
            raise errors.forbidden("Forbidden: this API key may not be used from your IP address")
        if route.permission not in key.permissions:
            raise errors.forbidden(
                f"Forbidden: this API key does not have the permission {route.permission.value}"
            )
        counted = await self._count(caller, route.rate)
        if not self._keys.is_current(counted.config_version):
            # What it may do never changes, but it may be gone.
            caller = await self._keys.find(authorization)
        if counted.left < 0:
            raise errors.rate_limited(math.ceil(counted.ends_in_s))
        self._keys.note_use(key.id)
        return Admitted(caller, self._headers(route.rate, counted))

    async def close(self) -> None:
        """Finish what was begun."""
        await self._keys.close()
        await self._windows.close()

    async def _count(self, caller: Caller, rate: Rate) -> Counted:
        key = request_rate(caller.key.workspace_id, rate.group)
        return await self._windows.count(Window(key, self._most(rate), rate.seconds))

    def _most(self, rate: Rate) -> int:
        if not self._rate_percent:
            return 0
        return max(rate.requests * self._rate_percent // 100, 1)

    def _headers(self, rate: Rate, counted: Counted) -> Headers:
        most = self._most(rate)
        if not most:
            return ()
        return (
            (b"x-ratelimit-limit", b"%d" % most),
            (b"x-ratelimit-remaining", b"%d" % counted.left),
            (b"x-ratelimit-reset", b"%d" % counted.ends_at_s),
        )
