"""What the other side's answer means for the operations of a call (braze.md §2.1, *responses*).

Three kinds of failure are told apart. The operations' own: they are refused, one by one, and a call
that was refused as a whole is made again in halves until it is known whose fault it is. The
moment's: the same call is made again later. The configuration's: nothing is to blame but the
address or the credential, so everything waits until a person has changed it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeAlias

import orjson

from transformer.forward.batch import Batch
from transformer.operation import JsonObject
from transformer.store.forwarding import Refusal
from transformer.store.outbox import Waiting

SUCCESS = "success"
# A window of the other side's limits lasts an hour at most.
LONGEST_WAIT_S = 3_600.0
_DEFAULT_WAIT_S = 1.0
_EPOCH_S = 1_000_000_000
_MAX_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as it came; the names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """The other side took the call, but for the operations that it refused by name.

    Args:
        pause_s: how long the next call is to wait, because the limit is used up.
    """

    refused: Mapping[int, Refusal] = field(default_factory=dict)
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side took nothing of the call; ``named`` are the operations that it blamed."""

    why: Refusal
    named: Mapping[int, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slow:
    """The other side wants the same call later."""

    after_s: float
    why: Refusal


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No answer, or none of the API's; ``is_theirs`` where the call itself may be the cause."""

    why: Refusal
    is_theirs: bool = False


@dataclass(frozen=True, slots=True)
class Barred:
    """The address or the credential is not right."""

    why: Refusal


Answer: TypeAlias = Taken | Refused | Slow | Unavailable | Barred


def read_answer(  # noqa: PLR0911 - a table: one line a status
    batch: Batch, response: Response, *, now: datetime
) -> Answer:
    """Say what an answer means."""
    told = json_of(response.body)
    why = Refusal(f"http_{response.status}", message_of(told, response))
    match response.status:
        case HTTPStatus.TOO_MANY_REQUESTS:
            return Slow(wait_s(response.headers, now=now), why)
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return Barred(why)
        case HTTPStatus.NOT_FOUND if not (told and told.get("errors")):
            return Barred(why)
        case HTTPStatus.REQUEST_TIMEOUT:
            return Unavailable(why)
        case status if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Unavailable(why, is_theirs=status == HTTPStatus.INTERNAL_SERVER_ERROR)
        case status if status >= HTTPStatus.BAD_REQUEST:
            return Refused(why, _named(batch, told))
        case status if status >= HTTPStatus.MULTIPLE_CHOICES:
            # A redirect is not followed: it would take the credential along to wherever it says.
            return Barred(why)
        case _ if told is None:
            return Unavailable(Refusal("no_answer_of_an_api", why.message))
        case _ if str(told.get("message", SUCCESS)) != SUCCESS and not _named(batch, told):
            return Refused(why)
        case _:
            return Taken(_named(batch, told), pause_s=_pause_s(response.headers, now=now))


def wait_s(headers: Mapping[str, str], *, now: datetime) -> float:
    """Say how long a 429 asks to wait, in seconds."""
    for name in ("x-ratelimit-retry-after", "retry-after", "x-ratelimit-reset"):
        seconds = _seconds(headers.get(name), now=now)
        if seconds is not None:
            return min(max(seconds, 0.0), LONGEST_WAIT_S)
    return _DEFAULT_WAIT_S


def _pause_s(headers: Mapping[str, str], *, now: datetime) -> float:
    remaining = headers.get("x-ratelimit-remaining", "").strip()
    if remaining != "0":
        return 0.0
    seconds = _seconds(headers.get("x-ratelimit-reset"), now=now)
    return min(max(seconds or 0.0, 0.0), LONGEST_WAIT_S)


def _seconds(text: str | None, *, now: datetime) -> float | None:
    """Read seconds from now, seconds since 1970 (the documents have both), or a date of HTTP."""
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()
    return number - now.timestamp() if number > _EPOCH_S else number


def _named(batch: Batch, told: JsonObject | None) -> dict[int, Refusal]:
    """Find the operations that an answer's errors name by their places."""
    found: dict[int, Refusal] = {}
    for error in _errors(told):
        array, index = error.get("input_array", ""), error.get("index")
        if not (isinstance(array, str) and isinstance(index, int)):
            continue
        row = batch.find(array, index)
        if row is not None:
            found.setdefault(row.id, Refusal("refused", _cut(str(error.get("type", "refused")))))
    return found | _named_by_id(batch, told or {})


def _named_by_id(batch: Batch, told: JsonObject) -> dict[int, Refusal]:
    """Find the operations whose external id stands in the errors of a rename or removal."""
    texts = [
        orjson.dumps(entry).decode()
        for name in ("rename_errors", "removal_errors")
        for entry in _list(told.get(name))
    ]
    return {
        row.id: Refusal("refused", _cut(text))
        for row in batch.rows
        for text in texts
        if _blamed(row, text)
    }


def _blamed(row: Waiting, text: str) -> bool:
    described: JsonObject = orjson.loads(row.object)
    name = described.get("current_external_id") or described.get("external_id")
    return isinstance(name, str) and orjson.dumps(name).decode() in text


def _errors(told: JsonObject | None) -> list[JsonObject]:
    return [error for error in _list((told or {}).get("errors")) if isinstance(error, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def json_of(body: bytes) -> JsonObject | None:
    """Read an answer's JSON object; None where it is none."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return told if isinstance(told, dict) else None


def message_of(told: JsonObject | None, response: Response) -> str:
    """Give the other side's own words: those of its errors, or its message."""
    words = [
        str(error.get("message") or error.get("type") or error.get("id") or "")
        for error in _errors(told)
    ]
    message = str((told or {}).get("message", "")) or f"status {response.status}"
    said = "; ".join(dict.fromkeys(word for word in words if word))
    return _cut(f"{message}: {said}" if said else message)


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_MESSAGE else text[: _MAX_MESSAGE - 1] + "…"
