"""stdlib.d.ts declares what user code sees, all of it and nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox
from sandbox import SandboxPool
from tests.hostile.sandboxes import run, running_pool, value

_FOLDER = Path(sandbox.__file__).parent / "guest" / "stdlib"
_TEXT = (_FOLDER / "stdlib.d.ts").read_text(encoding="utf-8")

# The arguments of the program, which are no properties of the global object.
_ARGUMENTS = {"payload", "headers", "context"}

_ECMASCRIPT = frozenset(
    """AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array BigUint64Array
    Boolean DataView Date DisposableStack Error EvalError Float16Array Float32Array Float64Array
    Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object
    Promise Proxy RangeError ReferenceError Reflect RegExp Set String SuppressedError Symbol
    SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap
    WeakSet decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite
    isNaN parseFloat parseInt undefined unescape""".split()  # noqa: SIM905
)


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    with running_pool() as made:
        yield made


def _declared() -> dict[str, set[str]]:
    """Read each declared name with its members; a static one is `static name`."""
    names: dict[str, set[str]] = {}
    pattern = r"^declare (?:const|class|function) (\w+)([^{;]*\{\n(.*?)^\}|[^;]*;)"
    for name, _, body in re.findall(pattern, _TEXT, re.MULTILINE | re.DOTALL):
        members = re.findall(r"^  (static )?(?:readonly )?(\w+)[?(:]", body, re.MULTILINE)
        names[name] = {static + member for static, member in members}
    return names


def test_every_global_name_is_declared_and_every_declared_name_is_there(pool: SandboxPool) -> None:
    code = "return Object.getOwnPropertyNames(globalThis).filter((n) => n === 'undefined' || globalThis[n] !== undefined)"
    there = set(value(run(pool, code)))
    assert there - _ECMASCRIPT == set(_declared()) - _ARGUMENTS
    assert there >= _ECMASCRIPT


def test_every_member_is_declared_and_every_declared_member_is_there(pool: SandboxPool) -> None:
    code = """
      const found = {};
      for (const name of payload) {
        const { prototype } = globalThis[name];
        const holder = prototype ?? globalThis[name];
        found[name] = Object.getOwnPropertyNames(holder);
        if (prototype === undefined) continue;
        for (const key of Object.getOwnPropertyNames(globalThis[name])) {
          if (!['length', 'name', 'prototype'].includes(key)) found[name].push(`static ${key}`);
        }
      }
      return found"""
    declared = {
        name: members for name, members in _declared().items() if members and name not in _ARGUMENTS
    }
    there = value(run(pool, code, sorted(declared)))
    assert {name: set(members) for name, members in there.items()} == declared


def test_every_declaration_has_an_example() -> None:
    for name in _declared():
        comment = _TEXT[: re.search(rf"^declare \w+ {name}\b", _TEXT, re.MULTILINE).start()]  # type: ignore[union-attr]
        assert "@example" in comment[comment.rindex("/**") :], name


def test_the_functions_of_the_library_look_native(pool: SandboxPool) -> None:
    """No property `prototype`, not enumerable, and for ever the same."""
    code = """return payload.map((name) => {
      const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(globalThis, name);
      const value = globalThis[name];
      const isClass = typeof value === 'function' && /^class/.test(String(value));
      return [name, writable, enumerable, configurable, !isClass && 'prototype' in value];
    })"""
    names = sorted(set(_declared()) - _ARGUMENTS)
    assert value(run(pool, code, names)) == [[name, False, False, False, False] for name in names]


def test_no_file_of_the_library_keeps_anything_that_changes() -> None:
    """I9. `let` at a file's top is for what a class hands to its own file while it is made."""
    kept = {
        path.name: re.findall(r"^  (?:let|var) (\w+)", path.read_text("utf-8"), re.MULTILINE)
        for path in sorted(_FOLDER.glob("*.js"))
    }
    handed = {"url_search_params.js": ["makeLinked", "replacePairs", "pairsOfParams"]}
    assert {name: found for name, found in kept.items() if found} == handed


def test_the_start_text_can_be_escaped_to_ascii() -> None:
    """isolate.py writes characters beyond ASCII as Python does, which JavaScript reads up to U+FFFF."""
    for path in _FOLDER.parent.rglob("*.js"):
        assert max(path.read_text("utf-8")) <= "\uffff", path
