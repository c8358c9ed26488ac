"""The route of profiles."""

from transformer.api.bodies import object_schema
from transformer.api.history import DELIVERIES, named_in
from transformer.api.route import ApiCall, ApiRoute, Parameter
from transformer.errors import InvalidRequest
from transformer.ids import DeliveryId
from transformer.operation import JsonObject
from transformer.store.engine import reading
from transformer.store.history import profile_subject, read_origins
from transformer.store.profiles import find_profiles
from transformer.writer.identity import read_phone


def _find(call: ApiCall) -> JsonObject:
    given = {name: call.query[name] for name in _IDENTIFIERS if name in call.query}
    if ("alias_label" in given) != ("alias_name" in given):
        raise InvalidRequest(
            "An alias is a label and a name; only one of them is given.",
            hint="Give both: ?alias_label=…&alias_name=….",
        )
    if not given:
        raise InvalidRequest(
            "No identifier is given, so no profile is meant.",
            hint="Give external_id, email, phone, or alias_label and alias_name.",
        )
    if "phone" in given:
        given["phone"] = read_phone(given["phone"]) or given["phone"]
    with reading(call.deps.engine) as connection:
        profiles = find_profiles(connection, workspace_id=call.workspace_id, **given)
        if call.query.get("provenance") != "true":
            return {"profiles": profiles}
        ids: set[DeliveryId] = set()
        for profile in profiles:
            subject = profile_subject(
                connection, workspace_id=call.workspace_id, profile_id=profile["braze_id"]
            )
            profile["set_by"] = subject.setters()
            ids.update(named_in(profile["set_by"]))
        origins = read_origins(connection, workspace_id=call.workspace_id, ids=ids)
    return {"profiles": profiles, "deliveries": origins}


_IDENTIFIERS = ("external_id", "email", "phone", "alias_label", "alias_name")


ROUTES = (
    ApiRoute(
        "GET",
        "/api/profiles",
        "Find profiles by their identifiers, in the shape of Braze's user export.",
        _find,
        object_schema(
            {
                "profiles": {"type": "array", "items": {"type": "object"}},
                "deliveries": DELIVERIES,
            },
            required=["profiles"],
        ),
        query=(
            Parameter("external_id", "the external id, be it a deprecated one"),
            Parameter("email", "the e-mail address"),
            Parameter("phone", "the phone number, with or without what stands between its digits"),
            Parameter("alias_label", "the label of an alias, with alias_name"),
            Parameter("alias_name", "the name of an alias, with alias_label"),
            Parameter(
                "provenance",
                "`true` adds to each profile which delivery set each value, as `set_by`",
                {"enum": ["true", "false"]},
            ),
        ),
    ),
)
