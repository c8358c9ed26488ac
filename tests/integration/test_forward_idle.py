"""What forwarding costs who forwards nothing: no thread that speaks HTTP, and nothing imported for it."""

import subprocess
import sys

import pytest

_LOOK = "import sys; import transformer.processes.{}; sys.exit('httpx' in sys.modules)"


@pytest.mark.parametrize("process", ["scheduler", "web", "writer"])
def test_what_speaks_http_is_imported_once_there_is_a_forward(process: str) -> None:
    # To see it fail: import Forwarder at the head of processes/forwarding.py.
    subprocess.run([sys.executable, "-c", _LOOK.format(process)], check=True)
