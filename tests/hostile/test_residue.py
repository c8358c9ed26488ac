"""I9: no observable residue: event n cannot tell whether events 1…n-1 ran before it."""

import json

import pytest

from sandbox import Limits, SandboxPool
from tests.hostile.sandboxes import make_call, program, run, run_all, value

# What leaves the trace runs on the first event, what looks for it on the second.
PAIRS = {
    "a global": ("globalThis.left = 1", "return typeof left"),
    "a global through this": ("(0, function () { return this })().left = 1", "return typeof left"),
    "an undeclared name": ("left = 1", "return typeof left"),
    "Object.prototype": ("Object.prototype.left = 1", "return ({}).left ?? null"),
    "Object.prototype by __proto__": ("({}).__proto__.left = 1", "return ({}).left ?? null"),
    "Array.prototype": ("Array.prototype.map = () => 'left'", "return [1].map((x) => x)"),
    "an array index": ("Array.prototype[0] = 'left'", "return [,].at(0) ?? null"),
    "Function.prototype": ("(() => 1).__proto__.left = 1", "return (() => 1).left ?? null"),
    "the async function's prototype": (
        "(async () => 1).__proto__.left = 1",
        "return (async () => 1).left ?? null",
    ),
    "the generator's prototype": (
        "(function* () {}).prototype.__proto__.__proto__.next = 1",
        "return [...(function* () { yield 1 })()]",
    ),
    "the array iterator": (
        "[].values().__proto__.next = () => ({done: true})",
        "return [...[1]]",
    ),
    "the regular expressions' string iterator": (
        "''.matchAll(/a/g).__proto__.left = 1",
        "return ''.matchAll(/a/g).left ?? null",
    ),
    "the segmenter's segments": (
        "new Intl.Segmenter().segment('').__proto__.left = 1",
        "return new Intl.Segmenter().segment('').left ?? null",
    ),
    "the iterator helpers": (
        "[].values().map((x) => x).__proto__.left = 1",
        "return [].values().map((x) => x).left ?? null",
    ),
    "the typed arrays": (
        "Int8Array.__proto__.prototype.left = 1",
        "return new Int8Array(1).left ?? null",
    ),
    "JSON.parse": ("JSON.parse = () => 'left'", "return [JSON.parse('1'), payload]"),
    "JSON.stringify": ("JSON.stringify = () => '9'", "return 1"),
    "Math": ("Math.left = 1; Math.random = () => 4", "return [Math.left ?? null, Math.random()]"),
    "how far chance was drawn": (
        "for (let i = 0; i < 9; i++) Math.random()",
        "return Math.random()",
    ),
    "chance drawn by reactions": (
        "Promise.resolve().then(function f() { Math.random(); return Promise.resolve() })",
        "return Math.random()",
    ),
    "Promise.prototype.then": (
        "Promise.prototype.then = () => 'left'",
        "return await Promise.resolve(1)",
    ),
    "Symbol.iterator": (
        "Array.prototype[Symbol.iterator] = function* () { yield 'left' }",
        "return [...[1]]",
    ),
    "Error.prepareStackTrace": (
        "Error.prepareStackTrace = () => 'left'",
        "return new Error('x').stack",
    ),
    "Error.stackTraceLimit": ("Error.stackTraceLimit = 0", "return new Error('x').stack"),
    "the last match": (
        "/(l)(eft)/.exec('left')",
        "return [RegExp.$1 ?? null, RegExp.lastMatch ?? null]",
    ),
    "the state of a literal": (
        "/a/g.exec('aa')",
        "const r = /a/g; r.exec('aa'); return r.lastIndex",
    ),
    "the console": (
        "console.log = 1; console.left = 1",
        "return [typeof console.log, console.left ?? null]",
    ),
    "lines on the console": ("console.log('left')", "console.log('mine')"),
    "the timers' class": ("__TimerManager = 5", "return typeof __TimerManager"),
    "timers": ("globalThis.setTimeout = 5", "return typeof setTimeout"),
    "the payload": ("payload.left = 1; payload.list.push(1)", "return payload"),
    "the headers": ("headers['X-Left'] = 1; headers.__proto__.left = 1", "return {...headers}"),
    "the context": (
        "context.left = 1; context.workspace.tier = 'left'",
        "return [context.left ?? null, context.workspace]",
    ),
    "a template's strings": (
        "((s) => s)`a`.left = 1",
        "return Object.isFrozen(((s) => s)`a`)",
    ),
    "the code's own function": (
        "arguments.callee.left = 1",
        "try { return arguments.callee.left } catch (e) { return e.name }",
    ),
    "Date": ("Date.now = () => 1; Date.left = 1", "return [Date.now(), Date.left ?? null]"),
    "Date.prototype": ("Date.prototype.toJSON = () => 'left'", "return new Date()"),
    "Intl": ("Intl.DateTimeFormat = 1", "return new Intl.DateTimeFormat().format()"),
    "the header's names": ("Object.keys = () => []", "return headers['x-one']"),
    "URL": (
        "URL.left = 1; URL.prototype.left = 1; URL.parse = () => 'left'; globalThis.URL = 1",
        "return [URL.left ?? null, new URL('https://x').left ?? null, URL.parse('https://x')]",
    ),
    "URLSearchParams.prototype": (
        "URLSearchParams.prototype.get = () => 'left'; URLSearchParams.prototype.left = 1",
        "const p = new URLSearchParams('a=1'); return [p.get('a'), p.left ?? null]",
    ),
    "the iterator of parameters": (
        "new URLSearchParams().keys().__proto__.next = () => ({done: true})",
        "return [...new URLSearchParams('a=1')]",
    ),
    "the parameters of the same URL": (
        "new URL('https://x/?a=1').searchParams.append('left', 1)",
        "return [...new URL('https://x/?a=1').searchParams]",
    ),
    "a decoder left in the middle": (
        "new TextDecoder().decode(Uint8Array.of(0xe2, 0x82), {stream: true})",
        "return new TextDecoder().decode(Uint8Array.of(0xac))",
    ),
    "a decoder's empty rest": (
        "TextDecoder.prototype.decode.left = 1; new TextDecoder().decode().left = 1",
        "return [TextDecoder.prototype.decode.left ?? null, new TextDecoder().decode()]",
    ),
    "bytes that were encoded": (
        "new TextEncoder().encode('').left = 1; new TextEncoder().encode('a').fill(9)",
        "return [new TextEncoder().encode('').left ?? null, ...new TextEncoder().encode('a')]",
    ),
    "hashes and ids": (
        "sha256('a'); hmac('k', 'a'); uuid5('a'); sha256.left = 1; globalThis.uuid5 = () => 'left'",
        "return [sha256('a'), hmac('k', 'a'), uuid5('a'), sha256.left ?? null]",
    ),
    "a hash of data that throws": (
        "try { sha256(new Proxy({}, {get() { throw 1 }})) } catch {}",
        "return sha256('')",
    ),
    "a name of another script": (
        "new URL('https://m\u00fcnchen.de'); try { new URL('https://\u0301') } catch {}",
        "return new URL('https://m\u00fcnchen.de').host",
    ),
    "a clone that fell on its way": (
        "try { structuredClone([{}, {get a() { throw 1 }}]) } catch {}",
        "return structuredClone([{a: 1}])",
    ),
    "the stack's end in the library": (
        "(function f() { try { f() } catch { try { new URL('https://\u00fc.de/?a'); sha256('a') } catch {} } })()",
        "return [new URL('https://\u00fc.de/?a').href, sha256('a')]",
    ),
    "DOMException": (
        "DOMException.prototype.left = 1; try { atob('*') } catch (e) { e.left = 1 }",
        "try { atob('*') } catch (e) { return [e.left ?? null, e.name, e.code] }",
    ),
    "private names stamped on what is frozen": (
        "class Stamp extends (function (o) { return o }) { #left = 1 } new Stamp(URL.prototype)",
        "class Stamp { #left = 1; static has(o) { return #left in o } } return Stamp.has(URL.prototype)",
    ),
    "a promise that never settles": ("await new Promise(() => {})", "return await 1"),
    "a deep stack": ("(function f() { f() })()", "return 1"),
}


@pytest.mark.parametrize(("leave", "look"), PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("wait", ["", "await null; "], ids=["together", "alone"])
def test_nothing_is_left_of_an_earlier_event(
    pool: SandboxPool, leave: str, look: str, wait: str
) -> None:
    code = f"{wait}if (payload.first) {{ {leave} }} else {{ {look} }}"
    context = json.dumps(
        {
            "event_id": "evt_2",
            "accepted_at": "2026-01-02T03:04:05.678Z",
            "workspace": {"tier": "gold"},
        }
    ).encode()
    kind = type(make_call())
    headers = b'{"X-One":"1"}'
    first = kind(b'{"first":true,"list":[]}', headers, context)
    second = kind(b'{"first":false,"list":[]}', headers, context)
    [alone] = pool.run("wsp_fresh", program(code), [second])
    together = run_all(pool, code, [first, second], limits=Limits(timeout_ms=5_000))
    shown = getattr(together[1], "console", None), getattr(together[1], "output", None)
    assert shown == (getattr(alone, "console", 0), getattr(alone, "output", 0))


def test_every_intrinsic_that_can_be_reached_is_frozen(pool: SandboxPool) -> None:
    code = """
      const seen = new Set(), open = [], queue = [[globalThis, 'globalThis']];
      function* g() {} async function a() {} async function* ag() {}
      for (const x of [g, a, ag, [].values(), new Map().keys(), new Set().keys(), ''.matchAll(/a/g),
        ''[Symbol.iterator](), Iterator.from({next() {}}), [].values().map((x) => x), Int8Array,
        new Intl.Segmenter().segment('')[Symbol.iterator](), new URLSearchParams().keys()])
        queue.push([Object.getPrototypeOf(x), 'of ' + String(Object.prototype.toString.call(x))]);
      while (queue.length) {
        const [object, path] = queue.pop();
        if (Object(object) !== object || seen.has(object)) continue;
        seen.add(object);
        if (!Object.isFrozen(object)) open.push(path);
        queue.push([Object.getPrototypeOf(object), path + '.__proto__']);
        for (const key of Reflect.ownKeys(object)) {
          const d = Object.getOwnPropertyDescriptor(object, key), at = `${path}.${String(key)}`;
          queue.push([d.value, at], [d.get, at], [d.set, at]);
        }
      }
      return {open, seen: seen.size}"""
    found = value(run(pool, code))
    assert found["open"] == []
    assert found["seen"] > 600


@pytest.mark.parametrize(
    "name",
    [
        "WebAssembly",
        "SharedArrayBuffer",
        "Atomics",
        "WeakRef",
        "FinalizationRegistry",
        "Temporal",
        "setTimeout",
        "clearTimeout",
        "__timer_manager",
        "__TimerManager",
        "gc",
        "process",
        "require",
    ],
)
def test_what_could_keep_or_measure_is_not_there(pool: SandboxPool, name: str) -> None:
    assert value(run(pool, f"return typeof {name}")) == "undefined"


@pytest.mark.parametrize(
    "code",
    [
        "eval('1')",
        "(0, eval)('1')",
        "new Function('return 1')()",
        "(() => 1).constructor('return 1')()",
        "(async () => 1).constructor('return 1')()",
        "(function* () {}).constructor('yield 1')().next()",
        "Reflect.construct(Function, ['return 1'])()",
    ],
)
def test_no_code_is_made_from_strings(pool: SandboxPool, code: str) -> None:
    caught = f"try {{ return {code} }} catch (e) {{ return e.name }}"
    assert value(run(pool, caught)) == "EvalError"


def test_nothing_is_imported(pool: SandboxPool) -> None:
    code = "try { await import('fs'); return 1 } catch (e) { return 2 }"
    assert value(run(pool, code)) == 2
