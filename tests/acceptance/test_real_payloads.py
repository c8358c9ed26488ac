"""Real webhooks of real platforms, over HTTP, through the whole system."""

import httpx
import orjson

from tests.support.payloads import real_payloads
from tests.support.system import System
from tests.support.waiting import wait_until

GENERIC = """
// Takes anything: counts what it holds, and keeps a digest of it on one profile per file.
const paths = (value, depth = 0) =>
  value !== null && typeof value === "object"
    ? Object.values(value).reduce((sum, inner) => sum + paths(inner, depth + 1), 1)
    : 1;
const id = headers["X-Payload-File"];
return {
  attributes: [
    {
      external_id: id,
      _update_existing_only: false,
      kind: Array.isArray(payload) ? "array" : typeof payload,
      size: paths(payload),
      keys: Object.keys(payload).slice(0, 20),
    },
  ],
  events: [
    { external_id: id, name: "webhook_received", time: context.accepted_at, _update_existing_only: false },
  ],
};
"""


def size_of(value: object) -> int:
    match value:
        case dict():
            return 1 + sum(size_of(inner) for inner in value.values())
        case list():
            return 1 + sum(size_of(inner) for inner in value)
        case _:
            return 1


def test_every_recorded_webhook_ends_in_the_profile_it_describes(system: System) -> None:
    files = real_payloads()
    assert len(files) >= 100
    made = system.make("Everything", GENERIC)
    events: dict[str, str] = {}
    with httpx.Client(timeout=30) as client:
        for file in files:
            name = f"{file.parent.name}/{file.name}"
            answer = client.post(
                made.url, content=file.read_bytes(), headers={"x-payload-file": name}
            )
            assert answer.status_code == 201, (name, answer.text)
            events[name] = answer.json()["event_id"]
    wait_until("all are in the log", lambda: system.count(made) == len(files), within_s=30)
    outcomes = dict(
        system.rows("select event_id, state from deliveries where transformation_id = ?", made.id)
    )
    assert {name: outcomes[event_id] for name, event_id in events.items()} == dict.fromkeys(
        events, "applied"
    )
    bodies = dict(system.rows("select id, body from events"))
    for file in files:
        name = f"{file.parent.name}/{file.name}"
        assert bodies[events[name]] == file.read_bytes(), f"{name} is not kept byte for byte"
        payload = orjson.loads(file.read_bytes())
        attributes = system.profile(name)["custom_attributes"]
        assert attributes["size"] == size_of(payload), name
