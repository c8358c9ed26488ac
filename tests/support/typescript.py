"""The TypeScript compiler, of the version that support/npm locks, installed at its first use."""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from transformer.schemas.typescript import COMPILER_OPTIONS

_FOLDER = Path(__file__).parent / "npm"
_INSTALL_S = 300
_RUN_S = 120


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the compiler says of one program: for each file, line and error code."""

    found: Mapping[str, list[list[int]]]
    declarations: list[list[int]] = field(default_factory=list)

    def codes(self, name: str) -> list[int]:
        return [code for _line, code in self.found[name]]


def install_typescript() -> Path:
    """Give the folder in which `typescript` can be loaded; skips where there is no Node or npm."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node and npm are not installed")
    with (_FOLDER / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the tests may run in several processes
        if not (_FOLDER / "node_modules" / "typescript" / "package.json").exists():
            subprocess.run(
                ["npm", "ci", "--silent"],  # noqa: S607
                cwd=_FOLDER,
                check=True,
                capture_output=True,
                timeout=_INSTALL_S,
            )
    return _FOLDER


def diagnose(programs: Sequence[tuple[str, Mapping[str, str]]]) -> list[Diagnosis]:
    """Compile programs, each of declarations and files of its own, in one process."""
    folder = install_typescript()
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
