"""Runs code for the editor and the command line: the production sandbox, and nothing is written."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import orjson

from sandbox import Call, Program
from transformer.delivery import Outcome, Problem, Verdict
from transformer.ids import WorkspaceId
from transformer.transformation import Destination
from transformer.worker.check import MOST_PROBLEMS
from transformer.worker.transform import Transformer

_NAME = re.compile(r"[\w$]+")
_RETURN = re.compile(r"\breturn\b")
# A function at the left margin: the code that Node, or another platform, would have called.
_FUNCTION = re.compile(
    r"^(?:(?:async\s+)?function\b\s*\*?\s*(?P<named>[\w$]+)"
    r"|(?:const|let|var)\s+(?P<held>[\w$]+)\s*=\s*"
    r"(?:async\s*)?(?:function\b|\([^()]*\)\s*=>|[\w$]+\s*=>))",
    re.MULTILINE,
)


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
        outcome = self._transformer.run(workspace_id, _program(code), destination, [call])[0]
        if outcome.verdict is not Verdict.SKIPPED:
            return outcome
        return replace(outcome, warnings=(*outcome.warnings, *_never_returning(code)))

    def check(self, *, workspace_id: WorkspaceId, code: str) -> Problem | None:
        """Compile code without running it; tells what is wrong with its syntax."""
        return self._transformer.check(workspace_id, _program(code))


def _never_returning(code: str) -> Iterator[Problem]:
    """Recognise code that returns nothing whatever the payload; a word in a comment hides it."""
    if not _RETURN.search(code):
        yield Problem(
            code="nothing_returned",
            message="The code has no return, so it can never change anything.",
            hint="End it with what should change: return { attributes: [{ … }] };",
        )
        return
    times = Counter(_NAME.findall(code))
    for found in islice(_FUNCTION.finditer(code), MOST_PROBLEMS):
        name = found["named"] or found["held"]
        if times[name] == 1:
            yield Problem(
                code="nothing_returned",
                message=f"The function {name} is never called.",
                hint=f"If it is what should run, end the code with: return {name}(payload);",
            )


def _program(code: str) -> Program:
    digest = hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
    return Program(key=f"preview-{digest}", code=code, context={})
