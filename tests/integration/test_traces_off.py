"""Where traces are off, nothing of OpenTelemetry is imported, and asking costs one look."""

import subprocess
import sys

import pytest

from transformer.errors import UsageError
from transformer.traces import open_traces


def test_nothing_is_imported_where_traces_are_off() -> None:
    script = (
        "import sys\n"
        "import transformer.processes.web, transformer.processes.worker\n"
        "import transformer.processes.writer\n"
        "from transformer.traces import open_traces\n"
        "assert open_traces('web', 'off') is None\n"
        # Redis' client imports the rest by itself, if it is there.
        "assert not [name for name in sys.modules if name.startswith('opentelemetry.exporter')]\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_who_wants_traces_without_the_library_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(UsageError, match="not installed") as told:
        open_traces("web", "otlp")
    assert "transformer[otel]" in told.value.hint
