"""Times as senders write them."""

import re
from datetime import UTC, datetime

from transformer.ingest.providers.pack import Unit

_NUMBER = re.compile(r"[0-9]{1,16}(\.[0-9]{1,9})?")


def seconds_of(text: str, unit: Unit) -> float | None:
    """Read a time as seconds since 1970; None where it is not of its unit."""
    match unit:
        case Unit.SECONDS:
            return float(text) if _NUMBER.fullmatch(text) else None
        case Unit.MILLISECONDS:
            return float(text) / 1000 if _NUMBER.fullmatch(text) else None
        case Unit.ISO:
            try:
                found = datetime.fromisoformat(text)
                return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
            except (ValueError, OverflowError):
                return None
