"""Replays: events of the store go back onto their streams, as new deliveries."""

from collections.abc import Sequence

from transformer.event import payload_text
from transformer.queue.jobs import Jobs
from transformer.queue.keys import events_stream
from transformer.queue.streams import Append, Streams
from transformer.queued import queue_event
from transformer.replay import ReplayItem


class StreamReplayer:
    """Puts events of the store back onto their streams, as new deliveries."""

    def __init__(self, streams: Streams, jobs: Jobs) -> None:
        self._streams = streams
        self._jobs = jobs

    def replay(self, events: Sequence[ReplayItem]) -> None:
        """Append all of them or none.

        Raises:
            QueueUnavailable: Redis does not answer.
        """
        appends = [
            Append(
                events_stream(item.event.workspace_id, item.transformation_id),
                queue_event(
                    item.event,
                    source_name=item.source_name,
                    payload=payload_text(item.event.body, item.event.content_type),
                    revision_id=item.revision_id,
                    replay_of=item.replay_of,
                ),
            )
            for item in events
        ]
        for due in self._streams.append(appends):
            self._jobs.enqueue(due.stream, job_id=due.job_id)
