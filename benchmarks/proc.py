"""What processes use of CPU and memory, read from /proc."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_MB = 1_048_576


def cpu_seconds(pid: int) -> float:
    """Read what a process's living threads have used of the CPU, to the nanosecond."""
    used = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            used += int((task / "schedstat").read_text("ascii").split()[0])
    return used / 1e9


def cpu_by_role(pids: dict[str, list[int]]) -> dict[str, float]:
    """Read what each role has used of the CPU; the sandbox's guests count for themselves.

    What has ended and was waited for counts as its parent: Valkey writes its file anew in a child.
    """
    used: dict[str, float] = {}
    for role, own in pids.items():
        for pid in own:
            used[role] = used.get(role, 0.0) + _ticked_seconds(pid)
            for child in descendants(pid):
                key = role if role == "valkey" else f"{role}.guest"
                with suppress(FileNotFoundError, ProcessLookupError):
                    used[key] = used.get(key, 0.0) + _ticked_seconds(child)
    return used


def descendants(pid: int) -> Iterator[int]:
    """Name every process that a process has started, and they in turn."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError:
        return
    for task in tasks:
        with suppress(FileNotFoundError, ProcessLookupError):
            for child in map(int, (task / "children").read_text("ascii").split()):
                yield child
                yield from descendants(child)


def command_line(pid: int) -> str:
    """Give the words that a process was started with."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()


def shared_out_mb(pid: int) -> float:
    """Read what a process holds, where pages that n processes share count one nth (PSS).

    Some processes let nobody but root look at their mappings. For others there is an upper bound:
    what is resident and does not come from a file.
    """
    try:
        fields = _smaps(pid)
    except PermissionError:
        return _anonymous_mb(pid)
    return fields["Pss:"] / 1_024


def private_mb(pid: int) -> float:
    """Read what only this process holds; bounded from above as :func:`shared_out_mb` is."""
    try:
        fields = _smaps(pid)
    except PermissionError:
        return _anonymous_mb(pid)
    return (fields["Private_Clean:"] + fields["Private_Dirty:"]) / 1_024


def resident_mb(pid: int) -> float:
    """Read what of a process is in memory, shared or not."""
    return _statm(pid)[1] / _MB


def _ticked_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    # utime, stime, and the same of children that were waited for
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _smaps(pid: int) -> dict[str, int]:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    return {name: int(kilobytes) for name, kilobytes, *_ in map(str.split, text.splitlines()[1:])}


def _anonymous_mb(pid: int) -> float:
    _, resident, shared, *_ = _statm(pid)
    return (resident - shared) / _MB


def _statm(pid: int) -> list[int]:
    """Read size, resident and shared memory of a process, in bytes."""
    page = os.sysconf("SC_PAGE_SIZE")
    return [int(field) * page for field in Path(f"/proc/{pid}/statm").read_text("ascii").split()]
