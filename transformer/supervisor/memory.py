"""How much memory the embedded Valkey may use."""

import os
from contextlib import suppress
from pathlib import Path

_MB = 1_048_576
_SHARE = 4
_LEAST_MB = 256


def valkey_mb(chosen_mb: int, *, root: Path = Path("/")) -> int:
    """Give Valkey's bound in MB: what was chosen, else a quarter of this machine's, 256 at least.

    Args:
        chosen_mb: what the settings say; 0: nothing.
        root: where /sys and /proc are.
    """
    if chosen_mb:
        return chosen_mb
    held = [_physical_bytes(), *_control_group_bytes(root)]
    return max(_LEAST_MB, min(held) // _SHARE // _MB)


def _physical_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _control_group_bytes(root: Path) -> list[int]:
    """Give the limits of this process' control group and of those around it (cgroup v2)."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="ascii").splitlines()
    except OSError:
        return []
    [own] = [line.removeprefix("0::/") for line in lines if line.startswith("0::/")][:1] or [""]
    top = root / "sys/fs/cgroup"
    limits = []
    for group in (top / own, *(top / own).parents):
        with suppress(OSError, ValueError):  # no such file, or "max"
            limits.append(int((group / "memory.max").read_text(encoding="ascii")))
        if group == top:
            break
    return limits
