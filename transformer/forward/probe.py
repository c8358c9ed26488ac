"""Asks the other side whether address and credential are right, without changing anything there."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

from transformer.forward.address import Reach
from transformer.forward.answer import Response, json_of, message_of
from transformer.forward.call import TRACK
from transformer.forward.client import Client, NoAnswer

# Who is asked this looks at the key first, and then finds nothing to do.
_NOTHING = b'{"attributes":[]}'


@dataclass(frozen=True, slots=True)
class Probe:
    """What the other side said; ``status`` is None where it said nothing."""

    works: bool
    status: int | None
    message: str


def probe(base_url: str, credential: str, *, reach: Reach, timeout_s: float) -> Probe:
    """Make a call that changes nothing, and say whether operations would be taken."""
    try:
        response = asyncio.run(_ask(base_url, credential, reach, timeout_s))
    except NoAnswer as error:
        return Probe(works=False, status=None, message=str(error))
    told = json_of(response.body)
    knows_us = response.status in {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.BAD_REQUEST}
    return Probe(
        works=knows_us and told is not None,
        status=response.status,
        message=message_of(told, response),
    )


async def _ask(base_url: str, credential: str, reach: Reach, timeout_s: float) -> Response:
    async with Client(base_url, credential, reach=reach, timeout_s=timeout_s) as client:
        return await client.send(TRACK, _NOTHING, through="")
