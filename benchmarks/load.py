"""The load generator, the same for us and for our peers: `transformer send`, as a function."""

import asyncio
from collections.abc import Callable, Sequence

import uvloop

from benchmarks.orders import order_body
from transformer.cli.sender import Answer, Prepared, Summary, prepare, read_target, send_all

CONNECTIONS = 96
# On a schedule there are as many connections as the delay makes, up to this.
MOST_CONNECTIONS = 512


def requests_for(url: str, first: int, count: int) -> list[Prepared]:
    """Make the requests of so many orders, before anything is measured."""
    target = read_target(url)
    return [prepare(target, order_body(number), {}) for number in range(first, first + count)]


def send(url: str, requests: Sequence[Prepared]) -> Summary:
    """Send as fast as is answered, and insist that each was accepted."""
    return _run(url, requests, connections=CONNECTIONS, per_second=None, on_answer=None)


def send_at(
    url: str,
    requests: Sequence[Prepared],
    *,
    per_second: float,
    on_answer: Callable[[Answer], None] | None = None,
) -> Summary:
    """Send on a fixed schedule, and insist that each was accepted; latency since each was due."""
    return _run(
        url, requests, connections=MOST_CONNECTIONS, per_second=per_second, on_answer=on_answer
    )


def _run(
    url: str,
    requests: Sequence[Prepared],
    *,
    connections: int,
    per_second: float | None,
    on_answer: Callable[[Answer], None] | None,
) -> Summary:
    sending = send_all(
        url, requests, concurrency=connections, per_second=per_second, on_answer=on_answer
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        summary = runner.run(sending)
    if summary.accepted != len(requests):
        message = (
            f"{len(requests) - summary.accepted} of {len(requests)} were not accepted: "
            f"{summary.statuses} {summary.failures}"
        )
        raise RuntimeError(message)
    return summary
