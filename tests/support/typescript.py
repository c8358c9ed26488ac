"""The TypeScript compiler, of the version that support/npm locks."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.support import npm_tools
from transformer.schemas.typescript import COMPILER_OPTIONS

_RUN_S = 120


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the compiler says of one program: for each file, line and error code."""

    found: Mapping[str, list[list[int]]]
    declarations: list[list[int]] = field(default_factory=list)

    def codes(self, name: str) -> list[int]:
        return [code for _line, code in self.found[name]]


def diagnose(programs: Sequence[tuple[str, Mapping[str, str]]]) -> list[Diagnosis]:
    """Compile programs, each of declarations and files of its own, in one process."""
    folder = npm_tools.install()
    question = {
        "options": COMPILER_OPTIONS,
        "programs": [
            {"declarations": declarations, "files": files} for declarations, files in programs
        ],
    }
    done = subprocess.run(
        ["node", "diagnose.js"],  # noqa: S607
        cwd=folder,
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=False,
        timeout=_RUN_S,
    )
    assert done.returncode == 0, done.stderr
    return [Diagnosis(found, declarations=found["types.d.ts"]) for found in json.loads(done.stdout)]
