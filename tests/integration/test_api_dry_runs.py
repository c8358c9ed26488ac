"""What a run and a plan would change, over HTTP, with the real sandbox and the real writer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import Limits, SandboxPool
from tests.support.api import NOW, Api, running_api
from tests.support.settlements import attributes, event, make_settlement
from transformer.delivery import State
from transformer.ids import new_workspace_id
from transformer.settlement import Settlement
from transformer.store.engine import writing
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID, create_workspace
from transformer.worker.check import Checker
from transformer.worker.preview import Preview
from transformer.worker.transform import Transformer
from transformer.workspace import Workspace
from transformer.writer.apply import apply_batch

COUNTS = "return { attributes: [{ external_id: payload.id, n: { inc: 1 }, plan: payload.plan }] };"


@pytest.fixture(scope="module")
def preview() -> Iterator[Preview]:
    with SandboxPool(limits=Limits(timeout_ms=500, misfits=20), max_guests=1) as pool:
        yield Preview(Transformer(pool, Checker()))


@pytest.fixture
def api(tmp_path: Path, preview: Preview) -> Iterator[Api]:
    with running_api(tmp_path, preview=preview) as running:
        yield running


def _apply(api: Api, *settlements: Settlement) -> None:
    with writing(api.engine) as connection:
        apply_batch(connection, workspace_id=DEFAULT_WORKSPACE_ID, settlements=settlements, now=NOW)


def _run(api: Api, code: str, **given: Any) -> Any:
    made = api.make(**given.pop("made", {}))
    body = {"code": code, "payload": {"id": "ada", "plan": "pro"}} | given
    return api.post(f"/api/transformations/{made['id']}/run", body)["changes"]


def test_a_run_says_what_it_would_change_and_changes_nothing(api: Api) -> None:
    _apply(api, make_settlement(attributes(external_id="ada", plan="free", n=1)))
    for _ in range(2):
        changes = _run(api, COUNTS)
        assert (changes["outcome"], changes["operations"]) == ("applied", 1)
        [differs] = changes["diff"]
        assert differs["kind"] == "profile.changed"
        assert differs["profile"]["external_id"] == "ada"
        assert differs["changes"] == [
            {"kind": "value", "path": "/custom_attributes/n", "before": 1, "after": 2},
            {"kind": "value", "path": "/custom_attributes/plan", "before": "free", "after": "pro"},
        ]
        assert differs["sentences"] == [
            "Changes n from 1 to 2 on the profile with external_id ada.",
            'Changes plan from "free" to "pro" on the profile with external_id ada.',
        ]
        assert changes["summary"] == ["1 profile changes n", "1 profile changes plan"]


def test_a_run_looks_at_the_profiles_of_its_own_workspace(api: Api) -> None:
    _apply(api, make_settlement(attributes(external_id="ada", n=1)))
    other = new_workspace_id()
    with writing(api.engine) as connection:
        create_workspace(connection, workspace=Workspace(id=other, name="other"), now=NOW)
    made = api.post(f"/api/transformations?workspace={other}", {"name": "x", "code": COUNTS})
    path = f"/api/transformations/{made['id']}/run?workspace={other}"
    [differs] = api.post(path, {"payload": {"id": "ada"}})["changes"]["diff"]
    assert differs["kind"] == "profile.created"


def test_what_the_writer_would_drop_or_refuse_is_told(api: Api) -> None:
    changes = _run(
        api,
        "return { attributes: [{ external_id: 'a', n: { inc: 1.5 } }, { external_id: 'b', n: 1 },"
        " { braze_id: 'gone', n: 1 }] };",
    )
    assert (changes["outcome"], changes["operations"]) == ("applied", 1)
    assert [(one["code"], one["pointer"]) for one in changes["errors"]] == [
        ("invalid_increment", "/attributes/0/n/inc")
    ]
    assert [one["code"] for one in changes["warnings"]] == ["no_such_profile"]
    assert [one["kind"] for one in changes["diff"]] == [
        "profile.created",
        "identifier.unresolved",
    ]


def test_items_of_a_catalog_that_is_not_there_would_fail(api: Api) -> None:
    changes = _run(
        api,
        "return { catalog_name: 'products', items: [{ id: 'a' }] };",
        made={"destination": "catalog.put"},
    )
    assert (changes["outcome"], changes["operations"], changes["diff"]) == ("failed", 0, [])
    assert [one["code"] for one in changes["errors"]] == ["catalog_not_found"]


@pytest.mark.parametrize(("code", "ended"), [("return;", "skipped"), ("throw 1;", "failed")])
def test_what_returns_no_operations_changes_nothing(api: Api, code: str, ended: str) -> None:
    changes = _run(api, code)
    assert (changes["outcome"], changes["summary"], changes["diff"]) == (ended, [], [])


def test_who_does_not_ask_is_told_nothing(api: Api) -> None:
    assert _run(api, COUNTS, changes=False) is None


def test_a_plan_says_what_its_sample_would_change_together(api: Api) -> None:
    made = api.make(code=COUNTS)
    api.post(f"/api/transformations/{made['id']}/publish")
    for _ in range(3):
        api.log(made, state=State.FAILED, body=b'{"id": "ada", "plan": "pro"}')
    api.log(made, state=State.FAILED, body=b'{"id": ""}')
    plan = api.post("/api/replays", {"filter": {"outcome": "failed"}, "plan": True})["plan"]
    [differs] = plan["changes"]["diff"]
    assert differs["kind"] == "profile.created"
    assert {change["path"]: change["after"] for change in differs["changes"]} == {
        "/external_id": "ada",
        "/custom_attributes/n": 3,
        "/custom_attributes/plan": "pro",
    }
    assert plan["changes"]["summary"] == ["1 new profile"]
    assert [one["settled"]["outcome"] for one in plan["sample"]] == [*["applied"] * 3, "failed"]


def test_a_plan_counts_nothing_that_was_counted_before(api: Api) -> None:
    # Let _settlement of api/plans.py leave replay_of out to see this fail.
    made = api.make(
        code="return { events: [{ external_id: 'ada', name: 'x', time: '2026-01-01T00:00:00Z' }] };"
    )
    revision = api.post(f"/api/transformations/{made['id']}/publish")["revision"]["id"]
    applied = make_settlement(
        event(external_id="ada", name="x"), transformation_id=made["id"], body=b"{}"
    )
    applied.revision_id = revision
    applied.source_id = made["source_id"]
    _apply(api, applied)
    asked = {"delivery_ids": [applied.delivery_id], "plan": True}
    plan = api.post("/api/replays", asked)["plan"]
    assert plan["changes"] == {"summary": [], "diff": []}
    [tried] = plan["sample"]
    assert [one["code"] for one in tried["settled"]["warnings"]] == ["applied_before"]


def test_a_plan_of_retries_says_what_they_would_change(api: Api) -> None:
    made = api.make(code=COUNTS)
    revision = api.post(f"/api/transformations/{made['id']}/publish")["revision"]["id"]
    api.log(made, state=State.FAILED, body=b'{"id": "ada"}', revision_id=revision)
    plan = api.post("/api/retries", {"filter": {"outcome": "failed"}, "plan": True})["plan"]
    assert [one["settled"]["outcome"] for one in plan["sample"]] == ["applied"]
    assert plan["changes"]["summary"] == ["1 new profile"]
