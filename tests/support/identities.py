"""Operations that change who a profile is, and the profiles that they leave, in memory."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from tests.support.settlements import attributes, identity, make_settlement
from transformer.operation import JsonObject
from transformer.writer.catalogs import Shelf
from transformer.writer.identity import BLOCKED_EXTERNAL_IDS
from transformer.writer.plan import plan_of
from transformer.writer.profile import APART, Profile
from transformer.writer.replays import Repeats
from transformer.writer.roster import Roster
from transformer.writer.settle import Settled, settle

NOW = "2026-03-01T12:00:00.000Z"
G1 = "00000000-0000-4000-8000-000000000001"
G2 = "00000000-0000-4000-8000-000000000002"
ADA = {"alias_name": "ada", "alias_label": "shop"}
BOB = {"alias_name": "bob", "alias_label": "shop"}
G1 = "11111111-2222-3333-4444-555555555551"
G2 = "11111111-2222-3333-4444-555555555552"
ADA_ELSEWHERE = {"alias_name": "ada", "alias_label": "forum"}


def new_alias(external_id: str | None = None, **alias: str) -> JsonObject:
    named = {} if external_id is None else {"external_id": external_id}
    return identity("alias.new", "user_aliases", **named, **alias)


def update_alias(label: str, old: str, new: str) -> JsonObject:
    return identity(
        "alias.update",
        "alias_updates",
        alias_label=label,
        old_alias_name=old,
        new_alias_name=new,
    )


def identify(external_id: str, **by: Any) -> JsonObject:
    return identity("identify", "aliases_to_identify", external_id=external_id, **by)


def merge(merged: JsonObject, kept: JsonObject) -> JsonObject:
    return identity("merge", "merge_updates", identifier_to_merge=merged, identifier_to_keep=kept)


def rename(current: str, new: str) -> JsonObject:
    return identity(
        "external_id.rename",
        "external_id_renames",
        current_external_id=current,
        new_external_id=new,
    )


def remove(external_id: str) -> JsonObject:
    return identity("external_id.remove", "external_ids", external_id=external_id)


def delete(**by: Any) -> JsonObject:
    return identity("delete", "external_ids", **by)


def alias_only(alias: JsonObject, **described: Any) -> JsonObject:
    return attributes(user_alias=alias, _update_existing_only=False, **described)


def external(external_id: str) -> JsonObject:
    return {"external_id": external_id}


class World:
    """The profiles that a sequence of operations leaves, in memory."""

    def __init__(self) -> None:
        self.roster = Roster([], aliases={}, now=NOW)

    def apply(
        self, *operations: JsonObject, blocked: frozenset[str] = BLOCKED_EXTERNAL_IDS
    ) -> Settled:
        """Settle a delivery that asks for these."""
        settled = settle(
            plan_of(make_settlement(*operations), blocked=blocked),
            roster=self.roster,
            shelf=Shelf(catalogs={}, documents={}),
            repeats=Repeats(set(), applied={}, tried={}),
            now=NOW,
        )
        assert settled is not None
        return settled

    def begin(self, operations: Sequence[JsonObject]) -> None:
        """Apply one after the other what must be there before."""
        for operation in operations:
            assert self.apply(operation).operations == 1

    def profiles(self) -> list[JsonObject]:
        """Give every profile without what is empty, in the order of their last change."""
        touched = sorted(self.roster.changed.values(), key=lambda profile: profile.order)
        return deepcopy([self._shown(profile) for profile in touched])

    def _shown(self, profile: Profile) -> JsonObject:
        shown: JsonObject = {
            "external_id": profile.external_id,
            "deprecated": self.roster.deprecated.of(profile.id),
            "aliases": [
                {"alias_name": name, "alias_label": label}
                for label, name in self.roster.aliases.of(profile.id)
            ],
            "email": profile.email,
            "phone": profile.phone,
            **profile.document(),
        }
        for name in APART:
            shown.pop(name, None)
        return {name: value for name, value in shown.items() if value not in (None, [], {})}
