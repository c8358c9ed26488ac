"""What an author is told of an error: V8's own words, made by the real sandbox, with a hint."""

from collections.abc import Iterator

import pytest

from sandbox import Call, Limits, Program, SandboxPool
from transformer.delivery import Outcome, Problem
from transformer.transformation import Destination
from transformer.worker.check import Checker
from transformer.worker.transform import Transformer

CONTEXT = b'{"event_id": "evt_1", "accepted_at": "2026-01-02T03:04:05.678Z"}'
NO_HINT = "The code threw this error itself, or used a value that is not there."


@pytest.fixture(scope="module")
def transformer() -> Iterator[Transformer]:
    with SandboxPool(limits=Limits(timeout_ms=500, misfits=20)) as pool:
        yield Transformer(pool, Checker())


def outcome_of(transformer: Transformer, code: str) -> Outcome:
    call = Call(b'{"id": 7, "name": "Ana"}', b"{}", CONTEXT)
    [outcome] = transformer.run("wsp_1", Program(code, code), Destination.TRACK, [call])
    return outcome


def problem_of(transformer: Transformer, code: str) -> Problem:
    (problem,) = outcome_of(transformer, code).errors
    return problem


@pytest.mark.parametrize(
    ("code", "words"),
    [
        # Code that was written for another place.
        ("const fs = require('fs');", "Imports are not available: paste the function"),
        ("await import('lodash');", "Imports are not available"),
        ("module.exports = (event) => event;", "body of one function"),
        ("exports.handler = async (event) => event;", "body of one function"),
        ("await fetch('https://example.com');", "There is no network here"),
        ("new XMLHttpRequest();", "There is no network here"),
        ("setTimeout(() => 1, 10);", "There are no timers"),
        ("setInterval(() => 1, 10);", "There are no timers"),
        ("process.env.KEY;", "no environment variables"),
        ("Buffer.from('a');", "atob and btoa"),
        ("window.location;", "There is no browser"),
        ("document.title;", "There is no browser"),
        ("localStorage.getItem('a');", "Nothing is kept between two events"),
        ("crypto.createHash('sha256');", "sha256(data), hmac(key, data) or uuid5(name)"),
        ("event.body;", "body is called payload"),
        ("brazecall = {};", "let brazecall"),
        ("return { a: None };", "writes it null"),
        # Names.
        ("return paylod.id;", "Did you mean payload?"),
        ("return Payload.id;", "Did you mean payload?"),
        ("total = 5;", "Declare total with const or let"),
        # What V8 forbids or the realm has frozen.
        ("eval('1');", "Text cannot be run as code"),
        ("new Function('return 1');", "Text cannot be run as code"),
        ("Array.prototype.last = 1;", "The object is frozen"),
        ("String.prototype.trim = 1;", "The object is frozen"),
        ("Object.prototype.toString = 1;", "The object is frozen"),
        ("globalThis.total = 1;", "a variable of your own"),
        ("delete Math.max;", "The object is frozen"),
        # Values that are not as expected.
        ("return payload.order.id;", "?.id reads it only where it is there"),
        ("payload.user.name = 1;", "The object that should get name is missing"),
        ("return payload.id.map((x) => x);", "payload.id.map is no function here"),
        ("for (const x of payload.items) {}", "A list was expected"),
        ("const c = 1; c = 2;", "let instead of const"),
        ("return 1n + payload.id;", "Number(value)"),
        ("x.y; let x = 1;", "Move the line that declares x"),
        ("return new Date(payload.at).toISOString();", "seconds since 1970"),
        ("return JSON.parse(payload);", "an object already"),
        ("return JSON.parse(payload.text);", "the payload may lack it"),
        ("return JSON.parse('<html>');", "try {"),
        ("function f() { f(); } f();", "calls itself without an end"),
        ("return 'x'.repeat(2 ** 30);", "a size that was calculated wrongly"),
        ("return decodeURIComponent('%');", "percent-encoded"),
    ],
)
def test_an_error_of_javascript_says_what_to_do(
    transformer: Transformer, code: str, words: str
) -> None:
    problem = problem_of(transformer, code)
    assert problem.code == "threw"
    assert words in problem.hint


@pytest.mark.parametrize(
    "code",
    [
        "throw new Error('no id');",
        "throw 'fetch is not defined';",
        "throw new Error('require is not defined');",
        "throw new TypeError('order.fetch is not a function, said the shop');",
        "const f = () => { throw new Error('Not supported'); }; f();",
    ],
)
def test_an_error_of_the_authors_own_gets_no_hint_that_guesses(
    transformer: Transformer, code: str
) -> None:
    assert "network" not in problem_of(transformer, code).hint
    assert "Imports" not in problem_of(transformer, code).hint


def test_an_error_in_the_authors_own_words_gets_the_general_hint(transformer: Transformer) -> None:
    assert problem_of(transformer, "throw new Error('no id');").hint == NO_HINT


@pytest.mark.parametrize(
    ("code", "place", "words"),
    [
        ("\nimport x from 'y';", (2, 1), "Imports are not available: paste the function"),
        ("export default (p) => p;", (1, 1), "leave exports out"),
        ("const payload = {};", (1, 7), "payload is there already"),
        ("let a = 1;\nlet a = 2;", (2, 5), "Choose another name"),
        ("if (payload) {\n  return 1;", (2, 12), "Braces and brackets do not match"),
        ("f(1", (1, 3), "Close the bracket with )"),
        ("const a = \u201cx\u201d;", (1, 11), "straight ones"),
        ("const a = \u200b1;", (1, 11), "An invisible character"),
        ("const a = 'x;", (1, 11), "not closed on its line"),
        ("{% if a %}", (1, 2), "Liquid does not work here"),
        ("return {{id}};", (1, 9), "Liquid's {{"),
        ("<script>", (1, 1), "HTML is no JavaScript"),
        ("const a: string = 'x';", (1, 7), "Types belong to TypeScript"),
        ("interface Order { id: string }", (1, 1), "Types belong to TypeScript"),
    ],
)
def test_a_syntax_error_says_where_and_what_to_do(
    transformer: Transformer, code: str, place: tuple[int, int], words: str
) -> None:
    problem = problem_of(transformer, code)
    assert (problem.code, problem.line, problem.column) == ("syntax_error", *place)
    assert problem.source_line == code.splitlines()[place[0] - 1]
    assert words in problem.hint
    assert transformer.check("wsp_1", Program(code, code)) == problem


def test_an_error_has_the_line_on_which_it_was_thrown(transformer: Transformer) -> None:
    problem = problem_of(transformer, "const a = 1;\n  return payload.order.id;")
    assert (problem.line, problem.column) == (2, 24)
    assert problem.source_line == "  return payload.order.id;"


def test_of_code_on_one_long_line_a_part_is_shown(transformer: Transformer) -> None:
    problem = problem_of(transformer, "{ const a = 1; }" * 5_000 + "return payload.order.id;")
    assert len(problem.source_line) <= 162
    assert "payload.order" in problem.source_line


@pytest.mark.parametrize(
    ("output", "pointer", "message", "words"),
    [
        (
            "const u = {}; u.self = u; return {attributes: [u]}",
            "/attributes/0/self",
            "attributes[0].self leads back to attributes[0], a circle that JSON cannot hold.",
            "only the fields you need",
        ),
        (
            "const u = {a: {}}; u.a.b = u; return u",
            "/a/b",
            "a.b leads back to the output itself, a circle that JSON cannot hold.",
            "only the fields you need",
        ),
        (
            "return {attributes: [{external_id: 'a', points: 5n}]}",
            "/attributes/0/points",
            "attributes[0].points is the BigInt 5n, which JSON cannot hold.",
            "Use Number(value)",
        ),
        (
            "return function made() {}",
            "",
            "The output is the function made itself, not what it returns.",
            "return made(payload);",
        ),
        ("return Symbol()", "", "The output is a symbol, which JSON cannot hold.", "plain objects"),
        (
            "return [new Array(1e5), 5n]",
            "",
            (
                "What the code returned cannot be written as JSON: "
                "TypeError: Do not know how to serialize a BigInt"
            ),
            "plain objects",
        ),
    ],
)
def test_an_output_that_json_cannot_hold_names_the_place(
    transformer: Transformer, output: str, pointer: str, message: str, words: str
) -> None:
    problem = problem_of(transformer, output)
    assert (problem.code, problem.pointer) == ("invalid_output", pointer)
    assert problem.message == message
    assert words in problem.hint


@pytest.mark.parametrize(
    ("value", "message", "words"),
    [
        ("payload.email", "x is undefined and is left out.", "fine for a field"),
        (
            "[payload.id, payload.email]",
            "x[1] is undefined and becomes null.",
            "each !== undefined",
        ),
        (
            "[{y: payload.email}, {y: payload.email}, {}, {y: payload.email}]",
            "x[0].y is undefined and is left out (2 more like it).",
            "fine for a field",
        ),
        ("payload.name.trim", "x is the function trim and is left out.", "Call it: trim()."),
        ("[(() => () => 1)()]", "x[0] is a function and becomes null.", "Call it"),
        ("payload.name * 2", "x is NaN and becomes null.", "no number"),
        ("payload.id / 0", "x is Infinity and becomes null.", "division by zero"),
        (
            "new Date(payload.at)",
            "x is a date that could not be read, and becomes null.",
            "ISO 8601",
        ),
        ("new Map()", "x is a Map and becomes {}.", "Object.fromEntries(map)"),
        ("new Set([1])", "x is a Set and becomes {}.", "[...set]"),
        ("Promise.resolve(1)", "x is a Promise and becomes {}.", "await"),
        ("new Error('e')", "x is an Error and becomes {}.", "error.message"),
        ("new Uint8Array(1)", "x is a Uint8Array and becomes an object.", "Array.from(bytes)"),
        ("Symbol()", "x is a symbol and is left out.", "a text or a number"),
    ],
)
def test_what_json_loses_silently_is_a_warning_with_its_place(
    transformer: Transformer, value: str, message: str, words: str
) -> None:
    code = f"return {{attributes: [{{external_id: 'a', x: {value}}}]}}"
    lost = [each for each in outcome_of(transformer, code).warnings if each.code == "lost_value"]
    (warning,) = lost
    assert warning.message == f"attributes[0].{message}"
    assert warning.pointer.startswith("/attributes/0/x")
    assert words in warning.hint


def test_what_json_loses_explains_what_is_wrong_with_the_output(transformer: Transformer) -> None:
    outcome = outcome_of(transformer, "return {attributes: [{external_id: payload.userId}]}")
    assert "no identifier" in outcome.errors[0].message
    assert outcome.warnings[0].message == "attributes[0].external_id is undefined and is left out."
