"""What a source and a workspace may ask of us: how much a second, how much waiting, what share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """What one source may send; None: what the settings say, 0: any number.

    Args:
        rate_per_s: webhooks a second; a second's worth may come at once.
    """

    rate_per_s: int | None = None


@dataclass(frozen=True, slots=True)
class WorkspaceLimits:
    """What one workspace may ask for; None: what the settings say, 0: any number.

    Args:
        rate_per_s: webhooks a second, of all its sources; a second's worth may come at once.
        backlog_limit: events that may wait for one of its transformations.
        weight: how many times as long as others its turns are when others wait.
    """

    rate_per_s: int | None = None
    backlog_limit: int | None = None
    weight: int = 1
