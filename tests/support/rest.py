"""The REST API for tests: keys, and clients that use them."""

from collections.abc import Sequence
from typing import Any

import httpx

from tests.support.system import System
from transformer.api_key import Permission

EVERYTHING = [permission.value for permission in Permission]


def make_key(
    system: System,
    permissions: Sequence[str] = EVERYTHING,
    *,
    allowed_ips: Sequence[str] = (),
    name: str = "test",
) -> dict[str, Any]:
    """Make an API key; its text is under ``key``."""
    made: dict[str, Any] = system.call(
        "POST",
        "/api/keys",
        json={"name": name, "permissions": list(permissions), "allowed_ips": list(allowed_ips)},
    )
    return made


def rest_client(system: System, key: str) -> httpx.Client:
    """Make a client that sends a key; the caller closes it."""
    return httpx.Client(
        base_url=system.instance.url,
        headers={"authorization": f"Bearer {key}"} if key else {},
        timeout=30,
    )
