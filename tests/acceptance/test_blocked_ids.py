"""Which external ids name nobody is the operator's choice."""

from pathlib import Path

from tests.support.system import running_system

APPLYING = "return { attributes: [{ external_id: payload.id, a: 1 }] };"


def test_the_writer_blocks_what_the_setting_lists(tmp_path: Path) -> None:
    # Leave blocked out in processes/writer.py or writer/drain.py to see this fail.
    with running_system(tmp_path / "data", blocked_external_ids="guest, n/a") as system:
        made = system.make("Ids", APPLYING)
        told = {}
        for external_id in ("guest", "n/a", "null", "ada"):
            event_id = system.post(made.url, {"id": external_id})
            errors = system.delivery_of(event_id)["errors"]
            told[external_id] = [problem["code"] for problem in errors]
    blocked = ["blacklisted_external_user_id"]
    assert told == {"guest": blocked, "n/a": blocked, "null": [], "ada": []}
