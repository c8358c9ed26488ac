"""What operations would change in the store, profile by profile and item by item.

A closed union: :mod:`transformer.writer.sentences` says each of them in words.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from transformer.ids import ProfileId
from transformer.operation import JsonObject
from transformer.store.profiles import Alias
from transformer.writer.changes import Change
from transformer.writer.identity import Identifier, IdentifierType


class Fate(StrEnum):
    """What becomes of a profile or an item; one that is touched may stay as it is."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ProfileName:
    """By what a person knows a profile; without a ``braze_id`` it is still to be made."""

    braze_id: ProfileId | None
    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    aliases: tuple[Alias, ...] = ()

    @property
    def best(self) -> Identifier | None:
        """The identifier that says most; None for a profile that has none."""
        if self.external_id is not None:
            return Identifier(IdentifierType.EXTERNAL_ID, self.external_id)
        for label, name in self.aliases:
            return Identifier(IdentifierType.USER_ALIAS, name, label)
        if self.email is not None:
            return Identifier(IdentifierType.EMAIL, self.email)
        if self.phone is not None:
            return Identifier(IdentifierType.PHONE, self.phone)
        if self.braze_id is not None:
            return Identifier(IdentifierType.BRAZE_ID, self.braze_id)
        return None

    def as_json(self) -> JsonObject:
        """Give the identifiers that it has."""
        aliases = [{"alias_name": name, "alias_label": label} for label, name in self.aliases]
        told = {
            "braze_id": self.braze_id,
            "external_id": self.external_id,
            "user_aliases": aliases or None,
            "email": self.email,
            "phone": self.phone,
        }
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ProfileDiffers:
    """A profile that is made, changed or removed, or meant and left as it is.

    ``merged_into`` names the profile in which a removed one goes up.
    """

    profile: ProfileName
    fate: Fate
    changes: tuple[Change, ...] = ()
    merged_into: ProfileName | None = None

    def as_json(self) -> JsonObject:
        """Give the shape of the API and the command line."""
        told = {
            "kind": f"profile.{self.fate.value}",
            "profile": self.profile.as_json(),
            "changes": [change.as_json() for change in self.changes],
        }
        return told | ({"merged_into": self.merged_into.as_json()} if self.merged_into else {})


@dataclass(frozen=True, slots=True)
class ItemDiffers:
    """A catalog item that is made, changed or removed, or put as it was."""

    catalog_name: str
    item_id: str
    fate: Fate
    changes: tuple[Change, ...] = ()

    def as_json(self) -> JsonObject:
        """Give the shape of the API and the command line."""
        return {
            "kind": f"item.{self.fate.value}",
            "catalog_name": self.catalog_name,
            "item_id": self.item_id,
            "changes": [change.as_json() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class IdentifierShared:
    """An email or a phone that several profiles have; one of them is meant."""

    identifier: Identifier
    meant: ProfileName
    others: tuple[ProfileName, ...]

    def as_json(self) -> JsonObject:
        """Give the shape of the API and the command line."""
        return {
            "kind": "identifier.shared",
            "identifier": identifier_json(self.identifier),
            "meant": self.meant.as_json(),
            "others": [other.as_json() for other in self.others],
        }


@dataclass(frozen=True, slots=True)
class NobodyMeant:
    """An identifier that no profile has, in an object that may not make one."""

    identifier: Identifier
    pointer: str

    def as_json(self) -> JsonObject:
        """Give the shape of the API and the command line."""
        return {
            "kind": "identifier.unresolved",
            "identifier": identifier_json(self.identifier),
            "pointer": self.pointer,
        }


Difference: TypeAlias = ProfileDiffers | ItemDiffers | IdentifierShared | NobodyMeant


def profile_name(described: JsonObject) -> ProfileName:
    """Read what :meth:`ProfileName.as_json` gave."""
    return ProfileName(
        described.get("braze_id"),
        described.get("external_id"),
        described.get("email"),
        described.get("phone"),
        tuple((one["alias_label"], one["alias_name"]) for one in described.get("user_aliases", [])),
    )


def identifier_json(identifier: Identifier) -> JsonObject:
    """Give an identifier as an object of an operation has it."""
    if identifier.type is IdentifierType.USER_ALIAS:
        alias = {"alias_name": identifier.value, "alias_label": identifier.label}
        return {identifier.type.value: alias}
    return {identifier.type.value: identifier.value}
