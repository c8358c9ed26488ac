"""Schemathesis, which reads the OpenAPI document and tries to break what it describes, finds nothing.

The suite has a short run. A long one, of everything that it can think of, against a system of yours:

    schemathesis --config-file tests/rest/schemathesis.toml run http://127.0.0.1:8000/openapi.json \\
      --header "Authorization: Bearer KEY" --max-examples 200
"""

import subprocess
import sys
from pathlib import Path

from tests.support.rest import make_key
from tests.support.system import System

_CONFIG = Path(__file__).parent / "schemathesis.toml"
_EXAMPLES = 2


def test_schemathesis_finds_nothing(system: System, tmp_path: Path) -> None:
    key = make_key(system, name="Schemathesis")["key"]
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "schemathesis"),
            *("--config-file", str(_CONFIG)),
            *("run", f"{system.instance.url}/openapi.json"),
            *("--header", f"Authorization: Bearer {key}"),
            *("--phases", "examples,fuzzing", "--max-examples", str(_EXAMPLES)),
            *("--generation-database", "none", "--seed", "7", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # It looked at every operation, and not only at whether the document can be read.
    operations = len(_operations(system))
    assert f"Tested: {operations}" in done.stdout, done.stdout


def _operations(system: System) -> list[str]:
    paths = system.client.get("/openapi.json").json()["paths"]
    return [f"{method} {path}" for path, methods in paths.items() for method in methods]
