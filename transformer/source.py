"""A source: a configured place that webhooks come from."""

import secrets
from dataclasses import dataclass

from transformer.ids import SourceId, WorkspaceId

TOKEN_BYTES = 18


@dataclass(frozen=True, slots=True)
class Source:
    """Where a third party posts its webhooks: ``/in/{token}``."""

    id: SourceId
    workspace_id: WorkspaceId
    name: str
    token: str


def new_token() -> str:
    """Make the secret part of a webhook URL: 144 random bits, safe in a path."""
    return secrets.token_urlsafe(TOKEN_BYTES)
