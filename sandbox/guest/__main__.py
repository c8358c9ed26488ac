"""The guest process: confine it, start V8, serve.

Arguments: the host's process id, the memory this process may write in, the heap of one call (MB).
"""

import asyncio
import os
import sys
from typing import NoReturn

from sandbox.guest.confinement import confine


def main() -> NoReturn:
    """Run until the host closes its end."""
    host_pid, data_mb, heap_mb = map(int, sys.argv[1:])
    confine(host_pid, data_mb)

    # V8 is loaded confined.
    from py_mini_racer import init_mini_racer  # noqa: PLC0415

    from sandbox.guest.server import BATCH_HEAP_MB, Server  # noqa: PLC0415

    init_mini_racer(
        flags=[
            "--single-threaded",
            "--jitless",
            "--disallow-code-generation-from-strings",
            # Else a private field can be put on a frozen intrinsic, and what it holds stays.
            "--js-nonextensible-applies-to-private",
            # The limit of a run stops a program; this is far above it, and aborts the process.
            f"--max-heap-size={4 * (heap_mb + BATCH_HEAP_MB)}",
        ]
    )

    async def serve() -> None:
        # Nothing is awaited: mini-racer calls V8 directly only from within a running loop.
        Server().serve()

    asyncio.run(serve())
    # Isolates need no tidying up when the process ends.
    os._exit(0)


if __name__ == "__main__":
    main()
