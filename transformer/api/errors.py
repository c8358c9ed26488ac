"""Turns every error into the one shape that errors have over HTTP.

The classes here continue the tree of ``transformer/errors.py`` with what only HTTP knows.
"""

from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from transformer.delivery import Problem
from transformer.errors import (
    BodyTooLarge,
    Broken,
    Conflict,
    NotFound,
    RequestRejected,
    TransformerError,
    Unauthorized,
    Unavailable,
)

_log = structlog.get_logger()


class MethodNotAllowed(RequestRejected):
    """The path exists, but does not take this method."""

    code = "method_not_allowed"
    status = 405

    def __init__(self, message: str, *, hint: str = "", allowed: tuple[str, ...]) -> None:
        super().__init__(message, hint=hint)
        self.allowed = allowed


class MediaTypeUnsupported(RequestRejected):
    """The body is not JSON by its own account."""

    code = "unsupported_media_type"
    status = 415


class DraftInvalid(Conflict):
    """The draft is no JavaScript, so it cannot be published.

    Args:
        problem: what is wrong with it; its place in the code is told as well.
    """

    code = "syntax_error"

    def __init__(self, problem: Problem) -> None:
        place = f"line {problem.line}, column {problem.column}: " if problem.line else ""
        super().__init__(
            f"The draft is not JavaScript that can run: {place}{problem.message}.",
            hint=problem.hint or "Mend the draft, then publish again.",
        )
        self.problem = problem

    def as_json(self) -> dict[str, dict[str, Any]]:
        """Give the one shape of errors, and the place in the code."""
        described = super().as_json()
        described["error"] |= {
            "line": self.problem.line,
            "column": self.problem.column,
            "source_line": self.problem.source_line,
        }
        return described


class JsonResponse(Response):
    """JSON, as orjson writes it."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """Write the body."""
        return orjson.dumps(content)


def error_response(error: TransformerError) -> Response:
    """Answer with an error, and with the headers that its status asks for."""
    headers: dict[str, str] = {}
    match error:
        case Unavailable():
            headers["Retry-After"] = str(error.retry_after_s)
        case Unauthorized():
            headers["WWW-Authenticate"] = "Bearer"
        case MethodNotAllowed():
            headers["Allow"] = ", ".join(error.allowed)
        case BodyTooLarge():
            # The rest of the body is not read, so the connection cannot serve another request.
            headers["Connection"] = "close"
        case _:
            pass
    return JsonResponse(error.as_json(), status_code=error.status, headers=headers)


def broken_response(*, method: str, path: str) -> Response:
    """Answer for the exception being handled, which is a bug of ours, and log it whole."""
    _log.exception("request.broke", method=method, path=path)
    return error_response(
        Broken(
            "Something broke on our side.",
            hint="The log of the web process has the whole error under `request.broke`.",
        )
    )


def exception_handlers() -> Mapping[Any, ExceptionHandler]:
    """Give the application's own errors, such as an unknown path, the same shape."""
    return {
        HTTPException: _answer_starlette,
        TransformerError: _answer_ours,
        Exception: _answer_bug,
    }


def _answer_starlette(request: Request, error: Exception) -> Response:
    path, status = request.url.path, getattr(error, "status_code", Broken.status)
    headers: Mapping[str, str] = getattr(error, "headers", None) or {}
    match status:
        case NotFound.status:
            return error_response(unknown_path(path))
        case MethodNotAllowed.status:
            allowed = tuple(word.strip() for word in headers.get("Allow", "").split(","))
            return error_response(method_not_allowed(request.method, path, allowed=allowed))
        case _:
            refused = RequestRejected(str(getattr(error, "detail", error)))
            return JsonResponse(refused.as_json(), status_code=status, headers=headers)


def _answer_ours(_request: Request, error: Exception) -> Response:
    if isinstance(error, TransformerError):
        return error_response(error)
    raise error


def _answer_bug(request: Request, _error: Exception) -> Response:
    return broken_response(method=request.method, path=request.url.path)


def unknown_path(path: str) -> NotFound:
    """Say that nothing is served here."""
    return NotFound(f"There is nothing at {path}.", hint="GET /api/openapi.json lists the paths.")


def method_not_allowed(method: str, path: str, *, allowed: tuple[str, ...]) -> MethodNotAllowed:
    """Say which methods a path takes instead."""
    return MethodNotAllowed(
        f"{path} does not take {method}.", hint=f"It takes {', '.join(allowed)}.", allowed=allowed
    )
