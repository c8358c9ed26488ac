"""Dead letters, retries and replays, from HTTP to the profile."""

from typing import Any

import orjson
import pytest

from tests.support.system import Made, System
from tests.support.waiting import wait_until
from transformer.cli.main import main

HALF_RIGHT = """
// The second operation is refused, for plan is no number, until the code is mended.
return { attributes: [
  { external_id: payload.id, seen: { inc: 1 }, plan: "pro" },
  { external_id: payload.id, mended: { inc: 1 }, plan: { inc: 1 } },
] };
"""


def _publish(system: System, made: Made, code: str) -> None:
    system.call("PUT", f"/api/transformations/{made.id}/draft", json={"code": code})
    system.call("POST", f"/api/transformations/{made.id}/publish", json={})


def _settled(system: System, replay: dict[str, Any], *, within_s: float = 30) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        found: dict[str, Any] = system.call("GET", f"/api/replays/{replay['id']}")
        return found if found["state"] == "done" else {}

    return wait_until("the replay is done", read, within_s=within_s)


def test_an_operation_that_failed_is_applied_by_a_replay_of_mended_code(system: System) -> None:
    # Let a replay ask for operation_count alone to see this fail: `mended` stays away.
    made = system.make("Half right", HALF_RIGHT)
    delivery = system.delivery_of(system.post(made.url, {"id": "half"}))
    assert delivery["outcome"] == "applied"
    assert len(delivery["errors"]) == 1
    _publish(system, made, HALF_RIGHT.replace(", plan: { inc: 1 }", ""))
    for _ in range(2):
        answer = system.call("POST", "/api/replays", json={"delivery_ids": [delivery["id"]]})
        _settled(system, answer)
    assert system.profile("half")["custom_attributes"] == {
        "seen": 1,
        "plan": "pro",
        "mended": 1,
    }


def test_a_failed_delivery_is_tried_again_on_its_own_revision(system: System) -> None:
    made = system.make("Throws", "throw new Error('no');")
    event_id = system.post(made.url, {"id": "again"})
    delivery = system.delivery_of(event_id)
    assert (delivery["attempt"], delivery["trigger"]) == (1, "automatic")
    _publish(system, made, "return { attributes: [{ external_id: payload.id, ok: 1 }] };")
    told = system.call("POST", f"/api/deliveries/{delivery['id']}/retry", json={})
    assert told["attempt"] == 2
    again = wait_until(
        "it was tried again",
        lambda: (found := system.delivery_of(event_id))["attempt"] == 2 and found,
    )
    assert again["id"] == delivery["id"]
    assert (again["outcome"], again["trigger"]) == ("failed", "manual")
    assert again["revision_id"] == delivery["revision_id"]
    assert system.count(made) == 1


def test_a_long_replay_goes_on_in_the_background_and_tells_how_far_it_is(system: System) -> None:
    made = system.make("Many", "throw new Error('not yet');")
    count = 2_000
    system.send(made.url, [orjson.dumps({"id": f"many-{n}"}) for n in range(count)])
    wait_until("all have failed", lambda: system.count(made) == count, within_s=60)
    _publish(system, made, 'return { attributes: [{ external_id: "many", counted: { inc: 1 } }] };')
    criteria = {"transformation": made.id, "outcome": "failed", "error": "threw"}
    plan = system.call("POST", "/api/replays", json={"filter": criteria, "plan": True})["plan"]
    assert (plan["found"], plan["to_do"], plan["obstacles"]) == (count, count, [])
    assert [one["outcome"] for one in plan["sample"]] == ["ok"] * 5
    assert system.count(made) == count, "a plan writes nothing"
    answer = system.call("POST", "/api/replays", json={"filter": criteria})
    assert 0 < answer["replayed"] <= answer["found"] == count
    done = _settled(system, answer, within_s=60)
    assert (done["appended"], done["remaining"]) == (count, 0)
    assert done["settled"] == {
        "applied": count, "skipped": 0, "failed": 0, "captured": 0, "too_late": 0
    }  # fmt: skip
    assert system.profile("many")["custom_attributes"]["counted"] == count
    assert system.count(made) == 2 * count


def test_the_command_line_plans_replays_and_retries(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    made = system.make("By command", "throw new Error('no');")
    for number in range(3):
        system.delivery_of(system.post(made.url, {"n": number}))
    _publish(system, made, 'return { attributes: [{ external_id: "cli", n: { inc: 1 } }] };')
    words = ["replay", "--transformation", made.id, "--outcome", "failed"]
    words += ["--url", system.instance.url, "--data", str(system.instance.data_dir)]
    assert main([*words, "--plan"]) == 0
    shown = capsys.readouterr().out
    assert "failed → ok, 1 operations" in shown
    assert "+ profile with external_id cli  created" in shown
    assert main([*words, "--retry", "--json"]) == 1, "they fail again on their own revision"
    assert orjson.loads(capsys.readouterr().out)["settled"]["failed"] == 3
    assert main(words) == 0
    assert "done" in capsys.readouterr().out
    assert system.profile("cli")["custom_attributes"] == {"n": 3}
    assert main(words[:1]) == 2
