"""Runs and publishes over HTTP with the real sandbox behind them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Limits, SandboxPool
from tests.support.api import NOW, Api, running_api
from transformer.clock import to_text
from transformer.worker.check import Checker
from transformer.worker.preview import Preview
from transformer.worker.transform import Transformer


@pytest.fixture(scope="module")
def preview() -> Iterator[Preview]:
    with SandboxPool(limits=Limits(timeout_ms=500, misfits=20), max_guests=1) as pool:
        yield Preview(Transformer(pool, Checker()))


@pytest.fixture
def api(tmp_path: Path, preview: Preview) -> Iterator[Api]:
    with running_api(tmp_path, preview=preview) as running:
        yield running


def test_a_run_gives_the_operations_and_what_was_logged(api: Api) -> None:
    code = """console.log("hello", payload.id);
return { attributes: [{ external_id: payload.id, topic: headers["x-topic"] }] };"""
    made = api.make(code=code)
    body = {"payload": {"id": "ada"}, "headers": {"x-topic": "orders"}}
    answer = api.post(f"/api/transformations/{made['id']}/run", body)
    assert answer["outcome"] == "ok"
    assert answer["operations"] == [
        {"kind": "attributes", "object": {"external_id": "ada", "topic": "orders"}}
    ]
    assert [line["text"] for line in answer["console"]] == ["hello ada"]


def test_a_run_sees_the_context_a_worker_would_give(api: Api) -> None:
    made = api.make(code="return { attributes: [{ external_id: 'x', c: context }] };")
    answer = api.post(f"/api/transformations/{made['id']}/run", {"payload": {}})
    context = answer["output"]["attributes"][0]["c"]
    assert context["accepted_at"] == to_text(NOW)
    assert context["source"] == {"id": made["source_id"], "name": "Orders"}
    assert context["transformation"]["id"] == made["id"]


def test_a_run_that_returns_nothing_is_skipped(api: Api) -> None:
    made = api.make(code="return;")
    answer = api.post(f"/api/transformations/{made['id']}/run", {"payload": {}})
    assert answer["outcome"] == "skipped"


def test_a_run_that_throws_is_an_answer_with_line_and_column(api: Api) -> None:
    made = api.make(code="\nthrow new Error('no ' + payload.what);")
    answer = api.post(f"/api/transformations/{made['id']}/run", {"payload": {"what": "id"}})
    (error,) = answer["errors"]
    assert (answer["outcome"], error["code"], error["line"]) == ("failed", "threw", 2)
    assert "no id" in error["message"]


def test_a_run_gives_the_same_answer_twice(api: Api) -> None:
    made = api.make(code="return { attributes: [{ external_id: 'x', n: Math.random() }] };")
    path = f"/api/transformations/{made['id']}/run"
    one, other = (api.post(path, {"payload": {}})["output"] for _ in range(2))
    assert one == other


def test_a_draft_that_does_not_parse_is_not_published(api: Api) -> None:
    made = api.make(code="return 1;\nreturn {{;")
    answer = api.request("POST", f"/api/transformations/{made['id']}/publish")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "syntax_error")
    assert "line 2, column 9" in error["message"]


def test_a_draft_that_does_not_parse_is_shown_with_its_line(api: Api) -> None:
    made = api.make(code="const a = 1;\nimport x from 'y';")
    answer = api.request("POST", f"/api/transformations/{made['id']}/publish")
    error = answer.json()["error"]
    assert (error["line"], error["column"]) == (2, 1)
    assert error["source_line"] == "import x from 'y';"
    assert error["hint"].startswith("Imports are not available")


def test_a_run_that_does_not_parse_is_shown_with_its_line(api: Api) -> None:
    made = api.make()
    body = {"payload": {}, "code": "return 1;\nreturn {{;"}
    (error,) = api.post(f"/api/transformations/{made['id']}/run", body)["errors"]
    assert (error["code"], error["line"], error["column"]) == ("syntax_error", 2, 9)
    assert error["source_line"] == "return {{;"


def test_a_run_tells_what_json_loses(api: Api) -> None:
    made = api.make(code="return { attributes: [{ external_id: 'a', email: payload.email }] };")
    answer = api.post(f"/api/transformations/{made['id']}/run", {"payload": {}})
    (warning,) = answer["warnings"]
    assert answer["outcome"] == "ok"
    assert (warning["code"], warning["pointer"]) == ("lost_value", "/attributes/0/email")


@pytest.mark.parametrize("character", ["a", "\u20ac"])
def test_code_that_is_too_large_is_refused_with_its_size(api: Api, character: str) -> None:
    made = api.make()
    code = "//" + character * 262_143
    size = len(code.encode())
    path = f"/api/transformations/{made['id']}"
    for method, where, body in [
        ("POST", "/api/transformations", {"name": "x", "code": code, "publish": True}),
        ("PUT", f"{path}/draft", {"code": code}),
        ("POST", f"{path}/run", {"payload": {}, "code": code}),
    ]:
        answer = api.request(method, where, json=body)
        error = answer.json()["error"]
        assert (answer.status_code, error["pointer"]) == (400, "/code")
        assert f"{size:,} bytes large, but code may have at most 262,144" in error["message"]


def test_code_of_the_largest_size_is_taken(api: Api) -> None:
    made = api.make()
    code = "//" + "\u20ac" * 87_380
    assert len(code.encode()) == 262_142
    assert api.put(f"/api/transformations/{made['id']}/draft", {"code": code})["draft"] == code
    assert api.post(f"/api/transformations/{made['id']}/publish")["revision"]["code"] == code


def test_a_payload_that_no_webhook_could_bring_is_refused_with_its_size(api: Api) -> None:
    made = api.make()
    body = {"payload": "x" * 2_000}
    answer = api.request("POST", f"/api/transformations/{made['id']}/run", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (413, "body_too_large")
    assert "2,002 bytes large, but a webhook may have at most 2,000" in error["message"]
    assert "TRANSFORMER_MAX_BODY_BYTES" in error["hint"]
