"""How profiles look: as the store has them, and as a roster would leave them."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import orjson
from sqlalchemy import Connection

from transformer.ids import ProfileId, WorkspaceId
from transformer.operation import JsonObject
from transformer.store import profiles
from transformer.store.documents import encoded
from transformer.store.identities import read_names_of
from transformer.store.profiles import Alias
from transformer.writer.differences import ProfileName
from transformer.writer.owners import Owners
from transformer.writer.profile import APART, Profile, profile_from_row
from transformer.writer.roster import Roster

_Name = TypeVar("_Name", str, Alias)


class Portraits:
    """Profiles before and after; they are read anew, for those of a roster were changed in place.

    Args:
        connection: a transaction in which the store stands still.
        workspace_id: whose profiles.
        wanted: those to look at.
        roster: what the operations left.
    """

    def __init__(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        wanted: Iterable[Profile],
        *,
        roster: Roster,
    ) -> None:
        ids = [profile.id for profile in wanted if profile.stored]
        rows = profiles.read_profiles(connection, workspace_id=workspace_id, ids=ids)
        self._stored = {profile.id: profile for profile in map(profile_from_row, rows)}
        aliases, former = read_names_of(connection, workspace_id=workspace_id, ids=ids)
        self._before = (_by_owner(aliases), _by_owner(former))
        self._after = (
            _by_owner(_changed(aliases, roster.aliases)),
            _by_owner(_changed(former, roster.deprecated)),
        )
        self._removed = roster.removed.keys()

    def before(self, profile: Profile) -> JsonObject:
        """Give a profile as it is; empty where it is still to be made."""
        stored = self._stored.get(profile.id)
        return {} if stored is None else _portrait(stored, *self._before)

    def after(self, profile: Profile) -> JsonObject:
        """Give a profile as it will be; empty where it will be gone."""
        return {} if profile.id in self._removed else _portrait(profile, *self._after)

    def name(self, profile: Profile) -> ProfileName:
        """Name a profile as it is known before anything changes, or as it will be where it is new."""
        stored = self._stored.get(profile.id)
        shown, (aliases, _) = (stored, self._before) if stored else (profile, self._after)
        return ProfileName(
            stored.id if stored else None,
            shown.external_id,
            shown.email,
            shown.phone,
            tuple(aliases.get(profile.id, ())),
        )


def as_stored(document: JsonObject) -> JsonObject:
    """Give a document as the store will give it back."""
    stored: JsonObject = orjson.loads(encoded(document))
    return stored


def _portrait(
    profile: Profile,
    aliases: Mapping[ProfileId, list[Alias]],
    former: Mapping[ProfileId, list[str]],
) -> JsonObject:
    """Give a profile as its export shows it, but for the summaries, which stay under their names."""
    document = as_stored(profile.document())
    told = {
        "external_id": profile.external_id,
        "deprecated_external_ids": former.get(profile.id),
        "user_aliases": [
            {"alias_name": name, "alias_label": label}
            for label, name in aliases.get(profile.id, [])
        ]
        or None,
        "email": profile.email,
        "phone": profile.phone,
        **document.pop("fields", {}),
        **{name: held for name, held in document.items() if name not in APART},
    }
    return {name: held for name, held in told.items() if held is not None}


def _changed(stored: Mapping[_Name, ProfileId], owners: Owners[_Name]) -> dict[_Name, ProfileId]:
    lost = set(owners.lost)
    return {name: owner for name, owner in stored.items() if name not in lost} | owners.new


def _by_owner(owners: Mapping[_Name, ProfileId]) -> dict[ProfileId, list[_Name]]:
    names: dict[ProfileId, list[_Name]] = {}
    for name, owner in owners.items():
        names.setdefault(owner, []).append(name)
    # As the store gives them, so that another order is no change.
    return {owner: sorted(held) for owner, held in names.items()}
