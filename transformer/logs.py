"""Logs: one wide line a thing that happened, named noun.verb, on standard error.

JSON unless standard error is a terminal. A webhook's own record is the delivery log in the store;
a line here is for a batch, a process or a failure, so that the log costs nothing per webhook.
"""

import logging
import sys

import structlog


def configure_logs(process: str) -> None:
    """Set up logging for this process; ``process`` stands in every line."""
    terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
