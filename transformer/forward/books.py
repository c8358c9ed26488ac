"""What is known of a forward's calls while it is held: what came of each, and what follows from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from transformer.clock import Clock, to_text
from transformer.forward.answer import Answer, Barred, Refused, Slow, Taken, Unavailable
from transformer.forward.batch import Batch
from transformer.forward.call import MAX_OBJECTS, Call
from transformer.forward.patience import Patience
from transformer.ids import ForwardId
from transformer.operation import JsonObject
from transformer.store.forwarding import Refusal, Round
from transformer.store.outbox import Waiting

# An operation that fails alone so often, while the other side takes others, is given up.
_TRIES_ALONE = 8
# While the address or the credential is wrong, it is tried so often.
_BARRED_S = 60.0

_log = structlog.get_logger()


@dataclass(slots=True)
class _Alone:
    """An operation that failed in a call of its own: how often, and what was taken before."""

    taken_before: int
    failures: int = 0
    due_at: float = 0.0


@dataclass(slots=True)
class _Entry:
    """What came of the round that is being entered."""

    sent: list[Waiting] = field(default_factory=list)
    refused: list[tuple[Waiting, Refusal]] = field(default_factory=list)


class Books:
    """Enters the answers of each round.

    Args:
        forward_id: whose they are.
        may_have_arrived: the operations that were on their way when the last holder vanished.
        clock: the time.
        patience: when calls are due.
    """

    def __init__(
        self,
        forward_id: ForwardId,
        *,
        clock: Clock,
        patience: Patience,
        may_have_arrived: Iterable[int] = (),
    ) -> None:
        self.may_have_arrived = set(may_have_arrived)
        self._forward_id = forward_id
        self._clock = clock
        self._patience = patience
        self._most: dict[int, int] = {}
        self._alone: dict[int, _Alone] = {}
        self._troubles: dict[str, JsonObject] = {}
        self._taken = 0

    def enter(self, answers: Sequence[tuple[Batch, Answer]]) -> Round:
        """Take in what the calls of a round were answered."""
        entry = _Entry()
        well = {batch.call.path for batch, answer in answers if isinstance(answer, Taken | Refused)}
        for batch, answer in answers:
            match answer:
                case Taken():
                    self._enter_taken(batch, answer, entry)
                case Refused():
                    self._enter_refused(batch, answer, entry)
                case Slow(after_s=after_s, why=why):
                    self._wait(batch, why, self._patience.was_told(batch.call, after_s))
                case Unavailable():
                    self._enter_unavailable(batch, answer, entry, well=batch.call.path in well)
                case Barred(why=why):
                    self._wait(batch, why, self._patience.was_told(batch.call, _BARRED_S))
        self._taken += len(entry.sent)
        return Round(entry.sent, entry.refused)

    def most_of(self, one: Waiting) -> int:
        """Give the size of the largest call that an operation may go in."""
        return self._most.get(one.id, MAX_OBJECTS)

    def is_held_up(self, one: Waiting, call: Call) -> bool:
        """Say whether an operation has to wait still."""
        alone = self._alone.get(one.id)
        return self._patience.is_held_up(call) or (
            alone is not None and self._clock.monotonic() < alone.due_at
        )

    def due_in_s(self) -> float:
        """Say when the first of what waits is due, in seconds."""
        now = self._clock.monotonic()
        alone = [one.due_at - now for one in self._alone.values() if one.due_at > now]
        calls = self._patience.due_in_s()
        return min([*alone, calls] if calls else alone, default=0.0)

    def trouble(self) -> JsonObject | None:
        """Tell the newest of what keeps operations from being sent; None: nothing does."""
        return max(self._troubles.values(), key=lambda one: one["since"], default=None)

    def still_in_doubt(self, done: Round) -> set[int]:
        """Give what may have arrived, and is known neither to be taken nor refused."""
        return self.may_have_arrived - set(_ids_of(done))

    def forget(self, done: Round) -> None:
        """Forget what was taken or refused, now that the store knows."""
        for row_id in _ids_of(done):
            self.may_have_arrived.discard(row_id)
            self._most.pop(row_id, None)
            self._alone.pop(row_id, None)

    def start_anew(self) -> None:
        """Wait for nothing any more."""
        self._patience.forget()
        self._troubles.clear()

    def _enter_taken(self, batch: Batch, answer: Taken, entry: _Entry) -> None:
        self._patience.went_well(batch.call, pause_s=answer.pause_s)
        self._troubles.pop(batch.call.path, None)
        for one in batch.rows:
            why = answer.refused.get(one.id)
            if why is None:
                entry.sent.append(one)
            else:
                entry.refused.append((one, why))

    def _enter_refused(self, batch: Batch, answer: Refused, entry: _Entry) -> None:
        """Find out whose fault it is: of whom the answer names, or in halves."""
        self._patience.went_well(batch.call, pause_s=0.0)
        self._troubles.pop(batch.call.path, None)
        named = [(one, answer.named[one.id]) for one in batch.rows if one.id in answer.named]
        if named:
            entry.refused += named
        elif len(batch.rows) == 1:
            entry.refused.append((batch.rows[0], answer.why))
        else:
            self._halve(batch)

    def _enter_unavailable(
        self, batch: Batch, answer: Unavailable, entry: _Entry, *, well: bool
    ) -> None:
        self.may_have_arrived.update(one.id for one in batch.rows)
        if answer.is_theirs or well:
            # It may be the doing of one operation: of which is known once it fails alone.
            if len(batch.rows) > 1:
                self._halve(batch)
            elif self._fails_alone(batch.rows[0]):
                entry.refused.append((batch.rows[0], Refusal("gave_up", answer.why.message)))
                return
        if not well:
            self._wait(batch, answer.why, self._patience.failed(batch.call))

    def _fails_alone(self, one: Waiting) -> bool:
        alone = self._alone.setdefault(one.id, _Alone(self._taken))
        alone.failures += 1
        alone.due_at = self._clock.monotonic() + self._patience.backoff_s(alone.failures)
        return alone.failures >= _TRIES_ALONE and self._taken > alone.taken_before

    def _halve(self, batch: Batch) -> None:
        half = (len(batch.rows) + 1) // 2
        self._most.update((one.id, half) for one in batch.rows)

    def _wait(self, batch: Batch, why: Refusal, seconds: float) -> None:
        path, now = batch.call.path, self._clock.now()
        held = self._troubles.get(path)
        if held is None or held["code"] != why.code:
            _log.warning(
                "forward.held_up",
                forward_id=self._forward_id,
                path=path,
                code=why.code,
                retry_in_s=round(seconds, 1),
            )
            held = {"since": to_text(now)}
        self._troubles[path] = {
            "since": held["since"],
            "path": path,
            **why.as_json(),
            "retry_at": to_text(now + timedelta(seconds=seconds)),
        }


def _ids_of(done: Round) -> list[int]:
    return [one.id for one in done.sent] + [one.id for one, _ in done.refused]
