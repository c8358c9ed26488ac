"""Logs: one wide line a thing that happened, named noun.verb, on standard error.

JSON unless standard error is a terminal. A webhook's own record is the delivery log in the store;
a line here is for a batch, a process or a failure, so that the log costs nothing per webhook. Every
name is listed in README.md here. No line holds what a customer sent: a traceback tells types and
places, but neither the values of variables nor the words of errors that are not ours, for those
quote what they were given.
"""

import logging
import sys
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, Literal, TypeAlias

import orjson
import structlog
from structlog.typing import EventDict, ExcInfo

from transformer.errors import TransformerError

LogFormat: TypeAlias = Literal["auto", "json", "text"]
LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]

# Of one failure, at most so many lines in so many seconds; the next one says how many were left out.
_MOST_ALIKE = 10
_ALIKE_S = 10.0
_MOST_KINDS = 1_000
_MOST_FRAMES = 50
_MOST_MESSAGE = 500

_NUMBERS: dict[LogLevel, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def configure_logs(process: str, *, level: LogLevel = "info", form: LogFormat = "auto") -> None:
    """Set up logging for this process; ``process`` stands in every line."""
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    ending: list[structlog.typing.Processor]
    factory: Callable[..., structlog.typing.WrappedLogger]
    if text:
        ending = [_flat_error, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        factory = structlog.PrintLoggerFactory(sys.stderr)
    else:
        ending = [structlog.processors.JSONRenderer(serializer=orjson.dumps, default=str)]
        factory = structlog.BytesLoggerFactory(sys.stderr.buffer)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            FloodGate(time.monotonic),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(told_error),
            *ending,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_NUMBERS[level]),
        logger_factory=factory,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    logging.basicConfig(
        level=max(logging.WARNING, _NUMBERS[level]), handlers=[_Bridge()], force=True
    )


class FloodGate:
    """Lets through only some of many failures that are alike: same name, same place.

    Args:
        monotonic: tells the time in seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        # By kind of failure: since when, how many.
        self._seen: dict[tuple[object, ...], tuple[float, int]] = {}

    def __call__(self, _logger: object, method: str, line: EventDict) -> EventDict:
        """Pass a line on, or drop it."""
        if method in {"info", "debug"}:
            return line
        now = self._monotonic()
        kind = (line["event"], line.get("code"), line.get("logger"), line.get("role"))
        since, count = self._seen.get(kind, (now, 0))
        if now - since >= _ALIKE_S:
            if count > _MOST_ALIKE:
                line["left_out"] = count - _MOST_ALIKE
            since, count = now, 0
        if len(self._seen) >= _MOST_KINDS:
            self._seen.clear()
        self._seen[kind] = (since, count + 1)
        if count >= _MOST_ALIKE:
            raise structlog.DropEvent
        return line


def told_error(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """Tell an exception and what led to it, without any value it may quote."""
    told: list[dict[str, Any]] = []
    error: BaseException | None = exc_info[1]
    while error is not None and len(told) < _MOST_FRAMES:
        told.append(
            {
                "type": f"{type(error).__module__}.{type(error).__qualname__}",
                # Ours are written to be shown; what others say may quote a payload.
                "message": error.message if isinstance(error, TransformerError) else "",
                "frames": _frames_of(error.__traceback__),
            }
        )
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told


def _frames_of(trace: TracebackType | None) -> list[str]:
    frames = traceback.StackSummary.extract(traceback.walk_tb(trace), lookup_lines=False)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames][-_MOST_FRAMES:]


def _flat_error(_logger: object, _method: str, line: EventDict) -> EventDict:
    """Write an error as lines of text, for a terminal."""
    told = line.pop("exception", None)
    if told is not None:
        line["error"] = " ← ".join(
            f"{one['type']} {one['message']} at {one['frames'][-1] if one['frames'] else '?'}"
            for one in told
        )
    return line


class _Bridge(logging.Handler):
    """Writes what libraries log in the same form, without the words of an error's traceback."""

    def __init__(self) -> None:
        super().__init__()
        self._log = structlog.get_logger()

    def emit(self, record: logging.LogRecord) -> None:
        self._log.log(
            record.levelno,
            "library.logged",
            logger=record.name,
            # Of asyncio's complaints all further lines quote objects.
            message=record.getMessage().partition("\n")[0][:_MOST_MESSAGE],
            exc_info=record.exc_info,
        )
