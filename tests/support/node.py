"""Node, the yardstick of the sandbox's standard library: what it answers is right."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from sandbox import Limits, SandboxPool
from tests.hostile.sandboxes import run, value

_LIMITS = Limits(timeout_ms=30_000, output_bytes=64 * 1_048_576)

# What Node calls otherwise.
_NODE = """
const { createHash, createHmac } = require('node:crypto');
const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, data) => createHmac('sha256', key).update(data).digest('hex');
const payload = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
"""
# A table's rows are judged one by one: an error is its kind.
_COMMON = """
"use strict";
const attempt = (work) => {
  try { return work() } catch (error) { return 'throws ' + error.name }
};
"""


def in_node(code: str, payload: object = None) -> Any:
    """Run a function body in Node, and read what it returns."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    script = f"{_NODE}const answer = (() => {{{_COMMON}{code}\n}})();\n"
    done = subprocess.run(
        [node, "-e", script + "process.stdout.write(JSON.stringify(answer))"],
        input=json.dumps(payload).encode(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def in_sandbox(pool: SandboxPool, code: str, payload: object = None) -> Any:
    """Run the same function body in the sandbox."""
    return value(run(pool, _COMMON + code, payload, limits=_LIMITS))


def assert_agree(pool: SandboxPool, code: str, rows: list[Any]) -> None:
    """Judge each row by the function ``judge`` that the code defines, here and there."""
    body = f"{code}\nreturn payload.map((row) => attempt(() => judge(row)));"
    theirs, ours = in_node(body, rows), in_sandbox(pool, body, rows)
    different = {
        json.dumps(row): {"node": their, "sandbox": our}
        for row, their, our in zip(rows, theirs, ours, strict=True)
        if their != our
    }
    assert not different, json.dumps(different, indent=1)
