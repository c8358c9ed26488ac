"""What more than one process is made of."""

import ctypes
import gc
from collections.abc import Callable

from transformer.clock import Clock
from transformer.errors import UsageError
from transformer.logs import configure_logs
from transformer.queue.streams import LEASE_MS
from transformer.settings import Settings
from transformer.stops import Stops
from transformer.store.engine import Engine, open_engine
from transformer.store.steps import check_migrated

COLLECT_EVERY_S = 1.0

# Numbers of malloc.h: freed memory at the end of the heap that goes back to the system, and the size
# from which a block is none of the heap's.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_MOST_KEPT_BYTES = 16 * 1_048_576


def open_logs(process: str, settings: Settings) -> None:
    """Set up this process' logs as the settings want them."""
    configure_logs(process, level=settings.log_level, form=settings.log_format)


def redis_url_of(settings: Settings) -> str:
    """Give the URL of Redis.

    Raises:
        UsageError: none is set.
    """
    if not settings.redis_url:
        raise UsageError(
            "TRANSFORMER_REDIS_URL is not set.",
            hint="Name your Redis or Valkey, such as redis://127.0.0.1:6379; "
            "`transformer up` brings one of its own.",
        )
    return settings.redis_url


def open_store(settings: Settings) -> Engine:
    """Open the database.

    Raises:
        StoreUnavailable: it does not answer, or lacks a migration.
    """
    engine = open_engine(settings.resolved_database_url())
    check_migrated(engine)
    return engine


def lease_ms_of(settings: Settings) -> int:
    """Give the longest lease of a drain: a worker's, whose last event may use up its time limit."""
    return LEASE_MS + 2 * settings.run_timeout_ms


def stops_of(settings: Settings, role: str) -> Stops:
    """Make the points at which a test can stop this process."""
    return Stops(settings.stop_at, role=role)


def spare_collector() -> None:
    """Let the garbage collector pass over what start-up made, and come less often.

    What travels here holds no cycles: looking for some every 700 objects cost a tenth of the CPU,
    and stalled web for 60 ms at a time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def collecting_between(
    drain: Callable[[str, str], None], clock: Clock
) -> Callable[[str, str], None]:
    """Collect garbage between drains, never in the middle of one, and keep a batch's memory.

    A batch is thousands of objects that all live until it is settled: walking them again and again
    cost the worker a quarter of its CPU.
    """
    spare_collector()
    _keep_freed_memory()
    gc.disable()
    collected_at = clock.monotonic()

    def drain_and_collect(stream: str, job_id: str) -> None:
        nonlocal collected_at
        drain(stream, job_id)
        if clock.monotonic() - collected_at > COLLECT_EVERY_S:
            gc.collect()
            collected_at = clock.monotonic()

    return drain_and_collect


def _keep_freed_memory() -> None:
    """Let the next batch lie where the last one lay.

    The C library gave a batch's memory back to the system after each, which then had to clear it for
    the next, page by page: a fifteenth of the worker's CPU. Other libraries than glibc know no such
    settings, and keep what they do.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_TRIM_THRESHOLD, _MOST_KEPT_BYTES)
        mallopt(_M_MMAP_THRESHOLD, _MOST_KEPT_BYTES)
