"""Who watches the guests of a pool: told of each start and of each bad end, for whoever counts them."""

from enum import StrEnum
from typing import Protocol


class Cause(StrEnum):
    """Why a guest's end was none that its host asked for."""

    FORBIDDEN_CALL = "forbidden_call"
    OUT_OF_MEMORY = "out_of_memory"
    OUT_OF_TIME = "out_of_time"
    PROTOCOL_VIOLATED = "protocol_violated"
    DIED = "died"


class Watch(Protocol):
    """Is told what becomes of guests, from whichever thread uses one."""

    def guest_started(self) -> None:
        """Take note of a guest that has said hello."""
        ...

    def guest_died(self, cause: str) -> None:
        """Take note of a guest that ended badly, or had to be ended; ``cause`` is a Cause."""
        ...


class NoWatch:
    """Watches nothing."""

    def guest_started(self) -> None:
        """Pass over it."""

    def guest_died(self, cause: str) -> None:
        """Pass over it."""
