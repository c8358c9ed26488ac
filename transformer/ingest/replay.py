"""Replays and retries: events of the store go back onto their streams."""

from collections.abc import Sequence

from transformer.queue.appends import Append
from transformer.queue.jobs import Jobs
from transformer.queue.keys import events_stream
from transformer.queue.replays import ReplayStreams
from transformer.queue.streams import Streams
from transformer.queued import queue_event
from transformer.replay import Appended, Busy, Elsewhere, Page, ReplayItem


class StreamReplayer:
    """Puts events of the store back onto their streams."""

    def __init__(self, streams: Streams, pages: ReplayStreams, jobs: Jobs) -> None:
        self._streams = streams
        self._pages = pages
        self._jobs = jobs

    def replay(
        self, items: Sequence[ReplayItem], *, page: Page | None = None
    ) -> Appended | Busy | Elsewhere:
        """Append all of them or none; a page of a replay once, however often it is tried.

        Raises:
            QueueUnavailable: Redis does not answer.
        """
        if page is not None and self._pages.is_busy(page, {_stream(item) for item in items}):
            # The script looks again; but most tries of a page end here, and cost next to nothing.
            return Busy()
        appends = [_append(item, page) for item in items]
        if page is None:
            due = self._streams.append(appends)
        else:
            answer = self._pages.append(page, appends)
            if isinstance(answer, Busy | Elsewhere):
                return answer
            due = answer
        for one in due:
            self._jobs.enqueue(one.stream, job_id=one.job_id)
        return Appended()

    def forget(self, page: Page) -> None:
        """Let go what is known of a replay that ended."""
        self._pages.forget(page.workspace_id, page.replay_id)


def _stream(item: ReplayItem) -> str:
    return events_stream(item.event.workspace_id, item.transformation_id)


def _append(item: ReplayItem, page: Page | None) -> Append:
    return Append(
        _stream(item),
        queue_event(
            item.event,
            source_name=item.source_name,
            payload=item.payload,
            revision_id=item.revision_id,
            replay_of=item.replay_of,
            replay_id=page.replay_id if page else None,
            retry_of=item.retry_of,
            attempt=item.attempt,
        ),
    )
