"""What a process loads into memory."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("role", ["web", "worker", "writer", "scheduler"])
def test_a_process_loads_neither_rich_nor_opentelemetry(role: str) -> None:
    """Both are installed here; together they are 7 MB of each process."""
    program = (
        f"import sys, transformer.processes.{role}\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'rich', 'opentelemetry'}))\n"
        "import opentelemetry.trace, rich\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
