"""Runs code for the editor and the command line: the production sandbox, and nothing is written."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from sandbox import Call, Program
from transformer.delivery import Outcome, Problem
from transformer.ids import WorkspaceId
from transformer.transformation import Destination
from transformer.worker.transform import Transformer


class Preview:
    """What a transformation would do."""

    def __init__(self, transformer: Transformer) -> None:
        self._transformer = transformer

    def run(
        self,
        *,
        workspace_id: WorkspaceId,
        code: str,
        destination: Destination,
        payload: bytes,
        headers: Mapping[str, str],
        context: Mapping[str, Any],
    ) -> Outcome:
        """Run code once.

        Args:
            workspace_id: whose guest process runs it.
            code: a function body.
            destination: what its output is for.
            payload: JSON text.
            headers: under Train-Case names.
            context: at least event_id and accepted_at, the seed and the clock of the run.

        Raises:
            SandboxUnavailable: no guest process could be started.
        """
        call = Call(
            payload=payload,
            headers=orjson.dumps(dict(headers)),
            context=orjson.dumps(dict(context)),
        )
        return self._transformer.run(workspace_id, _program(code), destination, [call])[0]

    def check(self, *, workspace_id: WorkspaceId, code: str) -> Problem | None:
        """Compile code without running it; tells what is wrong with its syntax."""
        return self._transformer.check(workspace_id, _program(code))


def _program(code: str) -> Program:
    digest = hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
    return Program(key=f"preview-{digest}", code=code, context={})
