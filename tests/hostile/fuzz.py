"""Programs nobody thought of: spliced from the corpus, or walking at random through the realm.

    python -m tests.hostile.fuzz --seconds 600

What has to hold, whatever the program does: the pool answers, no call died, the innocent events of the
batch are alike to the byte and find the realm as it is in a fresh guest, and the same event ends
alike twice. A find is printed as a file for the corpus. The same seed gives the same programs.
"""

import argparse
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox import (
    Call,
    Died,
    Limits,
    OutOfMemory,
    Program,
    Result,
    Returned,
    SandboxPool,
    TimedOut,
)
from sandbox.attacks import load_corpus
from sandbox.attacks.scripts import end_of, run_all

_PROBE = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
_HEAD = f'if (payload === "probe") {{\n{_PROBE}}}\n'
_LIMITS = Limits(timeout_ms=250, heap_mb=32, slice_ms=2_000)
_CONTEXT = json.dumps({"event_id": "evt_1", "accepted_at": "2026-01-02T03:04:05.678Z"}).encode()
_TRIED = Call(b'{"first":true,"list":[]}', b'{"X-One":"1"}', _CONTEXT)
_INNOCENT = Call(b'"probe"', b'{"X-One":"1"}', _CONTEXT)
_OWNER = "fuzz"

# Of the corpus, what ends by itself; the rest costs a guest each time, so a few are enough.
_QUICK = ("returned", "threw", "skipped", "no residue", "not_json", "output_too_large")
_SHARE_OF_SLOW = 0.03

_WORTH_CHANGING = (
    "Math JSON Reflect Intl Object Array Function Date Promise Symbol RegExp Error Map Set WeakMap "
    "Proxy String Number BigInt Iterator ArrayBuffer Int8Array DataView console headers payload "
    "context globalThis arguments Object.prototype Array.prototype Function.prototype "
    "Promise.prototype Error.prototype Iterator.prototype Symbol.prototype Intl.NumberFormat "
    "Intl.DateTimeFormat.prototype Object.getPrototypeOf(Int8Array) Error.prepareStackTrace"
)
_NAMES = _WORTH_CHANGING.split()
_NAME = re.compile(
    r"(?<![\w.$])(?:Math|JSON|Reflect|Intl|Object|Array|Date|Promise|Error|console)\b"
)

# How a piece of code can be made to run at another time or by somebody else.
_WRAPPINGS = (
    "{0}",
    "return {{ get a() {{ {0} }} }};",
    "return {{ toJSON() {{ {0} }} }};",
    "return new Proxy({{}}, {{ ownKeys() {{ {0}\nreturn [] }} }});",
    "return new Proxy([], {{ get(list, key) {{ {0}\nreturn list[key] }} }});",
    "return {{ then(resolve) {{ {0}\nresolve(1) }} }};",
    "await (async () => {{ {0} }})();",
    "await null; {0}",
    "return Promise.resolve().then(() => {{ {0} }});",
    "Promise.resolve().then(() => {{ {0} }});",
    "return [...(function* () {{ {0} }})()];",
    "for await (const x of (async function* () {{ {0} }})()) x;",
    "return [2, 1].sort(() => {{ {0} }});",
    'return "aa".replace(/a/g, () => {{ {0} }});',
    "console.log({{ toJSON() {{ {0} }} }});",
    "throw {{ toString() {{ {0} }}, toJSON() {{ {0} }} }};",
    "throw Object.defineProperty(new Error(), 'stack', {{ get() {{ {0} }} }});",
    "class Own {{ constructor() {{ {0} }} }} return new Own();",
    "return new Date({{ valueOf() {{ {0} }} }});",
    "return JSON.parse('[1]', () => {{ {0} }});",
    "(function f(n) {{ if (n) f(n - 1); {0} }})(50);",
)

# Where `await` may stand.
_ASYNC_WRAPPINGS = [wrapping for wrapping in _WRAPPINGS if "await" in wrapping]

_WALK = """let state = {seed};
const below = (n) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0, (state >>> 8) % n);
const found = [globalThis, payload, headers, context, arguments, console, new Error("x"), 0, 1, "a",
  undefined, null, () => 1, async () => 1, function* () {{}}, class {{}}, [1, 2], /a/g, Symbol("s"),
  Symbol.for("s"), new Map([[1, 2]]), new Proxy({{}}, {{}}), Promise.resolve(1), new Date(), 5n,
  [].values(), new Intl.Segmenter().segment("a"), new Uint8Array(4), ((s) => s)`a`, {names}];
const any = () => found[below(found.length)];
const kinds = new Map();
for (let i = 0; i < {steps}; i++) {{
  try {{
    const object = Object(any());
    const keys = Reflect.ownKeys(below(3) ? object : Object.getPrototypeOf(object) ?? object);
    const key = keys.length > 0 ? keys[below(keys.length)] : "left";
    const own = Object.getOwnPropertyDescriptor(object, key);
    if (own !== undefined) found.push(own.get ?? own.value, own.set ?? own.value);
    switch (below(12)) {{
      case 0: object[key] = any(); break;
      case 1: Object.defineProperty(object, key, {{ value: any() }}); break;
      case 2: Object.defineProperty(object, "left", {{ get: () => any(), configurable: true }}); break;
      case 3: delete object[key]; break;
      case 4: Object.setPrototypeOf(object, Object(any())); break;
      case 5: found.push(Reflect.construct(any(), [any(), any()], any())); break;
      case 6: found.push(new (any())(any())); break;
      case 7: found.push(Object.getPrototypeOf(object)); break;
      case 8: Reflect.set(object, key, any(), any()); break;
      default: found.push(Reflect.apply(object[key], below(2) ? object : any(), [any(), any()]));
    }}
  }} catch (error) {{
    found.push(error);
  }}
}}
for (const value of found) kinds.set(typeof value, (kinds.get(typeof value) ?? 0) + 1);
return [...kinds];
"""


@dataclass(frozen=True, slots=True)
class Find:
    """A program after which something did not hold."""

    number: int
    reason: str
    code: str

    def as_file(self) -> str:
        """Give it as a file of the corpus, in its group residue."""
        code = self.code
        if self.reason.startswith("the realm"):
            code = f"if (payload.first) {{\n{code}\n}} else {{\n{_PROBE}}}"
        head = f"// Program {self.number} of the fuzzer: {self.reason.rstrip('.')}."
        return f"{head}\n// expect: no residue\n{code}\n"


class Fuzzer:
    """Makes programs from a seed, and runs them.

    Args:
        seed: the same one gives the same programs.
        pool: where they are run.
    """

    def __init__(self, seed: int, pool: SandboxPool) -> None:
        self.ends: Counter[str] = Counter()
        self._seed = seed
        self._pool = pool
        scripts = [attack for attack in load_corpus() if attack.path.suffix == ".js"]
        self._quick = [s.text for s in scripts if s.expect.startswith(_QUICK)]
        self._slow = [s.text for s in scripts if s.expect in ("timed_out", "never_settled")]
        self._pieces = [piece for text in self._quick for piece in statements(text)]
        program = Program("fresh", _HEAD + "return 1;")
        [self._fresh] = run_all(pool, "fresh", program, [_INNOCENT], _LIMITS)

    def try_program(self, number: int) -> Find | None:
        """Make the program of this number and run it; give what did not hold, if anything."""
        code = self.make(number)
        reason = self._judge(code)
        if reason is not None and reason.endswith("timed_out"):
            # A machine that is short of processors times innocent events out as well, but not twice.
            reason = self._judge(code)
        return Find(number, reason, code) if reason else None

    def make(self, number: int) -> str:
        """Make the program of this number."""
        chance = random.Random(f"{self._seed}:{number}")  # noqa: S311  # to be repeated, not guarded
        makers: list[Callable[[random.Random], str]] = [self._spliced, self._mutated, _walk]
        code = chance.choice(makers)(chance)
        for _ in range(chance.choice((0, 0, 1, 1, 2))):
            wrappings = _ASYNC_WRAPPINGS if "await" in code else _WRAPPINGS
            code = chance.choice(wrappings).format(code)
        return code

    def _spliced(self, chance: random.Random) -> str:
        pieces = chance.choices(self._pieces, k=chance.randint(2, 8))
        return "\n".join(f"try {{ {piece}\n}} catch {{}}" for piece in pieces)

    def _mutated(self, chance: random.Random) -> str:
        slow = chance.random() < _SHARE_OF_SLOW
        text = chance.choice(self._slow if slow else self._quick)
        return _NAME.sub(
            lambda found: chance.choice(_NAMES) if chance.random() < 1 / 3 else found[0], text
        )

    def _judge(self, code: str) -> str | None:
        program = Program(code, _HEAD + code)
        calls = [_INNOCENT, _TRIED, _INNOCENT, _TRIED]
        results = run_all(self._pool, _OWNER, program, calls, _LIMITS)
        results += run_all(self._pool, _OWNER, program, [_INNOCENT], _LIMITS)
        before, first, between, second, after = results
        end = end_of(first)
        self.ends[end.split(maxsplit=1)[0]] += 1
        if end == "syntax_invalid":
            return None
        for result in results:
            if isinstance(result, Died):
                return f"a call died: {result.description}"
        for result in (before, between, after):
            if _bytes_of(result) != _bytes_of(self._fresh):
                return f"the realm is not as in a fresh guest: {end_of(result)[:300]}"
        # How far code gets until a limit stops it is not the event's.
        stopped = isinstance(first, TimedOut | OutOfMemory) or isinstance(
            second, TimedOut | OutOfMemory
        )
        if not stopped and _bytes_of(first) != _bytes_of(second):
            return (
                f"the same event ended twice, once as {end[:200]}, once as {end_of(second)[:200]}"
            )
        return None


def statements(text: str) -> list[str]:
    """Cut a program into what stands in it line by line at the top; no more than roughly right."""
    pieces: list[str] = []
    piece: list[str] = []
    depth = 0
    for line in text.split("\n"):
        if line.lstrip().startswith("//"):
            continue
        piece.append(line)
        depth += sum(line.count(c) for c in "([{") - sum(line.count(c) for c in ")]}")
        if depth <= 0 and line.strip():
            pieces.append("\n".join(piece))
            piece, depth = [], 0
    return pieces


def _walk(chance: random.Random) -> str:
    names = ", ".join(chance.sample(_NAMES, 12))
    return _WALK.format(seed=chance.getrandbits(31), steps=chance.randint(20, 300), names=names)


def _bytes_of(result: Result) -> tuple[str, object]:
    console = getattr(result, "console", ())
    place = () if isinstance(result, Returned) else (getattr(result, "line", None),)
    return end_of(result), (console, place)


def main() -> None:
    """Run programs for as long as is asked, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    ends_at = time.monotonic() + arguments.seconds
    with SandboxPool(limits=_LIMITS) as pool:
        fuzzer = Fuzzer(arguments.seed, pool)
        number = 0
        while time.monotonic() < ends_at:
            find = fuzzer.try_program(number)
            if find is not None:
                print(f"\n{find.as_file()}", flush=True)
            number += 1
            if number % 100 == 0:
                print(f"{number} programs: {dict(fuzzer.ends.most_common())}", flush=True)


if __name__ == "__main__":
    main()
