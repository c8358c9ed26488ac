"""Who a profile is: its aliases, its external ids, and its end.

Only a batch that changes who somebody is needs more of it than a look for the external ids that no
profile has: they may be out of use, and still find theirs.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from transformer.ids import ProfileId, WorkspaceId
from transformer.store.bulk import Bulk
from transformer.store.indexes import unindexed
from transformer.store.profiles import ALIASES_BY_PROFILE, Alias, chunks
from transformer.store.tables import aliases, deprecated_external_ids, profiles

_DEPRECATED = select(deprecated_external_ids.c.external_id, deprecated_external_ids.c.profile_id)
_OF_WORKSPACE = deprecated_external_ids.c.workspace_id == bindparam("of_workspace")
ANY_DEPRECATED = _DEPRECATED.where(_OF_WORKSPACE).limit(1)
DEPRECATED_BY_NAME = _DEPRECATED.where(
    _OF_WORKSPACE, deprecated_external_ids.c.external_id.in_(bindparam("wanted", expanding=True))
)
DEPRECATED_BY_PROFILE = _DEPRECATED.where(
    unindexed(deprecated_external_ids.c.workspace_id) == bindparam("of_workspace"),
    deprecated_external_ids.c.profile_id.in_(bindparam("wanted", expanding=True)),
)

DELETE_PROFILE = Bulk(
    delete(profiles).where(profiles.c.id == bindparam("of_profile")), ["of_profile"]
)
SET_EXTERNAL_ID = Bulk(
    update(profiles)
    .where(profiles.c.id == bindparam("of_profile"))
    .values(external_id=bindparam("external_id")),
    ["external_id", "of_profile"],
)
DELETE_ALIAS = Bulk(
    delete(aliases).where(
        aliases.c.workspace_id == bindparam("of_workspace"),
        aliases.c.alias_label == bindparam("label"),
        aliases.c.alias_name == bindparam("name"),
    ),
    ["of_workspace", "label", "name"],
)
INSERT_DEPRECATED = Bulk(
    insert(deprecated_external_ids), [column.name for column in deprecated_external_ids.c]
)
DELETE_DEPRECATED = Bulk(
    delete(deprecated_external_ids).where(
        deprecated_external_ids.c.workspace_id == bindparam("of_workspace"),
        deprecated_external_ids.c.external_id == bindparam("external_id"),
    ),
    ["of_workspace", "external_id"],
)


def read_deprecated(
    connection: Connection, *, workspace_id: WorkspaceId, wanted: Sequence[str]
) -> dict[str, ProfileId]:
    """Say whose these external ids were before a rename; one that was nobody's is left out.

    Hardly a workspace has any, so that is asked first: it costs the same for one and for hundreds.
    """
    of = {"of_workspace": workspace_id}
    if not wanted or connection.execute(ANY_DEPRECATED, of).first() is None:
        return {}
    found: dict[str, ProfileId] = {}
    for chunk in chunks(wanted):
        rows = connection.execute(DEPRECATED_BY_NAME, of | {"wanted": chunk}).all()
        found |= {external_id: ProfileId(owner) for external_id, owner in rows}
    return found


def read_names_of(
    connection: Connection, *, workspace_id: WorkspaceId, ids: Iterable[ProfileId]
) -> tuple[dict[Alias, ProfileId], dict[str, ProfileId]]:
    """Give all aliases of these profiles, and all external ids that they had before a rename."""
    named: dict[Alias, ProfileId] = {}
    deprecated: dict[str, ProfileId] = {}
    for chunk in chunks(ids):
        of = {"of_workspace": workspace_id, "wanted": chunk}
        for owner, label, name in connection.execute(ALIASES_BY_PROFILE, of).all():
            named[label, name] = ProfileId(owner)
        for external_id, owner in connection.execute(DEPRECATED_BY_PROFILE, of).all():
            deprecated[external_id] = ProfileId(owner)
    return named, deprecated
