"""Sends what waits for one forward, round after round, for as long as it is held.

A round is: cut what waits into a few calls, note in the store which operations they carry, make them
at the same time, and note what came of them together with what the next round carries. So whoever
finds a forward whose holder vanished knows which operations may have arrived: they are sent again
(at least once), and their deliveries say ``sent_again`` (tests/crash/test_forward_killed.py).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from transformer.clock import Clock
from transformer.errors import StoreUnavailable
from transformer.forward.address import Reach
from transformer.forward.answer import Answer, Unavailable, read_answer
from transformer.forward.batch import Batch, cut
from transformer.forward.books import Books
from transformer.forward.call import unsendable
from transformer.forward.client import Client, NoAnswer
from transformer.metrics import ForwardMetrics
from transformer.operation import JsonObject
from transformer.stops import Stops
from transformer.store.engine import Engine, reading, writing
from transformer.store.forwarding import Claim, Orders, Refusal, Round, note_round, release
from transformer.store.outbox import Waiting, read_waiting

PARALLEL = 4
# Twice what a round can carry, so that what has to wait for its turn does not stop the others; less
# where operations are so large that they would fill the memory.
_MOST_READ = 600
_FIRST_READ = 75
_MOST_READ_BYTES = 16 * 1_048_576
_LONGEST_PAUSE_S = 1.0
_IDLE_PAUSE_S = 0.2
# A forward for which nothing came for so long is given back.
_KEPT_IDLE_S = 5.0
_STORE_PAUSE_S = 1.0
# What a machine may take between a beat and the calls that it allows.
_MARGIN_S = 1.0

_log = structlog.get_logger()


class Fenced(Exception):
    """Another process holds the forward now."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a call may take, and for how long after a beat nobody else claims a forward.

    A call ends before its lease does, so one that was begun before a forward changed hands has ended
    when the next holder begins.
    """

    timeout_s: float

    @property
    def lease_s(self) -> float:
        """The length of a lease, in seconds."""
        return 1.2 * self.timeout_s + 2 * _MARGIN_S

    @property
    def beat_s(self) -> float:
        """How often a holder that makes no calls says that it lives, in seconds."""
        return self.lease_s / 3

    def allows_a_call(self, since_beat_s: float) -> bool:
        """Say whether a call that begins now would end before the lease."""
        return since_beat_s < _MARGIN_S


@dataclass(frozen=True, slots=True)
class _Plan:
    batches: Sequence[Batch] = ()
    is_empty: bool = True


class Sender:
    """Works one forward off.

    Args:
        held: the forward.
        books: what is known of its calls; they outlive the claim.
    """

    def __init__(
        self,
        engine: Engine,
        held: Claim,
        books: Books,
        *,
        reach: Reach,
        pace: Pace,
        clock: Clock,
        stops: Stops,
        metrics: ForwardMetrics,
    ) -> None:
        self._engine = engine
        self._held = held
        self._books = books
        self._reach = reach
        self._pace = pace
        self._clock = clock
        self._stops = stops
        self._metrics = metrics
        self._orders = Orders(is_active=True, base_url="", credential="")
        self._beat_at = clock.monotonic() - pace.lease_s
        self._client: Client | None = None
        self._trouble: JsonObject | None = None
        self._read = _FIRST_READ

    async def work(self, ending: asyncio.Event) -> None:
        """Send until nothing waits, until the forward is paused, or until told to end.

        Raises:
            Fenced: another process has claimed the forward.
        """
        try:
            await self._work(ending)
        finally:
            if self._client is not None:
                await self._client.close()
            await asyncio.to_thread(self._release)

    async def _work(self, ending: asyncio.Event) -> None:
        done, idle_at = Round(), self._clock.monotonic()
        while True:
            resting = ending.is_set() or not self._orders.is_active
            try:
                plan = await asyncio.to_thread(self._turn, done, resting=resting)
            except StoreUnavailable as error:
                _log.warning("forward.waiting", **self._names(), code=error.code)
                if await _is_set_within(_STORE_PAUSE_S, ending):
                    return
                continue
            done, now = Round(), self._clock.monotonic()
            if resting:
                return
            if not plan.is_empty:
                idle_at = now
            if plan.batches and self._orders.is_active:
                done = await self._make(plan.batches)
            elif now - idle_at > _KEPT_IDLE_S:
                return
            else:
                await _is_set_within(self._pause_s(plan), ending)

    def _turn(self, done: Round, *, resting: bool) -> _Plan:
        """Note what came of a round and what goes next, in one transaction."""
        window = self._read_window()
        gone = {one.id for one in done.sent} | {one.id for one, _ in done.refused}
        waiting, refused = _sorted_out([one for one in window if one.id not in gone])
        done = Round(done.sent, [*done.refused, *refused], self._books.trouble())
        batches: list[Batch] = []
        if not resting:
            batches = cut(
                waiting,
                calls=PARALLEL,
                most_of=self._books.most_of,
                is_held_up=self._books.is_held_up,
            )
        now = self._clock.monotonic()
        nothing_new = not (batches or done.sent or done.refused or resting)
        nothing_new = nothing_new and done.trouble == self._trouble
        if not (nothing_new and now - self._beat_at < self._pace.beat_s):
            self._note(done, batches)
        return _Plan(batches, is_empty=not waiting)

    def _read_window(self) -> list[Waiting]:
        with reading(self._engine) as connection:
            window = read_waiting(connection, forward_id=self._held.forward_id, limit=self._read)
        size = sum(len(one.object) for one in window)
        if size > _MOST_READ_BYTES:
            self._read = max(1, self._read // 4)
        elif size < _MOST_READ_BYTES // 2:
            self._read = min(_MOST_READ, self._read * 2)
        return window

    def _note(self, done: Round, batches: Sequence[Batch]) -> None:
        in_flight = {one.id for batch in batches for one in batch.rows}
        with writing(self._engine) as connection:
            orders = note_round(
                connection,
                self._held,
                done,
                may_have_arrived=self._books.may_have_arrived,
                in_flight=sorted(in_flight | self._books.still_in_doubt(done)),
                now=self._clock.now(),
            )
            if orders is None:
                raise Fenced(self._held.forward_id)
            # Nobody sees the beat before the commit, so a lease lasts from then at least.
            beat_at = self._clock.monotonic()
        self._stops.reach("forward-after-commit")
        self._beat_at, self._trouble = beat_at, done.trouble
        self._books.forget(done)
        if self._client is not None and orders != self._orders:
            # Somebody changed the address or the credential: what was wrong may be right now.
            self._books.start_anew()
        self._orders = orders

    async def _make(self, batches: Sequence[Batch]) -> Round:
        """Make calls at the same time, and wait for all of them."""
        client = await self._connected()
        began = self._clock.monotonic()
        if not self._pace.allows_a_call(began - self._beat_at):
            return Round()  # this machine stood still: who knows who holds the forward now
        answers = await asyncio.gather(*(self._send(client, batch) for batch in batches))
        self._stops.reach("forward-after-send")
        done = self._books.enter(list(zip(batches, answers, strict=True)))
        self._metrics.went(sent=len(done.sent), refused=len(done.refused))
        _log.info(
            "forward.sent",
            **self._names(),
            calls=len(batches),
            sent=len(done.sent),
            refused=len(done.refused),
            bytes=sum(batch.size for batch in batches),
            took_ms=round((self._clock.monotonic() - began) * 1_000),
        )
        return done

    async def _connected(self) -> Client:
        orders = self._orders
        if self._client is None or not self._client.is_for(orders.base_url, orders.credential):
            if self._client is not None:
                await self._client.close()
            self._client = Client(
                orders.base_url,
                orders.credential,
                reach=self._reach,
                timeout_s=self._pace.timeout_s,
                parallel=PARALLEL,
            )
        return self._client

    async def _send(self, client: Client, batch: Batch) -> Answer:
        began = self._clock.monotonic()
        through = ", ".join(filter(None, [batch.through, self._held.forward_id]))
        try:
            response = await client.send(batch.call, batch.body(), through=through)
            answer = read_answer(batch, response, now=self._clock.now())
        except NoAnswer as error:
            answer = Unavailable(Refusal("no_answer", str(error)))
        self._metrics.called(type(answer).__name__.lower(), self._clock.monotonic() - began)
        return answer

    def _pause_s(self, plan: _Plan) -> float:
        if plan.is_empty:
            return _IDLE_PAUSE_S
        return min(max(self._books.due_in_s(), 0.05), _LONGEST_PAUSE_S)

    def _release(self) -> None:
        try:
            with writing(self._engine) as connection:
                release(connection, self._held)
        except StoreUnavailable as error:
            _log.warning("forward.waiting", **self._names(), code=error.code)

    def _names(self) -> dict[str, str]:
        return {"forward_id": self._held.forward_id}


def _sorted_out(
    window: Sequence[Waiting],
) -> tuple[list[Waiting], list[tuple[Waiting, Refusal]]]:
    """Part what can be sent from what never can."""
    waiting, refused = [], []
    for one in window:
        why = unsendable(one)
        if why is None:
            waiting.append(one)
        else:
            refused.append((one, why))
    return waiting, refused


async def _is_set_within(seconds: float, ending: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await ending.wait()
    except TimeoutError:
        return False
    return True
