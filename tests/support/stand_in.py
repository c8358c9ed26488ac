"""A child for the supervisor's tests: as little as a process of ours can be.

``python stand_in.py ROLE`` lives until SIGTERM; as web it answers everything with 200,
as migrate it ends at once. A file ``ROLE.fails`` in the data folder makes it end with status 3.
It imports little, for each test starts five of it.
"""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Stay silent."""


def main(role: str) -> int:
    """Play a role until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if (Path(os.environ["TRANSFORMER_DATA_DIR"]) / f"{role}.fails").exists():
        print(f"{role} was told to fail", file=sys.stderr)
        return 3
    if role == "migrate":
        return 0
    if role == "web":
        place = (os.environ["TRANSFORMER_HOST"], int(os.environ["TRANSFORMER_PORT"]))
        with ThreadingHTTPServer(place, _Answer) as server:
            server.serve_forever()
    while True:
        signal.pause()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
