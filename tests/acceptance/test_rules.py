"""A workspace's rules are in force with the next webhook."""

from pathlib import Path

from tests.support.system import running_system

APPLYING = """return {
  attributes: [{ external_id: "ada", age: payload.age, ssn: "123" }],
  events: [{ external_id: "ada", name: "seen", time: "2026-01-02T03:04:05Z" }],
};"""


def test_what_is_forced_and_blocked_is_so_for_the_next_webhook(tmp_path: Path) -> None:
    # Leave the rules out in processes/writer.py or writer/drain.py to see this fail.
    with running_system(tmp_path / "data") as system:
        made = system.make("Ruled", APPLYING)
        system.delivery_of(system.post(made.url, {"age": "41"}))
        assert system.profile("ada")["custom_attributes"] == {"age": "41", "ssn": "123"}
        system.call("PUT", "/api/attribute-types", json={"name": "age", "type": "number"})
        for kind, name in (("attribute", "ssn"), ("event", "seen")):
            system.call("PUT", "/api/blocked-names", json={"kind": kind, "name": name})
        told = system.delivery_of(system.post(made.url, {"age": "42"}))
        assert sorted(problem["pointer"] for problem in told["warnings"]) == [
            "/attributes/0/ssn",
            "/events/0/name",
        ]
        ada = system.profile("ada")
        assert ada["custom_attributes"] == {"age": 42, "ssn": "123"}
        assert [event["count"] for event in ada["custom_events"]] == [1]
