"""What tests of the sandbox are written with: calls, and runs of one program."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sandbox import Call, Limits, Program, Result, Returned, SandboxPool

HURRIED = Limits(timeout_ms=250)


def make_call(
    payload: object = None,
    *,
    headers: Mapping[str, str] | None = None,
    event_id: str = "evt_1",
    accepted_at: str = "2026-01-02T03:04:05.678Z",
) -> Call:
    return Call(
        payload=json.dumps(payload).encode(),
        headers=json.dumps(dict(headers or {})).encode(),
        context=json.dumps({"event_id": event_id, "accepted_at": accepted_at}).encode(),
    )


def program(code: str) -> Program:
    return Program(key=code, code=code)


def run(
    pool: SandboxPool, code: str, payload: object = None, *, limits: Limits | None = None
) -> Result:
    [result] = pool.run("wsp_1", program(code), [make_call(payload)], limits=limits)
    return result


def run_all(
    pool: SandboxPool, code: str, calls: list[Call], *, limits: Limits | None = None
) -> list[Result]:
    """Come again with the rest until there is none, as a worker does."""
    results: list[Result] = []
    while len(results) < len(calls):
        results += pool.run("wsp_1", program(code), calls[len(results) :], limits=limits)
    return results


def value(result: Result) -> Any:
    """Read what was returned."""
    assert isinstance(result, Returned), result
    return None if result.output is None else json.loads(result.output)


@contextmanager
def running_pool(limits: Limits | None = None, **options: Any) -> Iterator[SandboxPool]:
    with SandboxPool(limits=limits or Limits(), **options) as pool:
        yield pool
