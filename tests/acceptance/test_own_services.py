"""The same system on a Redis and a PostgreSQL of one's own, as compose.yaml has it."""

from pathlib import Path

from tests.support.postgres_server import running_postgres
from tests.support.redis_server import running_redis
from tests.support.system import running_system
from tests.support.waiting import wait_until

CODE = """
return {
  attributes: [{ external_id: payload.id, visits: { inc: 1 }, _update_existing_only: false }],
  events: [{ external_id: payload.id, name: "visit", time: context.accepted_at }],
};
"""


def test_webhooks_become_profiles_on_redis_and_postgresql_of_ones_own(tmp_path: Path) -> None:
    with (
        running_redis() as redis_url,
        running_postgres() as database_url,
        running_system(
            tmp_path / "data", redis_url=redis_url, database_url=database_url, workers=2
        ) as system,
    ):
        assert "valkey" not in system.instance.pids
        made = system.make("Visits", CODE)
        answers = system.send(made.url, [b'{"id": "visitor"}'] * 200)
        assert {answer.status for answer in answers} == {201}
        wait_until(
            "all are applied",
            lambda: _visits(system.call("GET", "/api/profiles?external_id=visitor")) == 200,
            within_s=20,
        )
        profile = system.profile("visitor")
        assert profile["custom_events"][0]["count"] == 200
        log = system.call("GET", "/api/deliveries", params={"transformation": made.id})
        assert {delivery["outcome"] for delivery in log["deliveries"]} == {"applied"}


def _visits(found: dict[str, list[dict[str, dict[str, int]]]]) -> int:
    return sum(profile["custom_attributes"]["visits"] for profile in found["profiles"])
