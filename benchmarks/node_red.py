"""The peer that is measured beside the pipeline: Node-RED, in the folder peers/node_red.

Its flow does the transformation alone: HTTP in, a function node with the same JavaScript, 201. What
comes of it is kept nowhere, and a webhook that was answered is gone if the process dies.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson

from benchmarks import node
from benchmarks.no_op import Server, free_port, started
from benchmarks.node import PeerMissing
from benchmarks.orders import ORDER, order_body, order_output

_FOLDER = node.PEERS / "node_red"
_NUMBER = 7


@contextmanager
def serving_node_red() -> Iterator[Server]:
    """Start Node-RED with the order transformation in one process.

    Raises:
        PeerMissing: it cannot be had, or returns something else than the sandbox.
    """
    node.install("node-red", _FOLDER)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        flow = Path(folder) / "flow.json"
        flow.write_bytes(orjson.dumps(_flow()))
        port = free_port()
        environment = os.environ | {
            "FLOW_FILE": str(flow),
            "USER_DIR": folder,
            "PORT": str(port),
            "NODE_ENV": "production",
        }
        command = ["node", "node_modules/node-red/red.js", "--settings", "settings.js"]
        with started(command, port, cwd=str(_FOLDER), environment=environment) as server:
            _check(server.url)
            yield server


def _flow() -> list[dict[str, object]]:
    code = (
        f"const run = (payload) => {{{ORDER}}};\n"
        "msg.result = run(msg.payload);\n"
        'msg.payload = msg.req.query.show ? msg.result : "{}";\n'
        "msg.statusCode = 201;\n"
        "return msg;\n"
    )
    return [
        {"id": "tab", "type": "tab", "label": "orders"},
        {"id": "in", "type": "http in", "z": "tab", "url": "/in/:token", "method": "post"}
        | {"wires": [["run"]]},
        {"id": "run", "type": "function", "z": "tab", "func": code, "outputs": 1}
        | {"wires": [["out"]]},
        {"id": "out", "type": "http response", "z": "tab", "wires": []},
    ]


def _check(url: str) -> None:
    answer = httpx.post(f"{url}?show=1", json=orjson.loads(order_body(_NUMBER)), timeout=30)
    if answer.status_code != httpx.codes.CREATED or answer.json() != orjson.loads(
        order_output(_NUMBER)
    ):
        raise PeerMissing(f"Node-RED answered something else: {answer.status_code} {answer.text}")
