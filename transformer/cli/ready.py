"""`transformer ready`: which processes live, asked of Redis, for people and for container probes."""

import socket
import sys

from transformer.errors import UsageError
from transformer.processes.parts import redis_url_of
from transformer.queue.beats import Beat, Beats
from transformer.queue.connection import open_redis
from transformer.settings import Settings

ROLES = ("web", "worker", "writer", "scheduler")


def run_ready(settings: Settings, role: str | None, *, here: bool) -> int:
    """Print the processes that live; gives 0 if each role, or the one asked for, has one.

    Args:
        settings: where Redis is.
        role: the role that must be there; None: all of them.
        here: it must be there on this host.

    Raises:
        UsageError: there is no such role.
        QueueUnavailable: Redis does not answer.
    """
    if role is not None and role not in ROLES:
        raise UsageError(
            f"There is no process {role!r}.", hint=f"The processes are {', '.join(ROLES)}."
        )
    connection = open_redis(redis_url_of(settings))
    try:
        beats = [beat for beat in Beats(connection).read() if beat.is_alive]
    finally:
        connection.close()
    host = socket.gethostname() + ":"
    wanted = ROLES if role is None else (role,)
    missing = []
    for name in wanted:
        found = [
            beat
            for beat in beats
            if beat.role == name and (not here or beat.instance.startswith(host))
        ]
        sys.stdout.writelines(_line(beat) for beat in found)
        if not found:
            missing.append(name)
            sys.stdout.write(f"{name:<10} none\n")
    return 1 if missing else 0


def _line(beat: Beat) -> str:
    busy = f", at one drain for {beat.busy_s:.1f} s" if beat.busy_s else ""
    return f"{beat.role:<10} {beat.instance}  heard of {beat.age_s:.1f} s ago{busy}\n"
