"""How one call can end, and what the code sees and shows."""

from collections.abc import Iterator

import pytest

from sandbox import (
    ConsoleText,
    Limits,
    NotJson,
    OutOfMemory,
    OutputTooLarge,
    Program,
    Returned,
    SandboxPool,
    SyntaxInvalid,
    Threw,
    TimedOut,
)
from tests.hostile.sandboxes import HURRIED, make_call, program, run, running_pool, value


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    with running_pool() as made:
        yield made


def test_what_code_returns_is_its_output(pool: SandboxPool) -> None:
    result = run(pool, "return {id: payload.id, at: new Date(0)}", {"id": "é\u2028\U0001f600"})
    assert value(result) == {"id": "é\u2028\U0001f600", "at": "1970-01-01T00:00:00.000Z"}


@pytest.mark.parametrize("code", ["", "return", "return null", "// nothing\n", "return undefined;"])
def test_returning_nothing_has_no_output(pool: SandboxPool, code: str) -> None:
    result = run(pool, code)
    assert isinstance(result, Returned)
    assert result.output is None


def test_an_error_is_shown_where_it_arose(pool: SandboxPool) -> None:
    result = run(pool, "const user = payload.user;\n\n  return user.email;", {})
    assert isinstance(result, Threw)
    assert result.message == "TypeError: Cannot read properties of undefined (reading 'email')"
    assert (result.line, result.column) == (3, 15)


def test_an_error_after_await_is_shown_where_it_arose(pool: SandboxPool) -> None:
    result = run(pool, "await null;\nthrow new RangeError('late')")
    assert isinstance(result, Threw)
    assert (result.message, result.line, result.column) == ("RangeError: late", 2, 7)


def test_an_error_in_a_nested_function_is_shown_there(pool: SandboxPool) -> None:
    result = run(pool, "const f = () => {\n  JSON.parse('{');\n};\nreturn [1].map(f)")
    assert isinstance(result, Threw)
    assert (result.line, result.column) == (2, 8)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("throw 'text'", "text"),
        ("throw null", "null"),
        ("throw undefined", "undefined"),
        ("throw 7n", "7"),
        ("throw Symbol('s')", "Symbol(s)"),
        ("throw {a: 1}", '{"a":1}'),
        ("throw {toJSON() { throw 1 }}", "Something was thrown that cannot be shown."),
        ("throw new Proxy({}, {get() { throw 1 }})", "Something was thrown that cannot be shown."),
        ("const e = new Error('m'); e.name = 'Mine'; throw e", "Mine: m"),
        ("class Mine extends Error {} \n throw new Mine('m')", "Error: m"),
        (
            "const e = new Error('m'); Object.defineProperty(e, 'stack', {get() { throw 1 }}); throw e",
            "Something was thrown that cannot be shown.",
        ),
    ],
)
def test_whatever_is_thrown_has_a_message(pool: SandboxPool, code: str, message: str) -> None:
    result = run(pool, code)
    assert isinstance(result, Threw)
    assert result.message == message


def test_code_that_recurses_for_ever_threw(pool: SandboxPool) -> None:
    result = run(pool, "function f() { return 1 + f(); }\nreturn f();")
    assert isinstance(result, Threw)
    assert result.message == "RangeError: Maximum call stack size exceeded"


def test_a_syntax_error_is_shown_where_it_stands(pool: SandboxPool) -> None:
    result = run(pool, "const a = 1;\nlet x = ;\nreturn a;")
    assert result == SyntaxInvalid("SyntaxError: Unexpected token ';'", 2, 9, "let x = ;")


def test_code_that_is_not_finished_is_shown_at_its_end(pool: SandboxPool) -> None:
    result = run(pool, "if (payload) {\n  return 1;")
    message = "SyntaxError: Unexpected end of the code"
    assert result == SyntaxInvalid(message, 2, 12, "  return 1;")


def test_a_syntax_error_is_the_result_of_every_call(pool: SandboxPool) -> None:
    results = pool.run("wsp_1", program("return ("), [make_call(), make_call()])
    assert [type(result) for result in results] == [SyntaxInvalid, SyntaxInvalid]


def test_check_compiles_and_runs_nothing(pool: SandboxPool) -> None:
    assert pool.check("wsp_1", program("for (;;);")) is None
    found = pool.check("wsp_1", program("for (;"))
    assert isinstance(found, SyntaxInvalid)


def test_code_that_never_ends_is_timed_out(pool: SandboxPool) -> None:
    assert run(pool, "for (;;);", limits=HURRIED) == TimedOut(HURRIED.timeout_ms)


def test_a_promise_that_never_settles_is_timed_out_at_once(pool: SandboxPool) -> None:
    result = run(pool, "console.log('waiting'); await new Promise(() => {})")
    limit_ms = Limits().timeout_ms
    assert result == TimedOut(limit_ms, (ConsoleText("log", "waiting"),), never_settled=True)


def test_code_that_fills_the_heap_is_out_of_memory(pool: SandboxPool) -> None:
    code = "const a = []; for (;;) a.push(new Array(1000).fill(1));"
    assert run(pool, code, limits=Limits(timeout_ms=20_000)) == OutOfMemory(64)


def test_output_is_limited_in_bytes(pool: SandboxPool) -> None:
    limits = Limits(output_bytes=12)
    assert value(run(pool, "return 'é'.repeat(5)", limits=limits)) == "ééééé"
    assert run(pool, "return 'é'.repeat(6)", limits=limits) == OutputTooLarge(14, 12)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("const a = {}; a.a = a; return a", "circular structure"),
        ("return {n: 1n}", "BigInt"),
        ("return () => 1", "function"),
        ("return Symbol()", "symbol"),
    ],
)
def test_what_json_cannot_hold_is_not_json(pool: SandboxPool, code: str, words: str) -> None:
    result = run(pool, code)
    assert isinstance(result, NotJson)
    assert words in result.message


def test_an_error_while_the_output_is_made_threw(pool: SandboxPool) -> None:
    result = run(pool, "return {\n  toJSON() { null.x } }")
    assert isinstance(result, Threw)
    assert result.line == 2


def test_console_lines_come_with_the_result(pool: SandboxPool) -> None:
    code = """
      console.log('a', 1, {b: [1, 'x']}, null, undefined);
      console.info(new TypeError('wrong'));
      console.warn(new Map([['k', 1]]), new Set([1]), 5n, () => 1, Symbol('s'));
      const ring = {name: 'ring'}; ring.self = ring;
      console.error(ring);
      console.debug();
      const shared = {x: 1};
      console.log([shared, shared]);
      throw new Error('end')"""
    result = run(pool, code)
    assert isinstance(result, Threw)
    assert [(line.level, line.text) for line in result.console] == [
        ("log", 'a 1 {"b":[1,"x"]} null undefined'),
        ("info", "TypeError: wrong"),
        ("warn", '{"[Map]":[["k",1]]} {"[Set]":[1]} 5n [Function: anonymous] Symbol(s)'),
        ("error", '{"name":"ring","self":"[Circular]"}'),
        ("debug", ""),
        ("log", '[{"x":1},{"x":1}]'),
    ]


def test_headers_are_found_in_any_case(pool: SandboxPool) -> None:
    code = """return [headers['stripe-signature'], headers['STRIPE-SIGNATURE'], 'host' in headers,
      headers.missing === undefined, Object.keys(headers), {...headers}, JSON.stringify(headers)]"""
    headers = {"Stripe-Signature": "t=1", "Host": "x"}
    [result] = pool.run("wsp_1", program(code), [make_call(headers=headers)])
    text = '{"Stripe-Signature":"t=1","Host":"x"}'
    assert value(result) == ["t=1", "t=1", True, True, ["Stripe-Signature", "Host"], headers, text]


@pytest.mark.parametrize(
    "code",
    [
        "return [headers.a, context.event_id]",
        "return [h\\u0065aders.a, c\\u{6f}ntext.event_id]",
        "const [, h, c] = arguments; return [h.a, c.event_id]",
        "const [, h, c] = \\u0061rguments; return [h.a, c.event_id]",
        "return (() => { const [, h, c] = arguments; return [h.a, c.event_id] })()",
    ],
)
def test_however_arguments_are_named_they_are_there(pool: SandboxPool, code: str) -> None:
    [result] = pool.run("wsp_1", program(code), [make_call(headers={"A": "1"}, event_id="evt_7")])
    assert value(result) == ["1", "evt_7"]


def test_the_calls_time_and_chance_do_not_hang_on_what_code_does_to_its_context(
    pool: SandboxPool,
) -> None:
    change = "context.accepted_at = '2000-01-01'; context.event_id = 'evt_0';"
    look = "return [Date.now(), Math.random()]"
    assert value(run(pool, change + look)) == value(run(pool, look))


def test_the_programs_context_is_merged_into_each_calls(pool: SandboxPool) -> None:
    made = Program("k", "return context", {"workspace": {"tier": "gold"}, "event_id": "no"})
    [result] = pool.run("wsp_1", made, [make_call(event_id="evt_9")])
    assert value(result) == {
        "event_id": "evt_9",
        "accepted_at": "2026-01-02T03:04:05.678Z",
        "workspace": {"tier": "gold"},
    }


def test_a_key_used_for_two_texts_runs_the_text_that_is_given(pool: SandboxPool) -> None:
    first = pool.run("wsp_1", Program("same", "return 1"), [make_call()])
    second = pool.run("wsp_1", Program("same", "return 2"), [make_call()])
    changed = pool.run("wsp_1", Program("same", "return context.v", {"v": 3}), [make_call()])
    assert [value(r) for r in (*first, *second, *changed)] == [1, 2, 3]


def test_time_and_chance_depend_on_the_event_alone(pool: SandboxPool) -> None:
    """I10: the same code on the same event gives the same bytes."""
    code = """return [Date.now(), new Date(), Date(), new Intl.DateTimeFormat().format(),
      new Date().toLocaleString(), new Intl.DateTimeFormat().formatToParts().length,
      Math.random(), Math.random(), [3, 1, 2].sort(() => Math.random() - 0.5)]"""
    with running_pool() as other:
        first, again = run(pool, code), run(other, code)
    assert value(first) == value(again)
    assert value(first)[:5] == [
        1767323045678,
        "2026-01-02T03:04:05.678Z",
        "Fri Jan 02 2026 03:04:05 GMT+0000 (Coordinated Universal Time)",
        "1/2/2026",
        "1/2/2026, 3:04:05 AM",
    ]
    [elsewhere] = pool.run("wsp_1", program(code), [make_call(event_id="evt_2")])
    assert value(elsewhere)[6] != value(first)[6]


def test_dates_work_as_elsewhere(pool: SandboxPool) -> None:
    code = """class Day extends Date { get iso() { return this.toISOString().slice(0, 10) } }
      return [new Date(2020, 1, 3), new Date('2020-01-01'), Date.UTC(2020, 0), Date.parse('2020'),
        new Date() instanceof Date, new Date(0).constructor === Date, new Day().iso, Date.length]"""
    assert value(run(pool, code)) == [
        "2020-02-03T00:00:00.000Z",
        "2020-01-01T00:00:00.000Z",
        1577836800000,
        1577836800000,
        True,
        True,
        "2026-01-02",
        7,
    ]


def test_inherited_names_can_be_assigned_on_fresh_objects(pool: SandboxPool) -> None:
    code = """
      const o = {}; o.toString = () => 'mine'; o.constructor = 1; o.valueOf = 2;
      function Old() { this.name = 'old' } Old.prototype.constructor = Old;
      Old.prototype.toString = function () { return this.name };
      const e = new Error('a'); e.message = 'b'; e.name = 'C';
      const a = []; a.join = 1;
      return [`${o}`, o.constructor, Object.keys(o), `${new Old()}`, `${e}`, a.join]"""
    names = ["toString", "constructor", "valueOf"]
    assert value(run(pool, code)) == ["mine", 1, names, "old", "C: b", 1]


def test_code_may_name_its_own_variables_like_what_is_global(pool: SandboxPool) -> None:
    code = "const console = 1, Date = 2, process = 3; let setTimeout = 4; return console + Date"
    assert value(run(pool, code)) == 3


def test_the_stack_of_an_error_shows_the_users_lines_alone(pool: SandboxPool) -> None:
    code = "function f() {\n  return new Error('x').stack\n}\nreturn f()"
    assert value(run(pool, code)) == (
        "Error: x\n    at f (transform.js:2:10)\n    at transform.js:4:8"
    )
