"""The peer that is measured beside the sandbox: isolated-vm on Node, in the folder peers/."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import orjson

from benchmarks import node


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run of the peer gave."""

    events_per_s: float
    output: bytes


def install() -> None:
    """Make sure that isolated-vm can be loaded.

    Raises:
        PeerMissing: it cannot.
    """
    node.install("isolated-vm", node.PEERS)


def run(
    mode: Literal["isolate", "context", "warm"],
    *,
    code: str,
    payloads: Sequence[bytes],
    warm_up: int,
    events: int,
) -> Ran:
    """Run a program on payloads in a Node process of its own, on the processors of this thread.

    Raises:
        PeerMissing: the process failed.
    """
    question = {
        "mode": mode,
        "code": code,
        "payloads": [payload.decode() for payload in payloads],
        "warm_up": warm_up,
        "events": events,
    }
    # isolated-vm wants this flag since Node 20.
    command = ["node", "--no-node-snapshot", "isolated_vm.js"]
    answer = orjson.loads(node.execute(command, orjson.dumps(question), folder=node.PEERS))
    return Ran(events / answer["seconds"], answer["output"].encode())
