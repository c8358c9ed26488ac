"""The sandbox as the settings want it, and what is known of its layers on this machine."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from sandbox import IsolationMissing, Layer, LayerState, Limits, SandboxPool, Watch
from transformer.errors import UsageError
from transformer.settings import Settings

_log = structlog.get_logger()


def limits_of(settings: Settings) -> Limits:
    """Give what the settings let one event use."""
    return Limits(timeout_ms=settings.run_timeout_ms, heap_mb=settings.run_heap_mb)


def open_pool(
    settings: Settings,
    *,
    max_guests: int = 8,
    misfits: int = 0,
    rests: bool = False,
    watch: Watch | None = None,
) -> SandboxPool:
    """Make a pool with the limits and the layers that the settings ask for.

    ``misfits`` is how much an author is told of what JSON loses of an output; a batch asks for none.
    ``rests``: nothing of it is kept in memory while there is no guest.
    """
    limits = replace(limits_of(settings), misfits=misfits)
    required = frozenset(Layer) if settings.sandbox_require == "all" else frozenset[Layer]()
    return SandboxPool(
        limits=limits, max_guests=max_guests, rests=rests, required=required, watch=watch
    )


def report_layers(pool: SandboxPool) -> Sequence[LayerState]:
    """See which layers are in force, and log it: loudly where one is missing.

    Raises:
        UsageError: one is missing that TRANSFORMER_SANDBOX_REQUIRE asks for.
        GuestUnavailable: no guest process can be started.
    """
    try:
        states = pool.layers()
    except IsolationMissing as error:
        raise UsageError(
            f"{error} TRANSFORMER_SANDBOX_REQUIRE is all.",
            hint="`transformer doctor` shows each layer; allow what is missing, or set the variable "
            "to available.",
        ) from error
    for state in states:
        if not state.in_force:
            _log.warning("sandbox.layer_missing", layer=state.layer.value, detail=state.detail)
    _log.info("sandbox.layers", in_force=[s.layer.value for s in states if s.in_force])
    return states
