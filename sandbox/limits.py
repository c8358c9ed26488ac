"""What one call may use, and how long one batch may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a run; README.md says what happens at each.

    All but ``slice_ms`` are per call. ``slice_ms`` ends a batch early, between two calls.
    ``misfits`` is how many places are told at most where JSON loses something of what was returned;
    at 0 none are looked for, which is what a batch wants: looking costs as much as writing.
    """

    timeout_ms: int = 1_000
    heap_mb: int = 64
    output_bytes: int = 1_048_576
    console_lines: int = 100
    console_bytes: int = 16_384
    slice_ms: int = 200
    misfits: int = 0
