"""Routes of forced types: what a custom attribute is to be, whatever is sent for it.

A name may hold any character, so it stands in the body or in the query, and not in the path.
"""

from transformer.api.bodies import FORCE_TYPE, object_schema
from transformer.api.route import ApiCall, ApiRoute, Parameter
from transformer.errors import InvalidRequest
from transformer.operation import JsonObject
from transformer.rules import ForcedType
from transformer.store.engine import reading, writing
from transformer.store.rules import force_type, let_type, list_forced
from transformer.writer.attributes import is_custom

_FORCED = object_schema(
    {
        "name": {"type": "string"},
        "type": {"enum": [one.value for one in ForcedType]},
        "created_at": {"type": "string"},
    },
    required=["name", "type", "created_at"],
)


def check_attribute(name: str) -> None:
    """Refuse a name that no custom attribute has.

    Raises:
        InvalidRequest: it is a profile field's, or has spaces around it.
    """
    if is_custom(name):
        return
    if name != name.strip():
        raise InvalidRequest(
            f"`name` is {name!r:.80}, with spaces around it; no attribute has such a name.",
            hint="Remove the spaces: they are taken away from what is sent, too.",
            pointer="/name",
        )
    raise InvalidRequest(
        f"`name` is {name!r}, which is no custom attribute.",
        hint="Profile fields have types of their own, and are never blocked.",
        pointer="/name",
    )


def _list(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        found = list_forced(connection, workspace_id=call.workspace_id)
    return {
        "types": [
            {"name": one.name, "type": one.type.value, "created_at": one.created_at}
            for one in found
        ]
    }


def _force(call: ApiCall) -> JsonObject:
    name, forced = call.body["name"], ForcedType(call.body["type"])
    check_attribute(name)
    with writing(call.deps.engine) as connection:
        force_type(
            connection,
            workspace_id=call.workspace_id,
            name=name,
            forced=forced,
            now=call.deps.clock.now(),
        )
    # The writers learn of it with their next batch.
    call.deps.changed()
    return {"name": name, "type": forced.value}


def _let(call: ApiCall) -> JsonObject:
    name = named_in_query(call)
    with writing(call.deps.engine) as connection:
        let_type(connection, workspace_id=call.workspace_id, name=name)
    call.deps.changed()
    return {}


def named_in_query(call: ApiCall) -> str:
    """Read the name that a DELETE is about.

    Raises:
        InvalidRequest: there is none.
    """
    name = call.query.get("name", "")
    if not name:
        raise InvalidRequest("`name` is missing in the query.", hint="Such as ?name=plan.")
    return name


NAME = Parameter("name", "the name, percent-encoded as in every query")
_PATH = "/api/attribute-types"
ROUTES = (
    ApiRoute(
        "GET",
        _PATH,
        "List the custom attributes whose type is forced.",
        _list,
        object_schema({"types": {"type": "array", "items": _FORCED}}, required=["types"]),
    ),
    ApiRoute(
        "PUT",
        _PATH,
        "Force the type of a custom attribute: from now on a value is coerced to it, or dropped.",
        _force,
        FORCE_TYPE,
        body=FORCE_TYPE,
    ),
    ApiRoute(
        "DELETE",
        _PATH,
        "Let the type of a custom attribute be found from the data again.",
        _let,
        object_schema({}),
        query=(NAME,),
    ),
)
