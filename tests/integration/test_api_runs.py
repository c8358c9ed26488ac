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
    with SandboxPool(limits=Limits(timeout_ms=500), max_guests=1) as pool:
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
