"""`transformer run`: the real sandbox, and every way it can end."""

from pathlib import Path

import orjson
import pytest

from transformer.cli.main import main

OK = 'console.log("hello", payload.id);\nreturn { attributes: [{ external_id: payload.id }] };'


@pytest.fixture
def payload(tmp_path: Path) -> str:
    path = tmp_path / "p.json"
    path.write_text('{"id": "u1"}', encoding="utf-8")
    return str(path)


def write_code(folder: Path, code: str) -> str:
    path = folder / "transform.js"
    path.write_text(code, encoding="utf-8")
    return str(path)


def test_operations_and_console_are_shown(
    tmp_path: Path, payload: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", write_code(tmp_path, OK), "--payload", payload]) == 0

    shown = capsys.readouterr().out
    assert shown.startswith("ok  1 operation")
    assert '{"external_id": "u1"}' in shown
    assert "console.log hello u1" in shown


def test_json_has_the_documented_keys(
    tmp_path: Path, payload: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", write_code(tmp_path, OK), "--payload", payload, "--json"]) == 0

    outcome = orjson.loads(capsys.readouterr().out)
    assert set(outcome) == {
        "outcome",
        "output",
        "operations",
        "errors",
        "warnings",
        "console",
        "duration_us",
    }
    assert outcome["outcome"] == "ok"
    assert outcome["output"] == {"attributes": [{"external_id": "u1"}]}


def test_returning_nothing_is_skipped_and_no_failure(
    tmp_path: Path, payload: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", write_code(tmp_path, "return;"), "--payload", payload]) == 0
    assert capsys.readouterr().out.startswith("skipped")


def test_code_that_throws_ends_with_1_and_shows_where(
    tmp_path: Path, payload: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = write_code(tmp_path, "const a = 1;\nthrow new Error('no ' + a);")

    assert main(["run", code, "--payload", payload]) == 1

    shown = capsys.readouterr().out
    assert "threw: " in shown
    assert "no 1" in shown
    assert "transform.js:2:" in shown
    assert "throw new Error" in shown


def test_a_syntax_error_shows_its_line(
    tmp_path: Path, payload: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = write_code(tmp_path, "const a = 1;\nreturn {{;")

    assert main(["run", code, "--payload", payload]) == 1

    shown = capsys.readouterr().out
    assert "syntax_error" in shown
    assert "return {{;" in shown


def test_an_object_that_is_refused_ends_with_1_and_the_others_are_shown(
    tmp_path: Path, payload: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, right = "{ plan: 'gold' }", "{ external_id: 'u', plan: 'gold' }"
    code = write_code(tmp_path, f"return {{ attributes: [{wrong}, {right}] }};")

    assert main(["run", code, "--payload", payload]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("ok  1 operation, 1 refused")
    assert "attributes[0] has no identifier" in shown

    assert main(["run", code, "--payload", payload, "--json"]) == 1
    told = orjson.loads(capsys.readouterr().out)
    assert [one["object"] for one in told["operations"]] == [{"external_id": "u", "plan": "gold"}]
    assert [error["pointer"] for error in told["errors"]] == ["/attributes/0"]


def test_headers_reach_the_code_in_train_case(
    tmp_path: Path, payload: str, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = tmp_path / "h.json"
    headers.write_text('{"x-event-type": "paid"}', encoding="utf-8")
    code = write_code(tmp_path, "console.log(headers['X-Event-Type']);")

    assert main(["run", code, "--payload", payload, "--headers", str(headers)]) == 0
    assert "console.log paid" in capsys.readouterr().out


def test_the_destination_decides_what_is_valid(tmp_path: Path, payload: str) -> None:
    code = write_code(tmp_path, "return { catalog_name: 'products', items: [{ id: 'a' }] };")

    assert main(["run", code, "--payload", payload, "--destination", "catalog.put"]) == 0
    assert main(["run", code, "--payload", payload]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.js", "--payload", "PAYLOAD"], "nowhere.js cannot be read"),
        (["CODE", "--payload", "nowhere.json"], "nowhere.json cannot be read"),
        (["CODE", "--payload", "CODE"], "is not JSON"),
        (["CODE", "--payload", "PAYLOAD", "--destination", "mars"], "no destination 'mars'"),
    ],
)
def test_what_cannot_be_run_ends_with_2_and_says_why(
    words: list[str],
    said: str,
    tmp_path: Path,
    payload: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = write_code(tmp_path, OK)
    places = {"CODE": code, "PAYLOAD": payload}

    assert main(["run", *(places.get(word, word) for word in words)]) == 2
    assert said in capsys.readouterr().err


def test_code_that_is_too_large_is_refused_with_its_size(
    tmp_path: Path, payload: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = write_code(tmp_path, "//" + "\u20ac" * 100_000)

    assert main(["run", code, "--payload", payload]) == 2
    said = capsys.readouterr().err
    assert f"{code} is 300,002 bytes large, but code may have at most 262,144." in said


def test_a_payload_that_no_webhook_could_bring_is_refused_with_its_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRANSFORMER_MAX_BODY_BYTES", "2000")
    large = tmp_path / "large.json"
    large.write_text('"' + "x" * 2_000 + '"', encoding="utf-8")

    assert main(["run", write_code(tmp_path, OK), "--payload", str(large)]) == 2
    said = capsys.readouterr().err
    assert "large.json is 2,002 bytes large, but a webhook may have at most 2,000." in said
    assert "TRANSFORMER_MAX_BODY_BYTES" in said


def test_a_syntax_error_shows_a_caret_below_its_column_and_what_to_do(
    tmp_path: Path, payload: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = write_code(tmp_path, "const a = 1;\n\tconst b = \u201cx\u201d;")

    assert main(["run", code, "--payload", payload]) == 1

    shown = capsys.readouterr().out.splitlines()
    at = next(index for index, line in enumerate(shown) if "\u201cx\u201d" in line)
    assert shown[at - 1].endswith("transform.js:2:12")
    assert shown[at + 1].index("^") == shown[at].index("\u201c")
    assert "straight ones" in shown[at + 2]


def test_what_json_loses_is_a_warning(
    tmp_path: Path, payload: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = write_code(tmp_path, "return { attributes: [{ external_id: 'a', x: payload.email }] };")

    assert main(["run", code, "--payload", payload]) == 0
    assert "attributes[0].x is undefined and is left out." in capsys.readouterr().out
