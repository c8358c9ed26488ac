"""Pages of replays: appended once, in their order, and never in front of live webhooks."""

from collections.abc import Sequence
from typing import TypeAlias

import redis

from transformer.ids import ReplayId, WorkspaceId
from transformer.queue.appends import ALMOST_FULL, Append, DueDrain, due_drains
from transformer.queue.connection import script_text, translated
from transformer.queue.jobs import new_job_id
from transformer.queue.keys import DRAINS, mark_of, outcomes_stream, replay_progress
from transformer.replay import Busy, Elsewhere, Page, Progress

# An entry of the outcomes stream is a whole batch.
_MOST_OUTCOMES = 8

# How long the progress of a replay that ended is kept: longer than whoever worked it off and slept
# may still believe that it runs.
_KEPT_S = 3_600

PageAnswer: TypeAlias = list[DueDrain] | Busy | Elsewhere


class ReplayStreams:
    """Appends pages of replays."""

    def __init__(self, connection: redis.Redis) -> None:
        self._connection = connection
        self._replay = connection.register_script(script_text("memory", "replay"))

    def is_busy(self, page: Page, streams: set[str]) -> bool:
        """Say whether a page would find too much waiting, before it is written out and sent.

        Raises:
            QueueUnavailable: Redis does not answer.
        """
        with translated(), self._connection.pipeline(transaction=False) as pipeline:
            pipeline.xlen(outcomes_stream(page.workspace_id))
            for stream in streams:
                pipeline.xlen(stream)
            outcomes, *waiting = pipeline.execute()
        return outcomes > _MOST_OUTCOMES or any(one > page.most_waiting for one in waiting)

    def append(self, page: Page, appends: Sequence[Append]) -> PageAnswer:
        """Append all of a page or nothing.

        Raises:
            QueueUnavailable: Redis does not answer, or is almost full.
        """
        keys = [
            DRAINS,
            replay_progress(page.workspace_id, page.replay_id),
            outcomes_stream(page.workspace_id),
        ]
        after = page.after
        arguments: list[bytes | str | int] = [
            page.before.cursor,
            after.cursor,
            after.appended,
            after.refused,
            after.repeated,
            page.most_waiting,
            _MOST_OUTCOMES,
            new_job_id(),
            str(ALMOST_FULL),
        ]
        places: dict[str, int] = {}
        for append in appends:
            place = places.get(append.stream)
            if place is None:
                keys += (append.stream, mark_of(append.stream))
                place = places[append.stream] = len(keys) - 1
            arguments += (place, len(append.fields), *append.fields)
        with translated():
            answer: list[bytes] = self._replay(keys=keys, args=arguments)
        if answer[0] == b"busy":
            return Busy()
        if answer[0] == b"elsewhere":
            cursor, *counts = answer[1:]
            return Elsewhere(Progress(cursor.decode(), *map(int, counts)))
        return due_drains(answer)

    def forget(self, workspace_id: WorkspaceId, replay_id: ReplayId) -> None:
        """Let the progress of a replay go that has ended."""
        with translated():
            self._connection.expire(replay_progress(workspace_id, replay_id), _KEPT_S)
