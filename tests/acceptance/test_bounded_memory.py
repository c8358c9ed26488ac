"""`transformer up` has a Redis with a bound, so what cannot be held is refused and the rest applied."""

from pathlib import Path

import httpx

from tests.support.processes import stopped
from tests.support.system import running_system
from tests.support.waiting import wait_until

CODE = (
    "return { attributes: [{ external_id: payload.user, plan: 1, _update_existing_only: false }] };"
)
PADDING = "x" * 200_000
MOST = 2_000


def test_a_backlog_above_the_bound_is_refused_and_what_was_accepted_is_applied(
    tmp_path: Path,
) -> None:
    # To see it fail: leave "maxmemory" out of supervisor/valkey.py; then all are accepted.
    with running_system(tmp_path / "data", redis_max_mb=64) as system:
        made = system.make("Padded", CODE)
        accepted = 0
        with stopped(*system.instance.pids["worker"]), httpx.Client(timeout=30) as client:
            while accepted < MOST:
                answer = client.post(made.url, json={"user": f"u{accepted}", "padding": PADDING})
                if answer.status_code != 201:
                    break
                accepted += 1
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "queue_unavailable"
        assert 0 < accepted < MOST
        usage = "/api/workspaces/{}/usage".format(
            system.call("GET", "/api/workspaces")["workspaces"][0]["id"]
        )
        wait_until(
            "all that was accepted is applied",
            lambda: system.call("GET", usage)["profiles"] == accepted,
            within_s=60,
        )
        held = system.call("GET", usage)
        assert held["deliveries"] == accepted
        assert held["bytes"] > accepted * len(PADDING)
