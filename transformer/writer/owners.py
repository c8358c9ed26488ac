"""To which profile each name belongs that a batch knows: aliases, and external ids out of use.

A name belongs to one profile at a time. What differs from the store in the end is told as names to
remove and names to add, whatever happened to them in between.
"""

from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

from transformer.ids import ProfileId

Name = TypeVar("Name", bound=Hashable)


class Owners(Generic[Name]):
    """Names of one kind, and whose they are.

    Args:
        stored: those that the batch may mean or change, as they stand in the store.
    """

    def __init__(self, stored: Mapping[Name, ProfileId]) -> None:
        self._stored = stored
        self._owners: dict[Name, ProfileId] = dict(stored)
        self._names: dict[ProfileId, dict[Name, None]] = {}
        self._touched: dict[Name, None] = {}
        for name, owner in stored.items():
            self._names.setdefault(owner, {})[name] = None

    def get(self, name: Name) -> ProfileId | None:
        """Say whose a name is."""
        return self._owners.get(name)

    def of(self, owner: ProfileId) -> list[Name]:
        """Give the names of a profile, as far as they were read."""
        return list(self._names.get(owner, ()))

    def give(self, name: Name, owner: ProfileId) -> None:
        """Let a name be this profile's, and nobody else's."""
        self.take(name)
        self._owners[name] = owner
        self._names.setdefault(owner, {})[name] = None

    def take(self, name: Name) -> None:
        """Let a name be nobody's."""
        self._touched[name] = None
        owner = self._owners.pop(name, None)
        if owner is not None:
            del self._names[owner][name]

    @property
    def new(self) -> dict[Name, ProfileId]:
        """The names that the store does not have, or has for another profile."""
        return {
            name: self._owners[name]
            for name in self._touched
            if name in self._owners and self._owners[name] != self._stored.get(name)
        }

    @property
    def lost(self) -> list[Name]:
        """The names that the store has for a profile whose they are no more."""
        return [
            name
            for name in self._touched
            if name in self._stored and self._stored[name] != self._owners.get(name)
        ]
