"""The npm packages that tests use, of the versions that support/npm locks, installed at first use."""

import fcntl
import json
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "npm"
_INSTALL_S = 300


def install() -> Path:
    """Give the folder in which the packages can be loaded; skips where there is no Node or npm."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node and npm are not installed")
    wanted = json.loads((FOLDER / "package.json").read_text())["dependencies"]
    with (FOLDER / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the tests may run in several processes
        if not all((FOLDER / "node_modules" / name / "package.json").exists() for name in wanted):
            subprocess.run(
                ["npm", "ci", "--silent"],  # noqa: S607
                cwd=FOLDER,
                check=True,
                capture_output=True,
                timeout=_INSTALL_S,
            )
    return FOLDER
