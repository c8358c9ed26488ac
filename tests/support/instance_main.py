"""A supervisor in a process of its own, so that a test can kill it.

``python instance_main.py DATA_DIR`` prints one JSON line when ready, and runs until SIGTERM.
"""

import json
import signal
import sys
from pathlib import Path

from tests.support.processes import stand_in_command
from transformer.settings import load_settings
from transformer.supervisor import Instance


def main(data_dir: Path) -> None:
    """Run an instance with stand-ins for its processes."""
    with Instance(load_settings(data_dir=data_dir, port=0), command=stand_in_command) as instance:
        signal.signal(signal.SIGTERM, lambda *_: instance.request_stop())
        print(json.dumps({"url": instance.url, "pids": instance.pids}), flush=True)
        instance.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
