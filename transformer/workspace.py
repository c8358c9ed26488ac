"""A workspace: what a customer owns, and the border between customers."""

from dataclasses import dataclass

from transformer.ids import WorkspaceId


@dataclass(frozen=True, slots=True)
class Workspace:
    """A customer's sources, transformations, profiles and catalogs."""

    id: WorkspaceId
    name: str
