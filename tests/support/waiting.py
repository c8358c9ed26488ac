"""Waiting for something to become true, with a deadline, instead of sleeping for a while."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_POLL_S = 0.01


def wait_until(what: str, condition: Callable[[], T], *, within_s: float = 10.0) -> T:
    """Return what the condition gives as soon as it is truthy; fail when the deadline passes."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {within_s} s in vain until {what}.")
        time.sleep(_POLL_S)
    return found
