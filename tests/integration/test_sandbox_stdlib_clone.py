"""structuredClone in the sandbox answers as Node's does."""

from collections.abc import Iterator

import pytest

from sandbox import SandboxPool
from tests.hostile.sandboxes import running_pool
from tests.support.node import in_node, in_sandbox


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    with running_pool() as made:
        yield made


# Shows what JSON does not: kinds, identities, holes.
SHOW = """
  const show = (value, seen = new Map()) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (value === undefined || Object.is(value, -0) || Number.isNaN(value)) return `<${value} ${1 / value}>`;
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return `<the ${seen.get(value)}th>`;
    seen.set(value, seen.size);
    const tag = Object.prototype.toString.call(value);
    const proto = Object.getPrototypeOf(value);
    const shown = { tag, proto: proto === null ? null : proto.constructor.name };
    if (value instanceof Map || value instanceof Set) shown.items = [...value].map((item) => show(item, seen));
    if (value instanceof Date) shown.time = String(value.getTime());
    if (value instanceof RegExp) shown.text = `${value} ${value.lastIndex}`;
    if (value instanceof ArrayBuffer) {
      shown.bytes = [...new Uint8Array(value)];
      shown.most = value.resizable ? value.maxByteLength : 'fixed';
      return shown;
    }
    if (ArrayBuffer.isView(value)) {
      return { ...shown, buffer: show(value.buffer, seen), at: value.byteOffset, length: value.byteLength };
    }
    if (/Number|String|Boolean|BigInt/.test(tag)) shown.primitive = show(value.valueOf(), seen);
    if (value instanceof Error) {
      const own = Object.getOwnPropertyDescriptor(value, 'message');
      shown.error = [value.name, own ?? 'none', 'cause' in value && show(value.cause, seen)];
      return shown;
    }
    if (Array.isArray(value)) shown.length = value.length;
    shown.own = Object.keys(value).map((key) => [key, show(value[key], seen)]);
    return shown;
  };
"""

CLONED = [
    "1",
    "'x'",
    "null",
    "undefined",
    "true",
    "-0",
    "NaN",
    "7n",
    "'\\ud800'",
    "{}",
    "{a: 1, b: {c: [1, 'x', null, undefined]}}",
    "{['__proto__']: 1, constructor: 2, toString: 3}",
    "{get a() { return 7 }, [Symbol()]: 1}",
    "Object.defineProperty({b: 1}, 'hidden', {value: 1})",
    "Object.create({inherited: 1}, {own: {value: 1, enumerable: true}})",
    "Object.create(null)",
    "Object.freeze({a: 1})",
    "new (class Point { x = 1; #y = 2; get z() { return 3 } })()",
    "new (class Tagged { get [Symbol.toStringTag]() { return 'Map' } })()",
    "[]",
    "[1, , 3]",
    "Array(5)",
    "Object.assign([1], {extra: 2, 7: 3})",
    "new (class Mine extends Array {})(1, 2, 3)",
    "(() => { const a = []; a[4294967294] = 1; return a.length })()",
    "(() => { const o = {}; o.self = o; return o })()",
    "(() => { const o = {}; return [o, o, {o}] })()",
    "(() => { const m = new Map(); m.set(m, new Set([m])); return m })()",
    "(() => { const a = []; a.push(a, [a]); return a })()",
    "new Map([[1, 'a'], [{}, new Map()], [NaN, -0]])",
    "new Set([1, 'a', {}, [1]])",
    "Object.assign(new Map([[1, 2]]), {extra: 1})",
    "new (class Mine extends Map {})([[1, 2]])",
    "Object.create(Map.prototype)",
    "Object.create(Date.prototype)",
    "Object.create(Error.prototype)",
    "Object.defineProperty(new Map([[1, 2]]), Symbol.toStringTag, {value: 'Object'})",
    "new Date(1e12)",
    "new Date(NaN)",
    "Object.assign(new Date(0), {extra: 1})",
    "/a(?<b>c)/giu",
    "/[a&&b]/vdsy",
    "/\\//m",
    "Object.assign(/a/g, {lastIndex: 3})",
    "new Error('m')",
    "new Error()",
    "new TypeError('m')",
    "new RangeError('m', {cause: {a: 1}})",
    "new AggregateError([1], 'm')",
    "Object.assign(new Error('m'), {name: 'TypeError', extra: 1})",
    "Object.assign(new Error('m'), {name: 'Mine'})",
    "new (class Mine extends SyntaxError {})('m')",
    "Object.defineProperty(new Error('m'), 'message', {value: 7})",
    "Object.defineProperty(new Error('m'), 'message', {get() { return 'x' }})",
    "Object(1)",
    "Object('text')",
    "Object(false)",
    "Object(7n)",
    "Object.assign(Object(1), {extra: 1})",
    "new ArrayBuffer(3)",
    "new ArrayBuffer(3, {maxByteLength: 8})",
    "Uint8Array.of(1, 2, 3)",
    "Uint8Array.of(1, 2, 3).subarray(1)",
    "new Float64Array([1.5, NaN])",
    "new BigInt64Array([1n])",
    "new Uint8ClampedArray([300])",
    "new DataView(Uint8Array.of(1, 2, 3).buffer, 1, 1)",
    "(() => { const b = new ArrayBuffer(4); return [new Uint8Array(b, 1), new Int16Array(b), b] })()",
    "new Proxy([1], {}) && 1",
    "Math.constructor === Object",
    'JSON.parse(\'{"a":[1,{"b":null}]}\')',
]


@pytest.mark.parametrize("code", CLONED)
def test_what_can_be_cloned_is_a_copy_of_the_same_form(pool: SandboxPool, code: str) -> None:
    body = f"{SHOW} const value = {code}; return attempt(() => show(structuredClone(value)))"
    assert in_sandbox(pool, body) == in_node(body)


REFUSED = [
    "() => 1",
    "Symbol()",
    "Object(Symbol())",
    "{a: [() => 1]}",
    "{a: Symbol()}",
    "class {}",
    "new WeakMap()",
    "new WeakSet()",
    "Promise.resolve()",
    "(function* () {})()",
    "(async function* () {})()",
    "[].values()",
    "new Map().entries()",
    "new Intl.NumberFormat()",
    "new (class extends Promise {})(() => {})",
    "(() => { const b = new ArrayBuffer(1); structuredClone(b, {transfer: [b]}); return b })()",
]


@pytest.mark.parametrize("code", REFUSED)
def test_what_cannot_be_cloned_is_refused(pool: SandboxPool, code: str) -> None:
    body = f"""const value = {code};
      try {{ structuredClone(value); return 'cloned' }} catch (e) {{
        return [e.name, e.code, e instanceof DOMException, e instanceof Error] }}"""
    assert in_sandbox(pool, body) == in_node(body) == ["DataCloneError", 25, True, True]


@pytest.mark.parametrize(
    "code",
    [
        "structuredClone()",
        "structuredClone(1, 2)",
        "structuredClone(1, null)",
        "structuredClone(1, {transfer: [1]})",
        "(() => { const b = new ArrayBuffer(4); return structuredClone(1, {transfer: [b, b]}) })()",
        "(() => { const b = new ArrayBuffer(4); try { structuredClone(() => 1, {transfer: [b]}) } catch {} return b.byteLength })()",
        "(() => { const b = Uint8Array.of(1, 2), c = structuredClone(b, {transfer: [b.buffer]}); return [b.length, ...c] })()",
        "structuredClone({get a() { throw new RangeError() }})",
        "structuredClone({get a() { delete this.b; return 1 }, b: 2})",
        "(() => { const m = new Map([['k', {get a() { m.set('late', 1); return 1 }}]]); return structuredClone(m).size })()",
        "(() => { const o = {get a() { this.z = 1; return 1 }}; return Object.keys(structuredClone(o)) })()",
        "(() => { let o = {}; for (let i = 0; i < 500; i++) o = {o}; return JSON.stringify(structuredClone(o)).length })()",
        "structuredClone(new Error('m')).stack === undefined",
        "(() => { const e = new Error('m'); return structuredClone(e).stack === e.stack })()",
    ],
)
def test_options_and_getters(pool: SandboxPool, code: str) -> None:
    body = f"return attempt(() => {code})"
    assert in_sandbox(pool, body) == in_node(body)


def test_too_deep_an_object_is_a_range_error(pool: SandboxPool) -> None:
    code = """let o = {}; for (let i = 0; i < 1e5; i++) o = {o};
      return attempt(() => structuredClone(o))"""
    assert in_sandbox(pool, code) == "throws RangeError"


@pytest.mark.parametrize(
    "code", ["new URL('https://x')", "new URLSearchParams()", "new TextDecoder()"]
)
def test_the_librarys_own_objects_are_refused_as_browsers_do(pool: SandboxPool, code: str) -> None:
    body = f"return attempt(() => structuredClone({code}))"
    assert in_sandbox(pool, body) == "throws DataCloneError"


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("structuredClone(1, {transfer: null})", "throws TypeError"),
        ("structuredClone(1, {transfer: [{}]})", "throws DataCloneError"),
        ("structuredClone.length", 1),
        ("'prototype' in structuredClone", False),
        # The engine shows nobody what is a proxy.
        ("structuredClone(new Proxy({a: 1}, {})).a", 1),
    ],
)
def test_where_node_20_leaves_the_standard(pool: SandboxPool, code: str, answer: object) -> None:
    assert in_sandbox(pool, f"return attempt(() => {code})") == answer
