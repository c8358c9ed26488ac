"""What a pack knows of an event: its type, its id, its time."""

from dataclasses import dataclass
from datetime import UTC, datetime

from transformer.ingest.providers.pack import Pack
from transformer.ingest.providers.place import Place
from transformer.ingest.providers.request import Request
from transformer.ingest.providers.times import seconds_of

_MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Facts:
    """The sender's own words for an event; None where it says none.

    ``event_id``: stays the same when the sender sends the event again; unique only with its source.
    """

    event_type: str | None
    event_id: str | None
    event_time: datetime | None


def facts_of(pack: Pack, request: Request) -> Facts:
    """Read the facts of an event; a text that is too long to be one counts as none."""
    return Facts(
        event_type=_first(pack.event_type, request),
        event_id=_first(pack.event_id, request),
        event_time=_time(pack, request),
    )


def _first(places: tuple[Place, ...], request: Request) -> str | None:
    for place in places:
        value = place.value(request)
        if value and len(value) <= _MOST_CHARACTERS:
            return value
    return None


def _time(pack: Pack, request: Request) -> datetime | None:
    for time in pack.event_time:
        value = time.place.value(request)
        seconds = seconds_of(value, time.unit) if value else None
        if seconds is not None:
            try:
                return datetime.fromtimestamp(seconds, tz=UTC)
            except (ValueError, OverflowError, OSError):
                return None
    return None
