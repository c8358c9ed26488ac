"""I4, I6: what a call of the REST API was answered 201 for is applied, and once, whoever is killed."""

import asyncio
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator

import orjson
import pytest

from tests.support.load import backlog
from tests.support.rest import make_key
from tests.support.system import System, is_ready, running_system
from tests.support.waiting import wait_until
from transformer.cli.prepared import prepare, read_target
from transformer.cli.sender import CREATED, Answer, send_all

CALLS = 3_000


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    data = tmp_path_factory.mktemp("rest-killed") / "data"
    with running_system(data, rest_rate_percent=0) as running:
        yield running


def _applied(system: System) -> int:
    ((count,),) = system.rows("select count(*) from deliveries where transformation_id is null")
    return int(count)


def _call_while_killing(system: System, roles: tuple[str, ...]) -> Counter[tuple[int, bool]]:
    """Make every call until it is answered 201, killing processes on the way.

    Counts (number of the call, whether it was answered 201).
    """
    key = make_key(system)["key"]
    url = f"{system.instance.url}/users/track"
    target, headers = read_target(url), {"authorization": f"Bearer {key}"}
    tried: Counter[tuple[int, bool]] = Counter()

    def note(answer: Answer) -> None:
        tried[int(answer.request.label), answer.status == CREATED] += 1

    def call() -> None:
        while left := [number for number in range(CALLS) if not tried[number, True]]:
            requests = [
                prepare(target, _body(number), headers, label=str(number)) for number in left
            ]
            asyncio.run(send_all(url, requests, concurrency=16, on_answer=note, timeout_s=30))
            wait_until("web is ready", lambda: is_ready(system.instance.url), within_s=60)

    calling = threading.Thread(target=call)
    calling.start()
    for share, role in zip((0.1, 0.5), roles, strict=True):
        wait_until(
            f"{share:.0%} are applied",
            lambda share=share: _applied(system) >= CALLS * share,  # type: ignore[misc]
            within_s=60,
        )
        os.kill(system.instance.pids[role][0], signal.SIGKILL)
    calling.join()
    return tried


def _body(number: int) -> bytes:
    one_more = {"calls": {"inc": 1}}
    return orjson.dumps(
        {
            "attributes": [
                {"external_id": f"call-{number}"} | one_more,
                {"external_id": "everybody"} | one_more,
            ],
            "events": [
                {"external_id": "everybody", "name": "Called", "time": "2026-01-02T03:04:05Z"}
            ],
        }
    )


def test_i4_i6_calls_answered_201_are_applied_once_though_web_and_writer_are_killed(
    system: System,
) -> None:
    tried = _call_while_killing(system, ("web", "writer"))
    answered = {number: tried[number, True] for number in range(CALLS)}
    unanswered = {number: tried[number, False] for number in range(CALLS)}
    assert set(answered.values()) == {1}
    assert any(unanswered.values()), "web was not killed in the middle of its calls"
    wait_until("all are applied", lambda: _applied(system) >= CALLS, within_s=60)
    wait_until("nothing waits", lambda: backlog(system) == 0, within_s=60)

    logged = _applied(system)
    everybody = system.profile("everybody")
    assert everybody["custom_attributes"]["calls"] == logged
    assert everybody["custom_events"][0]["count"] == logged
    counted = system.rows(
        "select external_id, json_extract(document, '$.custom_attributes.calls') from profiles "
        "where external_id like 'call-%'"
    )
    assert len(counted) == CALLS
    for external_id, calls in counted:
        # A call that was not answered may have been held all the same.
        number = int(external_id.removeprefix("call-"))
        assert 1 <= calls <= 1 + unanswered[number], external_id
    assert sum(calls for _, calls in counted) == logged
