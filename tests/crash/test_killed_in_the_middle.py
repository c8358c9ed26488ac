"""I4, I5, I6: processes are killed with SIGKILL in the middle of 10,000 webhooks.

Nothing that was answered 201 is lost, and nothing is applied twice: a counter per person and one
over all are exact, and every event is in the delivery log once.
"""

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator

import orjson
import pytest

from tests.support.system import Made, System, is_ready, running_system
from tests.support.waiting import wait_until
from transformer.cli.sender import CREATED, Answer

WEBHOOKS = 10_000
PEOPLE = 500

COUNTING = """
return {
  attributes: [
    { external_id: payload.person, hits: { inc: 1 }, last: payload.number, _update_existing_only: false },
    { external_id: payload.everybody, hits: { inc: 1 }, _update_existing_only: false },
  ],
  events: [{ external_id: payload.person, name: "hit", time: context.accepted_at }],
};
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("crash") / "data", workers=2) as running:
        yield running


def bodies(story: str, count: int) -> list[bytes]:
    return [
        orjson.dumps(
            {
                "person": f"{story}-{number % PEOPLE}",
                "everybody": f"{story}-everybody",
                "number": number,
            }
        )
        for number in range(count)
    ]


def send_while_killing(system: System, made: Made, story: str, role: str) -> list[Answer]:
    """Send everything; kill one process of this role three times on the way."""
    answers: list[Answer] = []

    def send() -> None:
        # As a platform does: what was not answered 201 is sent again, as another event.
        left = dict(enumerate(bodies(story, WEBHOOKS)))
        while left:
            numbers = list(left)
            for answer in system.send(made.url, list(left.values()), concurrency=16):
                answers.append(answer)
                if answer.status == CREATED:
                    del left[numbers[int(answer.request.label)]]
            if left:
                wait_until("web is ready", lambda: is_ready(system.instance.url), within_s=60)

    sending = threading.Thread(target=send)
    sending.start()
    for share in (0.15, 0.4, 0.65):
        wait_until(
            f"{share:.0%} are in the log",
            lambda share=share: system.count(made) >= WEBHOOKS * share,  # type: ignore[misc]
            within_s=60,
        )
        victim = system.instance.pids[role][0]
        os.kill(victim, signal.SIGKILL)
        wait_until(
            f"another {role} runs",
            lambda victim=victim: victim not in system.instance.pids.get(role, [victim]),  # type: ignore[misc]
        )
    sending.join()
    wait_until("all is ready again", lambda: is_ready(system.instance.url), within_s=60)
    return answers


def assert_exactly_once(system: System, made: Made, story: str, answers: list[Answer]) -> None:
    accepted = [answer for answer in answers if answer.status == CREATED]
    wait_until(
        "every accepted webhook is in the log",
        lambda: system.count(made) >= len(accepted),
        within_s=60,
    )
    wait_until("nothing waits", lambda: _backlog(system) == 0, within_s=60)
    logged = Counter(
        event
        for (event,) in system.rows(
            "select event_id from deliveries where transformation_id = ?", made.id
        )
    )
    acknowledged = {orjson.loads(answer.body)["event_id"] for answer in accepted}
    assert acknowledged <= logged.keys(), "an accepted webhook is lost"
    assert set(logged.values()) == {1}, "an event was delivered twice"
    everybody = system.profile(f"{story}-everybody")
    assert everybody["custom_attributes"]["hits"] == len(logged)
    hits = 0
    for person in range(PEOPLE):
        profile = system.profile(f"{story}-{person}")
        assert profile["custom_attributes"]["hits"] == profile["custom_events"][0]["count"]
        hits += profile["custom_attributes"]["hits"]
    assert hits == len(logged)


def _backlog(system: System) -> float:
    for line in system.client.get("/metrics").text.splitlines():
        if line.startswith("transformer_backlog_entries "):
            return float(line.split()[1])
    raise AssertionError("the backlog is not among the metrics")


@pytest.mark.parametrize("role", ["worker", "writer"])
def test_i4_a_process_killed_in_the_middle_loses_nothing_and_applies_nothing_twice(
    system: System, role: str
) -> None:
    made = system.make(f"Counting with a {role} killed", COUNTING)
    answers = send_while_killing(system, made, role, role)
    assert {answer.status for answer in answers} == {CREATED}, "web never noticed"
    assert_exactly_once(system, made, role, answers)


def test_i4_what_web_acknowledged_before_it_was_killed_is_applied(system: System) -> None:
    made = system.make("Counting with web killed", COUNTING)
    answers = send_while_killing(system, made, "web", "web")
    assert any(answer.status == CREATED for answer in answers)
    assert_exactly_once(system, made, "web", answers)


def test_i4_what_redis_acknowledged_before_it_was_killed_is_applied(system: System) -> None:
    made = system.make("Counting with Redis killed", COUNTING)
    answers = send_while_killing(system, made, "valkey", "valkey")
    assert any(answer.status == CREATED for answer in answers)
    assert_exactly_once(system, made, "valkey", answers)
