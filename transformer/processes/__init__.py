"""Puts the parts together, one file a process; nothing else makes them.

Each process is a function that blocks until SIGTERM or SIGINT, and then ends what it has begun. A
file imports what its process needs and no more: five processes start at once on a small machine.
structlog loads rich where it finds it, and Redis's client OpenTelemetry; no process has a use for
that, and it is 7 MB of each: so they do not find it. Who wants them later (``traces.py``) does.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _hidden(*names: str) -> Iterator[None]:
    """Let imports of these packages fail within the block, unless they are loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    # None in the place of a module is Python's own word for "cannot be imported".
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _hidden("rich", "opentelemetry"):
    import redis  # noqa: F401
    import structlog  # noqa: F401
