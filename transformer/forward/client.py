"""Speaks HTTP to the other side: one call, one answer, within one time limit."""

import asyncio
from types import TracebackType
from typing import Self

import httpx

from transformer.forward.address import NotAllowed, Reach, resolve
from transformer.forward.answer import Response
from transformer.forward.call import Call
from transformer.store.outbox import THROUGH

_MAX_ANSWER_BYTES = 1_048_576
# How long an address is taken for that of its name.
_KNOWN_S = 60.0


class NoAnswer(Exception):
    """The other side cannot be reached, or said nothing in time; what it did is not known."""


class Client:
    """Connections to the other side of one forward.

    Args:
        base_url: where the API is.
        credential: the key that it asks for.
        reach: which addresses may be reached.
        timeout_s: how long a call may take, from its beginning to the last byte of the answer.
        parallel: calls at the same time.
    """

    def __init__(
        self, base_url: str, credential: str, *, reach: Reach, timeout_s: float, parallel: int = 1
    ) -> None:
        self._base_url = base_url
        self._credential = credential
        self._timeout_s = timeout_s
        self._client = httpx.AsyncClient(
            transport=_Guarded(reach, parallel),
            headers={
                "Authorization": f"Bearer {credential}",
                "Content-Type": "application/json",
                "User-Agent": "transformer",
                "Accept-Encoding": "identity",
            },
            # One limit for all of it is kept below.
            timeout=None,  # noqa: S113
            follow_redirects=False,
            trust_env=False,
        )

    async def send(self, call: Call, body: bytes, *, through: str) -> Response:
        """Make a call.

        Raises:
            NoAnswer: there was none within the time limit.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._send(call, body, through)
        except TimeoutError as error:
            raise NoAnswer(f"no answer within {self._timeout_s:g} s") from error
        except NotAllowed as error:
            raise NoAnswer(str(error)) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise NoAnswer(str(error) or type(error).__name__) from error

    def is_for(self, base_url: str, credential: str) -> bool:
        """Say whether it calls this address with this credential."""
        return (self._base_url, self._credential) == (base_url, credential)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _send(self, call: Call, body: bytes, through: str) -> Response:
        url = self._base_url + call.path
        async with self._client.stream(
            call.method, url, content=body, headers={THROUGH: through}
        ) as response:
            answered = bytearray()
            async for chunk in response.aiter_raw():
                answered += chunk
                if len(answered) > _MAX_ANSWER_BYTES:
                    break  # no answer of the API's; what was read says so
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Response(response.status_code, headers, bytes(answered))


class _Guarded(httpx.AsyncHTTPTransport):
    """Connects to the address that was looked at, and speaks TLS with the name that was asked for."""

    def __init__(self, reach: Reach, parallel: int) -> None:
        super().__init__(limits=httpx.Limits(max_connections=parallel), trust_env=False)
        self._reach = reach
        self._known: tuple[str, str, float] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        request.extensions = {**request.extensions, "sni_hostname": url.host}
        request.url = url.copy_with(host=await self._address_of(url))
        try:
            return await super().handle_async_request(request)
        except httpx.ConnectError:
            self._known = None  # it may have moved
            raise

    async def _address_of(self, url: httpx.URL) -> str:
        now = asyncio.get_running_loop().time()
        if self._known is None or self._known[0] != url.host or now > self._known[2]:
            address = await resolve(url.host, url.port, url.scheme, reach=self._reach)
            self._known = (url.host, address, now + _KNOWN_S)
        return self._known[1]
