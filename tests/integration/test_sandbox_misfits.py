"""What JSON cannot hold: where it is found, and that looking for it changes nothing."""

from collections.abc import Iterator

import pytest

from sandbox import (
    ConsoleText,
    Limits,
    Misfit,
    MisfitKind,
    NotJson,
    Returned,
    SandboxPool,
    TimedOut,
)
from tests.hostile.sandboxes import make_call, run, run_all, running_pool, value

LOOKING = Limits(timeout_ms=500, misfits=20)


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    with running_pool() as made:
        yield made


@pytest.mark.parametrize(
    ("code", "misfit"),
    [
        pytest.param(
            "return {a: [{b: 5n}]}", Misfit(("a", 0, "b"), MisfitKind.BIGINT, "5n"), id="a BigInt"
        ),
        pytest.param(
            "return {a: 10n ** 400000n}",
            Misfit(("a",), MisfitKind.BIGINT),
            id="a BigInt that is too large to be written in time",
        ),
        pytest.param(
            "const a = {b: {}}; a.b.c = [a]; return {a}",
            Misfit(("a", "b", "c", 0), MisfitKind.CYCLE, back=3),
            id="a circle, and how many levels it leads back",
        ),
        pytest.param(
            "const a = {}; a.a = a; return a", Misfit(("a",), MisfitKind.CYCLE, back=1), id="itself"
        ),
        pytest.param(
            "const o = {}; return [o, o, {toJSON() { return 1n }}]",
            Misfit((2,), MisfitKind.BIGINT, "1n"),
            id="what toJSON gives; the same object twice is no circle",
        ),
        pytest.param(
            "return function told() {}", Misfit((), MisfitKind.FUNCTION, "told"), id="a function"
        ),
        pytest.param("return Symbol('s')", Misfit((), MisfitKind.SYMBOL), id="a symbol"),
        pytest.param("return {toJSON() {}}", Misfit((), MisfitKind.UNDEFINED), id="nothing"),
        pytest.param(
            "let a = 1n; for (let i = 0; i < 99; i++) a = [a]; return a", None, id="one too deep"
        ),
        pytest.param("return [new Array(1e5), 1n]", None, id="one too far behind"),
    ],
)
def test_what_json_refuses_is_found_at_its_place(
    pool: SandboxPool, code: str, misfit: Misfit | None
) -> None:
    result = run(pool, code)
    assert isinstance(result, NotJson)
    assert result.misfit == misfit


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("{a: undefined}", Misfit(("a",), MisfitKind.UNDEFINED)),
        ("{a: () => 1}", Misfit(("a",), MisfitKind.FUNCTION, "a")),
        ("{a: Symbol()}", Misfit(("a",), MisfitKind.SYMBOL)),
        ("[1, undefined]", Misfit((1,), MisfitKind.UNDEFINED)),
        ("[1,, 2]", Misfit((1,), MisfitKind.UNDEFINED)),
        ("{a: {b: NaN}}", Misfit(("a", "b"), MisfitKind.NUMBER, "NaN")),
        ("{a: -1 / 0}", Misfit(("a",), MisfitKind.NUMBER, "-Infinity")),
        ("{a: new Date('x')}", Misfit(("a",), MisfitKind.DATE)),
        ("{a: new Map([[1, 2]])}", Misfit(("a",), MisfitKind.OBJECT, "Map")),
        ("{a: new Set()}", Misfit(("a",), MisfitKind.OBJECT, "Set")),
        ("{a: /x/}", Misfit(("a",), MisfitKind.OBJECT, "RegExp")),
        ("{a: Promise.resolve(1)}", Misfit(("a",), MisfitKind.OBJECT, "Promise")),
        ("{a: new Error('e')}", Misfit(("a",), MisfitKind.OBJECT, "Error")),
        ("{a: new Uint8Array(3)}", Misfit(("a",), MisfitKind.BYTES, "Uint8Array")),
        ("new Map()", Misfit((), MisfitKind.OBJECT, "Map")),
        ("NaN", Misfit((), MisfitKind.NUMBER, "NaN")),
        (
            "[{a: undefined}, {a: 1}, {a: undefined}]",
            Misfit((0, "a"), MisfitKind.UNDEFINED, count=2),
        ),
        ("{['k'.repeat(200)]: NaN}", Misfit(("k" * 100,), MisfitKind.NUMBER, "NaN")),
    ],
)
def test_what_json_loses_is_found_at_its_place(pool: SandboxPool, code: str, found: Misfit) -> None:
    result = run(pool, f"return {code}", limits=LOOKING)
    assert isinstance(result, Returned)
    assert result.lost == (found,)


def test_what_json_holds_is_no_misfit(pool: SandboxPool) -> None:
    code = """return {d: new Date(0), n: new Number(1), s: new String('s'), e: {}, l: [], z: null,
      o: Object.create(null), h: headers, t: {toJSON() { return 1 }}}"""
    result = run(pool, code, limits=LOOKING)
    assert isinstance(result, Returned)
    assert result.lost == ()


def test_nothing_is_looked_for_unless_it_is_asked_for(pool: SandboxPool) -> None:
    result = run(pool, "return {a: undefined}")
    assert isinstance(result, Returned)
    assert result.lost == ()


def test_no_more_places_are_told_than_asked_for(pool: SandboxPool) -> None:
    code = "return Object.fromEntries([...Array(99).keys()].map((key) => [key, NaN]))"
    result = run(pool, code, limits=LOOKING)
    assert isinstance(result, Returned)
    assert len(result.lost) == 20


@pytest.mark.parametrize(
    "getter",
    [
        pytest.param("return 1", id="quiet"),
        pytest.param("console.log('read'); return 1", id="that writes on the console"),
        pytest.param("if (read++ > 0) throw 1; return 1", id="that throws the second time"),
        pytest.param("return read++ > 0 ? 2n : 1", id="that gives something else"),
        pytest.param("if (read++ > 0) f(); return 1; function f() { f() }", id="that recurses"),
        pytest.param("if (read++ > 0) Math.random(); return 1", id="that draws chance"),
    ],
)
def test_looking_changes_nothing_whatever_a_getter_does(pool: SandboxPool, getter: str) -> None:
    code = f"let read = 0; return {{get a() {{ {getter} }}}}"
    plain, looked = run(pool, code), run(pool, code, limits=LOOKING)
    assert isinstance(plain, Returned)
    assert isinstance(looked, Returned)
    assert (looked.output, looked.console) == (plain.output, plain.console)


def test_a_proxy_may_do_what_it_likes(pool: SandboxPool) -> None:
    code = """let calls = 0;
      const trap = () => { if (calls++ > 40) throw new Error('enough'); };
      const traps = {get: (_, k) => (trap(), k === 'a' ? 1 : undefined), ownKeys: () => ['a'],
        getOwnPropertyDescriptor: () => ({value: 1, enumerable: true, configurable: true}),
        getPrototypeOf() { throw 1 }};
      return new Proxy({}, traps)"""
    assert value(run(pool, code, limits=LOOKING)) == {"a": 1}


def test_looking_ends_with_the_calls_time(pool: SandboxPool) -> None:
    code = "let read = 0; return {get a() { if (read++ > 0) for (;;); return 1 }}"
    assert run(pool, code, limits=LOOKING) == TimedOut(LOOKING.timeout_ms)


def test_looking_leaves_no_trace_for_the_next_call(pool: SandboxPool) -> None:
    code = """console.log(payload);
      return {r: Math.random(), get a() { console.log('again'); return Math.random() }}"""
    calls = [make_call(1), make_call(2)]
    plain = run_all(pool, code, calls)
    looked = run_all(pool, code, calls, limits=LOOKING)
    assert [value(each) for each in looked] == [value(each) for each in plain]
    [_, last] = looked
    assert isinstance(last, Returned)
    assert last.console == (ConsoleText("log", "2"), ConsoleText("log", "again"))
