"""What a caller of the REST API is told when something is wrong (braze.md §2.1, *HTTP status table*).

``{"message": …, "errors": […]}``, of which ``errors`` is there where single parts of the request are
meant. The texts are those of the API that we speak: clients look for them.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog

from transformer.errors import NotAppliedYet, TooMany, TransformerError, Unavailable
from transformer.operation import JsonObject
from transformer.rest.route import Answer, Headers

NOT_JSON = "Error while parsing request body. Please check your syntax."
NOT_AN_OBJECT = "The request body must be a JSON object."
TOO_DEEP = "The request body is nested too deeply."
RETRY_AFTER = b"x-ratelimit-retry-after"

_log = structlog.get_logger()


class Refused(Exception):
    """A request that is answered with an error.

    Args:
        status: the HTTP status.
        message: the text that the caller gets.
        errors: what is wrong with single parts of the request.
        headers: what the answer carries beside.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[Any] = (),
        headers: Headers = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers

    def as_answer(self) -> Answer:
        """Give the answer."""
        body: JsonObject = {"message": self.message}
        if self.errors:
            body["errors"] = list(self.errors)
        return Answer(self.status, body, self.headers)


def unauthorized(message: str) -> Refused:
    """Make the refusal of a caller whose key opens nothing."""
    return Refused(HTTPStatus.UNAUTHORIZED, message, headers=((b"www-authenticate", b"Bearer"),))


def forbidden(message: str) -> Refused:
    """Make the refusal of a caller whose key is not for this."""
    return Refused(HTTPStatus.FORBIDDEN, message)


def not_found(path: str) -> Refused:
    """Make the refusal of a path at which nothing is."""
    return Refused(HTTPStatus.NOT_FOUND, f"There is nothing at {path}")


def method_not_allowed(method: str, *, allowed: Sequence[str]) -> Refused:
    """Make the refusal of a method that a path does not take."""
    return Refused(
        HTTPStatus.METHOD_NOT_ALLOWED,
        f"{method} is not taken here",
        headers=((b"allow", ", ".join(allowed).encode()),),
    )


def bad_request(message: str, *, errors: Sequence[Any] = ()) -> Refused:
    """Make the refusal of a request that is not as it must be."""
    return Refused(HTTPStatus.BAD_REQUEST, message, errors=errors)


def body_too_large(limit: int) -> Refused:
    """Make the refusal of a body that is larger than its route takes."""
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The request body is larger than {limit} bytes.",
        # The rest of it is not read, so the connection cannot serve another request.
        headers=((b"connection", b"close"),),
    )


def wrong_media_type() -> Refused:
    """Make the refusal of a body that is no JSON by its own account."""
    return Refused(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "The Content-Type of the request must be application/json.",
    )


def rate_limited(retry_after_s: int) -> Refused:
    """Make the refusal of a caller that is too fast."""
    return Refused(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Rate limited",
        headers=((RETRY_AFTER, b"%d" % retry_after_s),),
    )


def refusal_of(error: TransformerError) -> Refused:
    """Say what became of a request that an error of ours ended."""
    headers: Headers = ()
    match error:
        case NotAppliedYet():
            pass  # it is held: who sends it again has it applied twice
        case Unavailable():
            headers = ((b"retry-after", b"%d" % error.retry_after_s),)
        case TooMany():
            headers = ((RETRY_AFTER, b"%d" % error.retry_after_s),)
        case _:
            pass
    return Refused(error.status, error.message, headers=headers)


def broken(*, method: str, path: str) -> Refused:
    """Make the answer for the exception being handled, which is a bug of ours, and log it whole."""
    _log.exception("request.broke", method=method, path=path)
    return Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")
