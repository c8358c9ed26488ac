"""Everything that can go wrong on our side of the contract.

What a customer's *code* does wrong is no exception: it is a value, recorded in the delivery log
(see ``delivery.py``). Two questions order the tree: whose fault is it, and does trying again help?

::

    TransformerError
    ├── RequestRejected            the caller's fault; the same request fails again      4xx
    │   ├── Unauthorized                                                                 401
    │   ├── NotFound                                                                     404
    │   │   └── UnknownSource      no source has this token                              404
    │   ├── Conflict               what is there does not allow it                       409
    │   ├── BodyTooLarge                                                                 413
    │   ├── HeadTooLarge                                                                 431
    │   ├── BodyUnreadable         the body is no payload                                400
    │   ├── RequestTooSlow         it did not arrive whole in time                       408
    │   ├── TooMany                the same request is taken later                       429
    │   │   ├── RateLimited        more a second than its source or workspace may send
    │   │   └── BacklogFull        more wait than its workspace may have waiting
    │   └── InvalidRequest         the request is not of the form the route takes        400
    ├── UsageError                 the command line's words are off                      exit 2
    ├── Unavailable                ours or the network's fault; trying again helps       503
    │   ├── QueueUnavailable       Redis does not answer, or refuses to write
    │   ├── StoreUnavailable       the database does not answer, or is locked
    │   ├── TooManyConnections     more than this process holds
    │   ├── NotAppliedYet          held, and will be applied: later than somebody waits for it
    │   └── SandboxUnavailable     no guest process could be started
    └── Broken                     a bug of ours: an impossible row, an illegal move     500
"""

from typing import Any, ClassVar


class TransformerError(Exception):
    """Base of all errors of this package; never raised itself.

    Args:
        message: what was found and what was expected, as one sentence.
        hint: what to do next.
        pointer: JSON pointer (RFC 6901) into the request's body, where the fault has a place.
        rule: the rule of Braze's that the request breaks, by its error id in snake case; empty where
            the rule is ours.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str = "", pointer: str = "", rule: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.pointer = pointer
        self.rule = rule

    def as_json(self) -> dict[str, dict[str, Any]]:
        """Give the one shape that every error has over HTTP."""
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "hint": self.hint,
                "pointer": self.pointer,
            }
        }


class RequestRejected(TransformerError):
    """The caller's request cannot be served, and the same request would fail again."""

    code = "request_rejected"
    status = 400


class Unauthorized(RequestRejected):
    """The caller did not say who it is, or may not do this."""

    code = "unauthorized"
    status = 401


class NotFound(RequestRejected):
    """What the path or the body names does not exist."""

    code = "not_found"
    status = 404


class UnknownSource(NotFound):
    """No source has this token."""

    code = "unknown_source"


class Conflict(RequestRejected):
    """The request is well formed, but what is there does not allow it."""

    code = "conflict"
    status = 409


class BodyTooLarge(RequestRejected):
    """The body is larger than the limit."""

    code = "body_too_large"
    status = 413


class HeadTooLarge(RequestRejected):
    """The request line and the headers are larger than the limit."""

    code = "head_too_large"
    status = 431


class BodyUnreadable(RequestRejected):
    """The body cannot be made into a payload."""

    code = "body_unreadable"
    status = 400


class RequestTooSlow(RequestRejected):
    """The request did not arrive whole in time."""

    code = "request_too_slow"
    status = 408


class TooMany(RequestRejected):
    """The sender is too fast; the same request is taken later.

    Args:
        message: what was found and what was expected, as one sentence.
        hint: what to do next.
        retry_after_s: whole seconds after which to try again.
    """

    code = "too_many"
    status = 429

    def __init__(self, message: str, *, hint: str = "", retry_after_s: int = 1) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class RateLimited(TooMany):
    """More webhooks a second than a source or a workspace may send."""

    code = "rate_limited"


class BacklogFull(TooMany):
    """More events wait than the workspace may have waiting."""

    code = "backlog_full"


class InvalidRequest(RequestRejected):
    """The request is not of the form that the route takes."""

    code = "invalid_request"
    status = 400


class UsageError(TransformerError):
    """The command line's words are off; exit code 2."""

    code = "usage"


class Unavailable(TransformerError):
    """Something we need does not answer; trying again later helps."""

    code = "unavailable"
    status = 503
    retry_after_s: ClassVar[int] = 2


class QueueUnavailable(Unavailable):
    """Redis does not answer, or refuses to write."""

    code = "queue_unavailable"


class StoreUnavailable(Unavailable):
    """The database does not answer, or is locked."""

    code = "store_unavailable"


class SandboxUnavailable(Unavailable):
    """No guest process could be started."""

    code = "sandbox_unavailable"


class TooManyConnections(Unavailable):
    """More senders are connected, or in the middle of a body, than this process holds."""

    code = "too_many_connections"


class NotAppliedYet(Unavailable):
    """What was asked for is held and will be applied, but not while the caller waits."""

    code = "not_applied_yet"


class Broken(TransformerError):
    """A bug of ours."""

    code = "internal_error"
