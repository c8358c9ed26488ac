"""A sender that keeps its connections and tells apart what can happen to a webhook at a restart."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_REFUSED_PAUSE_S = 0.02


@dataclass
class Sent:
    """What became of each webhook, by its number."""

    accepted: list[int] = field(default_factory=list)
    # Told nothing, and the request was written: on a connection that had served before, or a new one.
    reset_on_kept: list[int] = field(default_factory=list)
    reset_on_new: list[int] = field(default_factory=list)
    answered_otherwise: list[tuple[int, bytes]] = field(default_factory=list)
    refused_connections: int = 0
    told_to_close: int = 0


class SteadySender:
    """Sends numbers over some kept connections, each as soon as the one before is answered.

    It ends when it was told that it may, and has sent enough.
    """

    def __init__(self, url: str, *, at_least: int, concurrency: int) -> None:
        place = urlsplit(url)
        self._host, self._port, self._path = place.hostname or "", place.port or 80, place.path
        self._at_least = at_least
        self.may_end = False
        self._concurrency = concurrency
        self._next = 0
        self.sent = Sent()

    @property
    def done(self) -> int:
        """How many were begun."""
        return self._next

    async def run(self) -> Sent:
        """Send all."""
        await asyncio.gather(*(self._send_on() for _ in range(self._concurrency)))
        return self.sent

    async def _send_on(self) -> None:
        connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while self._next < self._at_least or not self.may_end:
            number, self._next = self._next, self._next + 1
            is_new = connection is None
            if connection is None:
                connection = await self._connect()
            keeps = await self._send(connection, number, is_new=is_new)
            if not keeps:
                connection[1].close()
                connection = None
        if connection is not None:
            connection[1].close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while True:
            try:
                return await asyncio.open_connection(self._host, self._port)
            except ConnectionRefusedError:
                self.sent.refused_connections += 1
                await asyncio.sleep(_REFUSED_PAUSE_S)

    async def _send(
        self,
        connection: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        number: int,
        *,
        is_new: bool,
    ) -> bool:
        reader, writer = connection
        body = b'{"number": %d}' % number
        writer.write(
            b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n%s" % (self._path.encode(), len(body), body)
        )
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            answer = await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError):
            (self.sent.reset_on_new if is_new else self.sent.reset_on_kept).append(number)
            return False
        if b" 201 " in head[:16]:
            self.sent.accepted.append(number)
        else:
            self.sent.answered_otherwise.append((number, head + answer))
        if b"connection: close" in head:
            self.sent.told_to_close += 1
            return False
        return True
