"""Answers the host's frames, one after the other, until there are no more."""

import os
import select
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import NoReturn

from sandbox.guest.inbox import Inbox
from sandbox.guest.isolate import CodeInvalid, HeapExhausted, Isolate
from sandbox.guest.memory import ResidentMemory, give_back
from sandbox.guest.v8 import Engine
from sandbox.guest.watchdog import Watchdog
from sandbox.layers import Layer, LayerState
from sandbox.protocol import (
    UNKNOWN_CALL,
    Hello,
    Kind,
    Load,
    Reason,
    Results,
    Run,
    Stopped,
    encode,
)

_INPUT = 0
_OUTPUT = 1
# What a pipe holds. Python makes a buffer of this size for each read, and a larger one is mapped
# and unmapped each time: that cost a tenth of a batch.
# An isolate is about 1 MB and 8 ms; a workspace seldom has more live programs than this.
_MOST_PROGRAMS = 16
# Room beside the program's own: the batch and its results are on V8's heap too.
BATCH_HEAP_MB = 48
_COMPILE_MS = 5_000
# What typed arrays, which no V8 limit counts, may take beyond the heap.
_BUFFERS_MB = 192
# Past this the garbage that idle isolates keep is worth a collection.
_TIDY_BYTES = 384 * 1_048_576
# A guest that has nothing to do gives back what its batches took, if that was more than this:
# collecting takes some milliseconds for each isolate, which nobody waits for then.
_IDLE_MS = 1_000
_IDLE_BYTES = 2 * 1_048_576


class Server:
    """Keeps the programs used last, each in its isolate, and runs batches of calls in them.

    Args:
        engine: what isolates are made with.
        start: the JavaScript that makes a realm, see :func:`sandbox.guest.isolate.read_start`.
        memory: what this process holds.
    """

    def __init__(self, engine: Engine, start: str, memory: ResidentMemory) -> None:
        self._engine = engine
        self._start = start
        self._memory = memory
        self._isolates: OrderedDict[bytes, Isolate] = OrderedDict()
        self._watchdog = Watchdog(_stop, memory)
        self._inbox = Inbox(_INPUT)
        self._input = select.poll()
        self._input.register(_INPUT, select.POLLIN)
        self._has_worked = False
        self._least_bytes = memory.read_bytes()

    def serve(self, confined: Sequence[LayerState]) -> None:
        """Say hello and which layers hold, then answer until the host closes its end."""
        _send(Hello((*self._own_layers(), *confined)).encode())
        while frame := self._next():
            match frame:
                case Kind.LOAD, body:
                    _send(self._load(Load.decode(bytes(body))))
                case Kind.RUN, body:
                    _send(self._run(Run.decode(body)))
                case _:
                    return

    def _next(self) -> tuple[Kind, memoryview] | None:
        if self._has_worked and not self._input.poll(_IDLE_MS):
            self._has_worked = False
            if self._memory.read_bytes() > self._least_bytes + _IDLE_BYTES:
                self._inbox.shrink()
                self._tidy()
                give_back()
                self._least_bytes = self._memory.read_bytes()
        return self._inbox.read()

    def _tidy(self) -> None:
        for isolate in self._isolates.values():
            isolate.tidy()

    def _own_layers(self) -> tuple[LayerState, ...]:
        """Name the layers that an isolate is made with: there is none without them."""
        cage = "in V8's own memory cage" if self._engine.has_cage else "no memory cage"
        return (
            LayerState(
                Layer.REALM, in_force=True, detail="every intrinsic frozen, no code from texts"
            ),
            LayerState(
                Layer.DETERMINISM, in_force=True, detail="the event's time and chance, UTC, en-US"
            ),
            LayerState(Layer.LIMITS, in_force=True, detail="time, heap, memory, output, console"),
            LayerState(Layer.JITLESS, in_force=True, detail=f"V8 {self._engine.version}, {cage}"),
        )

    def _load(self, order: Load) -> bytes:
        if len(self._isolates) >= _MOST_PROGRAMS:
            _, oldest = self._isolates.popitem(last=False)
            oldest.close()
        isolate = Isolate(self._engine, self._start)
        self._watchdog.arm(isolate.running, timeout_ms=_COMPILE_MS, memory_mb=_BUFFERS_MB)
        try:
            isolate.load(order.code, order.context.decode())
        except CodeInvalid as error:
            self._watchdog.disarm()
            isolate.close()
            return error.invalid.encode()
        self._watchdog.disarm()
        self._isolates[order.key] = isolate
        return encode(Kind.LOADED)

    def _run(self, order: Run) -> bytes:
        isolate = self._isolates.get(order.key)
        if isolate is None:
            return encode(Kind.UNKNOWN)
        self._isolates.move_to_end(order.key)
        self._has_worked = True
        limits = order.limits
        heap_mb = limits.heap_mb + BATCH_HEAP_MB
        started_ns = time.perf_counter_ns()
        self._watchdog.arm(
            isolate.running, timeout_ms=limits.timeout_ms, memory_mb=heap_mb + _BUFFERS_MB
        )
        try:
            results = isolate.run(memoryview(order.text), limits, heap_mb=heap_mb)
        except HeapExhausted:
            index = isolate.running()
            _stop(Reason.MEMORY, index if index >= 0 else UNKNOWN_CALL)
        self._watchdog.disarm()
        elapsed_us = (time.perf_counter_ns() - started_ns) // 1_000
        if self._memory.read_bytes() > _TIDY_BYTES:
            self._tidy()
        return Results(elapsed_us, isolate.ended(), results).encode()


def _stop(reason: Reason, index: int) -> NoReturn:
    """Say why, and end: a guest in which something ended badly is never used again."""
    _send(Stopped(reason, index).encode())
    os._exit(0)


def _send(frame: bytes) -> None:
    view = memoryview(frame)
    while view:
        view = view[os.write(_OUTPUT, view) :]
