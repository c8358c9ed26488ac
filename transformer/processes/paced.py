"""Steps of work in the database that nobody should have to wait for.

SQLite has one writer at a time, and what waits for a step is what customers wait for: so a step holds
the database for about :data:`_STEP_S`, and four times as long nobody does
(tests/integration/test_retention.py).
"""

import threading
from collections.abc import Callable
from typing import TypeVar

from transformer.clock import Clock
from transformer.store.engine import Connection, Engine, writing

_STEP_S = 0.02
_REST = 4
_FIRST_ROWS = 50
_MOST_ROWS = 1_000

_Done = TypeVar("_Done")


class PacedSteps:
    """Runs steps of one kind, each on as many rows as fit into its time by what they have cost.

    Args:
        engine: where.
        clock: what measures them.
        ended: set when the process ends; nobody rests then.
    """

    def __init__(self, engine: Engine, *, clock: Clock, ended: threading.Event) -> None:
        self._engine = engine
        self._clock = clock
        self._ended = ended
        self._rows = _FIRST_ROWS

    def run(self, step: Callable[[Connection, int], _Done]) -> _Done:
        """Run a step in a transaction of its own, with the number of rows that it may take."""
        with writing(self._engine) as connection:
            began_at = self._clock.monotonic()
            done = step(connection, self._rows)
        took_s = self._clock.monotonic() - began_at
        if took_s > _STEP_S:
            self._rows = max(1, self._rows // 2)
        elif took_s < _STEP_S / 2:
            self._rows = min(_MOST_ROWS, self._rows + self._rows // 2 + 1)
        self._ended.wait(_REST * took_s)
        return done
