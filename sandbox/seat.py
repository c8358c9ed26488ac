"""One owner's place in the pool: its guest, and how a batch survives the guest's end.

A guest that ended a call badly is never used again, so there is one way back from every bad end:
start a fresh guest and run again what is still without a result. Programs are pure (the realm has
no clock, chance or memory of its own), so running a call twice is running it once.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b

import orjson

from sandbox.errors import GuestGone, ProtocolViolated
from sandbox.limits import Limits
from sandbox.places import Places
from sandbox.process import GuestProcess
from sandbox.program import Call, Program, can_see
from sandbox.protocol import (
    KEY_BYTES,
    MOST_LOADED_BYTES,
    UNKNOWN_CALL,
    Frame,
    Invalid,
    Kind,
    Load,
    Reason,
    Results,
    Stopped,
    encode_run,
    most_results_bytes,
)
from sandbox.records import read_results
from sandbox.result import Died, OutOfMemory, Result, SyntaxInvalid, TimedOut
from sandbox.watch import Cause, NoWatch, Watch

# A batch lies in the guest's heap beside what the program makes of it.
_MOST_BATCH_BYTES = 4 * 1_048_576
_MOST_BATCHES = 10_000
# The guest collects its garbage above 384 MB; what is still there afterwards is not coming back.
_MOST_KEPT_BYTES = 448 * 1_048_576
_GRACE_S = 2.0
_COMPILE_S = 5.0
_TRIES_ALONE = 2

_log = logging.getLogger("sandbox")


class Seat:
    """A guest for one owner, started when it is needed; hold ``lock`` while using it.

    Args:
        start: starts a guest process.
        owner: whose seat it is, for the log.
        grace_s: how much later than its own limits a guest may answer before it is killed.
        watch: is told of each start and of each bad end.
    """

    def __init__(
        self,
        start: Callable[[], GuestProcess],
        *,
        owner: str = "",
        grace_s: float = _GRACE_S,
        watch: Watch | None = None,
    ) -> None:
        self.lock = threading.Lock()
        self.users = 0
        self.used_at = time.monotonic()
        self._start = start
        self._owner = owner
        self._grace_s = grace_s
        self._watch = watch or NoWatch()
        self._guest: GuestProcess | None = None
        self._loaded: set[bytes] = set()
        self._batches = 0
        self._held_bytes = 0

    @property
    def _is_used(self) -> bool:
        """Whether the guest has run batches, so that its heap holds what they left."""
        return self._batches > 0

    @property
    def guest_pid(self) -> int | None:
        """The process id of the guest, if there is one now."""
        guest = self._guest
        return guest.pid if guest else None

    @property
    def held_bytes(self) -> int:
        """What the guest held in memory after its last batch."""
        return self._held_bytes

    def recycle_if_large(self) -> None:
        """Look how much memory the guest holds; end it if it came out of a batch too large."""
        self._held_bytes = self._guest.resident_bytes() if self._guest else 0
        if self._held_bytes > _MOST_KEPT_BYTES:
            self.close()

    def kill(self) -> None:
        """End the guest from another thread; the thread that uses the seat notices."""
        guest = self._guest
        if guest is not None:
            guest.kill()

    def close(self) -> None:
        """End the guest."""
        if self._guest is not None:
            self._guest.close()
        self._guest = None
        self._loaded.clear()
        self._batches = 0
        self._held_bytes = 0

    def check(self, program: Program) -> SyntaxInvalid | None:
        """Compile a program, run nothing."""
        order = _load_order(program)
        for _ in range(_TRIES_ALONE):
            try:
                return self._load(order)
            except (GuestGone, ProtocolViolated):
                self.close()
        return _uncompilable()

    def run(self, program: Program, calls: Sequence[Call], limits: Limits) -> list[Result]:
        """Run a prefix of the calls, at least one."""
        order = _load_order(program)
        fitting = _fitting(calls)
        was_used = self._is_used
        try:
            answer = self._run(order, fitting, limits)
        except (GuestGone, ProtocolViolated):
            self.close()
            return self._run_one_by_one(order, fitting, limits)
        match answer:
            case SyntaxInvalid():
                return [answer] * len(calls)
            case Stopped(Reason.MEMORY) if was_used and len(fitting) == 1:
                # What earlier batches left on the heap is not this call's: a fresh guest judges.
                self.close()
                return self._run_one_by_one(order, fitting, limits)
            case Stopped(reason, index):
                self._give_up(reason)
                return self._run_around(order, fitting, limits, reason, index)
            case _:
                return answer

    def _run_around(
        self,
        order: Load,
        calls: Sequence[Call],
        limits: Limits,
        reason: Reason,
        index: int,
    ) -> list[Result]:
        """Give the results of the calls before the one that was stopped, and its own."""
        if len(calls) == 1:
            return [_stopped_result(reason, limits)]
        if index == UNKNOWN_CALL:
            return self._run_one_by_one(order, calls, limits)
        if reason is Reason.MEMORY and index == 0:
            # The rest of the batch lay on the same heap: only what it does alone counts.
            return self._run_one_by_one(order, calls[:1], limits)
        if index == 0:
            return [_stopped_result(reason, limits)]
        before = calls[:index]
        try:
            answer = self._run(order, before, limits)
        except (GuestGone, ProtocolViolated):
            answer = None
        if not isinstance(answer, list):
            # Believed once: a guest that stops at one call before the other would never be done.
            self.close()
            return self._run_one_by_one(order, before, limits)
        if len(answer) == index and reason is Reason.TIME:
            answer.append(_stopped_result(reason, limits))
        return answer

    def _run_one_by_one(self, order: Load, calls: Sequence[Call], limits: Limits) -> list[Result]:
        """Find the call that brings the guest down: up to it, or to the end of the slice."""
        ends_at = time.monotonic() + limits.slice_ms / 1_000
        results: list[Result] = []
        for call in calls:
            result = self._run_alone(order, call, limits)
            results.append(result)
            if isinstance(result, Died | OutOfMemory | TimedOut) or time.monotonic() >= ends_at:
                break
        return results

    def _run_alone(self, order: Load, call: Call, limits: Limits) -> Result:
        description = ""
        for _ in range(_TRIES_ALONE):
            was_used = self._is_used
            try:
                answer = self._run(order, [call], limits)
            except GuestGone as gone:
                self.close()
                if gone.out_of_memory and not was_used:
                    return OutOfMemory(limits.heap_mb)
                if gone.late:
                    return TimedOut(limits.timeout_ms)
                # Perhaps somebody else killed it (an operator, the system's own want of memory).
                description = gone.description
            except ProtocolViolated as violated:
                self.close()
                description = str(violated)
            else:
                match answer:
                    case SyntaxInvalid():
                        return answer
                    case Stopped(Reason.MEMORY) if was_used:
                        self.close()
                    case Stopped(reason):
                        self._give_up(reason)
                        return _stopped_result(reason, limits)
                    case _:
                        return answer[0]
        return Died(description)

    def _run(
        self, order: Load, calls: Sequence[Call], limits: Limits
    ) -> list[Result] | Stopped | SyntaxInvalid:
        if self._batches >= _MOST_BATCHES:
            self.close()
        self._batches += 1
        records = _records(calls, with_headers=can_see(order.code, "headers"))
        question = encode_run(order.key, limits, len(calls), records)
        # Results take a slice, the last call its own limit, and so does what it leaves pending.
        timeout_s = (limits.slice_ms + 2 * limits.timeout_ms) / 1_000 + self._grace_s
        most_bytes = most_results_bytes(limits, len(calls))
        may_forget = order.key in self._loaded
        while True:
            if order.key not in self._loaded:
                invalid = self._load(order)
                if invalid is not None:
                    return invalid
            with self._telling() as guest:
                asked_ns = time.monotonic_ns()
                frame = guest.ask(question, timeout_s=timeout_s, most_bytes=most_bytes)
                waited_us = (time.monotonic_ns() - asked_ns) // 1_000
                match frame:
                    case Frame(Kind.RESULTS, body):
                        return read_results(
                            Results.decode(body),
                            asked=len(calls),
                            limits=limits,
                            code=order.code,
                            waited_us=waited_us,
                        )
                    case Frame(Kind.STOPPED, body):
                        return _checked(Stopped.decode(body), asked=len(calls))
                    case Frame(Kind.UNKNOWN, b"") if may_forget:
                        # The guest keeps the programs used last; this one had to go. Once only.
                        may_forget = False
                        self._loaded.discard(order.key)
                    case _:
                        raise ProtocolViolated(f"The guest answered RUN with {frame.kind.name}.")

    def _load(self, order: Load) -> SyntaxInvalid | None:
        timeout_s = _COMPILE_S + self._grace_s
        with self._telling() as guest:
            frame = guest.ask(order.encode(), timeout_s=timeout_s, most_bytes=MOST_LOADED_BYTES)
            match frame:
                case Frame(Kind.LOADED, b""):
                    self._loaded.add(order.key)
                    return None
                case Frame(Kind.INVALID, body):
                    return _placed(Invalid.decode(body), order.code)
                case Frame(Kind.STOPPED, body):
                    Stopped.decode(body)
                    self.close()
                    return _uncompilable()
                case _:
                    raise ProtocolViolated(f"The guest answered LOAD with {frame.kind.name}.")

    @contextmanager
    def _telling(self) -> Iterator[GuestProcess]:
        """Give the guest, started if there is none; log it if it ends as no honest one does.

        Who attacks V8 or seccomp ends so, and running the calls again hides it from everybody else.
        """
        if self._guest is None:
            self._guest = self._start()
            self._watch.guest_started()
        guest = self._guest
        try:
            yield guest
        except ProtocolViolated as violated:
            _log.warning("Guest %d of %r broke the protocol: %s", guest.pid, self._owner, violated)
            self._watch.guest_died(Cause.PROTOCOL_VIOLATED)
            raise
        except GuestGone as gone:
            if not gone.out_of_memory and not gone.late:
                _log.warning("Guest %d of %r is gone: %s", guest.pid, self._owner, gone)
            self._watch.guest_died(_cause_of(gone))
            raise

    def _give_up(self, reason: Reason) -> None:
        """End a guest that had to stop a call: its isolate is not to be trusted again."""
        self._watch.guest_died(Cause.OUT_OF_TIME if reason is Reason.TIME else Cause.OUT_OF_MEMORY)
        self.close()


def _cause_of(gone: GuestGone) -> Cause:
    if gone.forbidden:
        return Cause.FORBIDDEN_CALL
    if gone.out_of_memory:
        return Cause.OUT_OF_MEMORY
    return Cause.OUT_OF_TIME if gone.late else Cause.DIED


def _load_order(program: Program) -> Load:
    # The guest's key covers all that makes the program, so that a key used for two texts, or a
    # context that changed, can never run what was compiled for the other.
    context = orjson.dumps(dict(program.context))
    code = program.code.encode("utf-8", "surrogatepass")
    digest = blake2b(digest_size=KEY_BYTES)
    for part in (program.key.encode(), code, context):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return Load(digest.digest(), program.code, context)


def _records(calls: Sequence[Call], *, with_headers: bool) -> list[bytes]:
    if with_headers:
        return [part for call in calls for part in (call.payload, call.context, call.headers)]
    # The guest expects none for code that cannot see them, by the same rule.
    return [part for call in calls for part in (call.payload, call.context)]


def _fitting(calls: Sequence[Call]) -> Sequence[Call]:
    """Cut the batch where it gets too large, not before the first call."""
    total = 0
    for index, call in enumerate(calls):
        total += len(call.payload) + len(call.headers) + len(call.context)
        if total > _MOST_BATCH_BYTES and index > 0:
            return calls[:index]
    return calls


def _checked(stopped: Stopped, *, asked: int) -> Stopped:
    if stopped.index != UNKNOWN_CALL and stopped.index >= asked:
        raise ProtocolViolated("The guest stopped at a call that there was not.")
    return stopped


def _placed(found: Invalid, code: str) -> SyntaxInvalid:
    places = Places(code)
    if not places.has(found.line, found.column):
        return SyntaxInvalid(found.message, 1, 1, "")
    return SyntaxInvalid(found.message, found.line, found.column, places.line(found.line) or "")


def _stopped_result(reason: Reason, limits: Limits) -> TimedOut | OutOfMemory:
    match reason:
        case Reason.TIME:
            return TimedOut(limits.timeout_ms)
        case Reason.MEMORY:
            return OutOfMemory(limits.heap_mb)


def _uncompilable() -> SyntaxInvalid:
    return SyntaxInvalid("The code could not be compiled within the limits.", 1, 1, "")
