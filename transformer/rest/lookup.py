"""Finds the profiles that an object names, as they stand in the store."""

from transformer.delivery import Problem
from transformer.errors import Broken
from transformer.operation import JsonObject
from transformer.rest.route import RestCall
from transformer.store.engine import Connection
from transformer.store.profiles import find_profiles
from transformer.writer.identity import Identifier, IdentifierType, read_identifier


def identifier_of(described: JsonObject) -> Identifier:
    """Say by what an object names its profile that was found valid."""
    identifier = read_identifier(described, pointer="", blocked=frozenset())
    if isinstance(identifier, Problem):
        raise Broken("What was found valid names nobody.")
    return identifier


def find_named(connection: Connection, call: RestCall, described: JsonObject) -> list[JsonObject]:
    """Give the profiles that a valid object may mean, in the shape of the export.

    Of several with one address, the one that the writer takes comes first.
    """
    identifier = identifier_of(described)
    by = {
        IdentifierType.EXTERNAL_ID: {"external_id": identifier.value},
        IdentifierType.USER_ALIAS: {
            "alias_label": identifier.label,
            "alias_name": identifier.value,
        },
        IdentifierType.BRAZE_ID: {"braze_id": identifier.value},
        IdentifierType.EMAIL: {"email": identifier.value},
        IdentifierType.PHONE: {"phone": identifier.value},
    }
    found = find_profiles(connection, workspace_id=call.workspace_id, **by[identifier.type])
    return sorted(found, key=lambda profile: "external_id" not in profile)
