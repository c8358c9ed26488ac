"""Texts that try to close the function they are put into."""

import pytest

from sandbox import Returned, SandboxPool, SyntaxInvalid
from tests.hostile.sandboxes import program, run, value

BREAK_OUTS = [
    "}); evil(); (function () {",
    "}); for (;;); (async function () {",
    "}, evil(), async function () {",
    "}, (() => { let s = 0; return function () { return s++ } })() || function () {",
    "} || function () {",
    "}, x: evil(), async run() {",
    "}, ...evil(), async run() {",
    "}, [evil()]: 1, async run() {",
    "}; static x = evil(); async run() {",
    "} static { evil() } async run() {",
    "} [evil()]() {",
    "} *[Symbol.iterator]() {",
    "} *x() {",
    "} in() {",
    "} instanceof () {",
    "} x = evil(); y() {",
    "}[0] = evil(), {",
    "}.call(), {",
    "}`${evil()}` || {",
    "}(), {",
    "} / 1 || {",
    "} .5 () {",
    "} 'x'() {",
    "} #x() {",
    "} get x() {",
    "} async x() {",
    "} ? {} : {",
    "} => {",
    "}",
    "{",
    "})",
    "}}})",
    "} // {",
    "} /* {",
    "}\n}}) //",
    "}\n}) /*",
    "/*",
    "`",
    "`${",
    "'",
    '"\\',
    "/",
    "/[",
    "//\n}, {",
    "<!-- \n}, {",
    "\n--> \n}, {",
    "}\n-->\n, {",
    "\u2028}, {",
    "return super.x",
    "super()",
    "return import.meta",
    "import 'x'",
    "export default 1",
    "#!/bin/sh\n}",
    "yield: 1; } , {",
    "with (payload) {}",
    "return 010",
    "var payload; let payload",
]


@pytest.mark.parametrize("code", BREAK_OUTS)
def test_a_text_that_is_no_function_body_is_a_syntax_error(pool: SandboxPool, code: str) -> None:
    assert isinstance(run(pool, code), SyntaxInvalid)
    assert isinstance(pool.check("wsp_1", program(code)), SyntaxInvalid)


@pytest.mark.parametrize(
    "code",
    [
        "return 1 // }",
        "return 1 /* }); */",
        "return '}); evil(); (function () {' && 1",
        "return /}\\)/ && 1",
        "return `${`}`}` && 1",
        "if (1) { return 1 } function x() {} ",
        "<!-- a comment\nreturn 1",
        "return 1\n--> a comment",
        "return 1\n//# sourceURL=other.js",
        "{ } return 1",
        "'use strict'; return 1",
        "label: for (;;) { break label } return 1",
        "class A { static { this.x = 1 } } return A.x",
        "return 1\u2028",
        "return 1\r\n",
        "\ufeffreturn 1",
        "const await_ = 1; return await_",
        "return '\\u0061wait' && 1",
    ],
)
def test_a_text_that_only_looks_like_breaking_out_runs(pool: SandboxPool, code: str) -> None:
    assert value(run(pool, code)) == 1


def test_a_name_of_the_script_given_by_the_code_does_not_hide_its_lines(pool: SandboxPool) -> None:
    result = run(pool, "\nnull.x\n//# sourceURL=sandbox/driver.js")
    assert getattr(result, "line", None) == 2


def test_code_after_a_refused_attempt_runs_in_a_clean_realm(pool: SandboxPool) -> None:
    run(pool, "}, globalThis.left = 1, async function () {")
    assert isinstance(run(pool, "return typeof left"), Returned)
    assert value(run(pool, "return typeof left")) == "undefined"


def test_the_arguments_are_what_the_driver_gave_and_nothing_else(pool: SandboxPool) -> None:
    assert value(run(pool, "return [arguments.length, this === undefined]")) == [3, True]
