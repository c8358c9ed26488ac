"""`transformer send`: webhooks from files to a URL, with a progress bar and a latency summary."""

import asyncio
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path

import orjson
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from transformer.cli.documents import read_bodies, read_headers
from transformer.cli.sender import Answer, Prepared, Summary, prepare, read_target, send_all
from transformer.cli.terminal import notes, results

_ACCEPTED = 201
_REFRESH_S = 0.2
_CONCURRENCY = 8
# On a schedule nobody waits for an answer: there are as many as the delay makes, up to this.
_PACED_CONCURRENCY = 256
# More than a handful of reasons is noise: they are nearly always the same one.
_REFUSALS_SHOWN = 3


def send_webhooks(
    url: str,
    paths: list[Path],
    *,
    repeat: int,
    concurrency: int | None,
    rate: float | None,
    headers: Path | None,
) -> int:
    """Send every body ``repeat`` times; return 0 if each was answered 201, else 1.

    With a rate, so many are due each second, whether the ones before are answered or not.
    """
    if concurrency is None:
        concurrency = _CONCURRENCY if rate is None else _PACED_CONCURRENCY
    target = read_target(url)
    given = read_headers(headers)
    requests = [
        prepare(target, body.content, {"content-type": body.content_type} | given, label=body.name)
        for body in read_bodies(paths)
    ]
    total = len(requests) * repeat
    refusals: list[Answer] = []
    summary = _run(
        _send(
            url,
            requests,
            repeat=repeat,
            concurrency=min(concurrency, total),
            rate=rate,
            refusals=refusals,
        )
    )
    _print_summary(summary, unsent=total - summary.sent)
    _print_refusals(refusals)
    return 0 if summary.accepted == total else 1


async def _send(
    url: str,
    requests: list[Prepared],
    *,
    repeat: int,
    concurrency: int,
    rate: float | None,
    refusals: list[Answer],
) -> Summary:
    done = 0

    def on_answer(answer: Answer) -> None:
        nonlocal done
        done += 1
        if answer.status != _ACCEPTED and len(refusals) < _REFUSALS_SHOWN:
            refusals.append(answer)

    def all_requests() -> Iterator[Prepared]:
        for _ in range(repeat):
            yield from requests

    console = notes()
    columns = (
        TextColumn("sending"),
        BarColumn(bar_width=40),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    # No thread of its own: it would take time from what is being measured.
    with Progress(
        *columns,
        console=console,
        auto_refresh=False,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        bar = progress.add_task("", total=len(requests) * repeat)

        async def show() -> None:
            while True:
                progress.update(bar, completed=done, refresh=True)
                await asyncio.sleep(_REFRESH_S)

        shower = asyncio.create_task(show())
        try:
            return await send_all(
                url,
                all_requests(),
                concurrency=concurrency,
                per_second=rate,
                on_answer=on_answer,
            )
        finally:
            shower.cancel()


def _run(sending: Coroutine[None, None, Summary]) -> Summary:
    try:
        import uvloop  # noqa: PLC0415  # absent on Windows
    except ImportError:
        return asyncio.run(sending)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(sending)


def _print_summary(summary: Summary, *, unsent: int) -> None:
    console = results()
    rows = [
        ("sent", f"{summary.sent:,}"),
        ("accepted", f"{summary.accepted:,}"),
    ]
    rows += [
        (f"answered {status}", f"{count:,}")
        for status, count in sorted(summary.statuses.items())
        if status != _ACCEPTED
    ]
    rows += [(reason, f"{count:,}") for reason, count in sorted(summary.failures.items())]
    if unsent:
        rows.append(("not sent", f"{unsent:,}"))
    rows += [("seconds", f"{summary.seconds:.2f}"), ("webhooks/s", f"{summary.per_second:,.0f}")]
    if summary.latencies:
        shares = (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0))
        latencies = "  ".join(f"{name} {summary.latency_ms(share):.1f}" for name, share in shares)
        rows.append(("latency ms", latencies))
    width = max(len(name) for name, _ in rows) + 2
    for name, value in rows:
        console.print(f"{name:<{width}}{value}", markup=False)


def _print_refusals(refusals: list[Answer]) -> None:
    for answer in refusals:
        reason = answer.failure or f"{answer.status}: {_message(answer.body)}"
        sys.stderr.write(f"{answer.request.label}: {reason}\n")


def _message(body: bytes) -> str:
    """Give the sentence of our error shape, else the start of whatever was answered."""
    try:
        error = orjson.loads(body)["error"]
        return f"{error['message']} {error['hint']}".strip()
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return body[:200].decode(errors="replace")
