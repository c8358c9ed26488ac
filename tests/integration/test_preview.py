"""What only a test run tells: code that can never change anything."""

from collections.abc import Iterator

import pytest

from sandbox import Limits, SandboxPool
from transformer.delivery import Outcome, Verdict
from transformer.ids import WorkspaceId
from transformer.transformation import Destination
from transformer.worker.check import Checker
from transformer.worker.preview import Preview
from transformer.worker.transform import Transformer


@pytest.fixture(scope="module")
def preview() -> Iterator[Preview]:
    with SandboxPool(limits=Limits(timeout_ms=500), max_guests=1) as pool:
        yield Preview(Transformer(pool, Checker()))


def outcome_of(preview: Preview, code: str) -> Outcome:
    return preview.run(
        workspace_id=WorkspaceId("wsp_1"),
        code=code,
        destination=Destination.TRACK,
        payload=b"{}",
        headers={},
        context={"event_id": "evt_1", "accepted_at": "2026-01-02T03:04:05.678Z"},
    )


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("const a = payload.id;", "The code has no return, so it can never change anything."),
        (
            "function transform(payload) {\n  return { attributes: [] };\n}",
            "The function transform is never called.",
        ),
        (
            "async function* made(payload) {\n  return payload;\n}",
            "The function made is never called.",
        ),
        (
            "const made = async (event) => {\n  return event;\n};",
            "The function made is never called.",
        ),
        ("let made = event => { return event };", "The function made is never called."),
        ("var $ = function () { return 1 };", "The function $ is never called."),
    ],
)
def test_code_that_can_never_change_anything_is_told(
    preview: Preview, code: str, message: str
) -> None:
    outcome = outcome_of(preview, code)
    (warning,) = outcome.warnings
    assert (outcome.verdict, warning.code) == (Verdict.SKIPPED, "nothing_returned")
    assert warning.message == message
    assert "return" in warning.hint


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("if (!payload.id) return;", id="a webhook that is left out"),
        pytest.param("function f() { return null; }\nreturn f();", id="a function that is called"),
        pytest.param("const f = () => 1;\nif (f) return;", id="a function that is used"),
        pytest.param("const a = (1 + 2);\nreturn;", id="a value that is not used"),
        pytest.param("if (1) {\n  function f() { return 1; }\n}\nreturn;", id="an inner function"),
        pytest.param("return { attributes: [] };", id="an output"),
    ],
)
def test_code_that_skips_on_purpose_is_left_alone(preview: Preview, code: str) -> None:
    assert outcome_of(preview, code).warnings == ()
