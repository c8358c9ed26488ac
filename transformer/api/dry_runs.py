"""What a test run or a replay would change, as the API tells it: asked of the writer, unwritten."""

from collections.abc import Sequence

from transformer.api.bodies import Schema, id_schema, object_schema
from transformer.api.route import ApiCall
from transformer.settlement import Settlement
from transformer.store.engine import snapshot
from transformer.writer.differences import Fate
from transformer.writer.dry_run import DryRun, dry_run

PROBLEMS: Schema = {
    "type": "array",
    "items": object_schema(
        {
            "code": {"type": "string"},
            "message": {"type": "string"},
            "hint": {"type": "string"},
            "pointer": {"type": "string"},
            "line": {"type": ["integer", "null"]},
            "column": {"type": ["integer", "null"]},
            "source_line": {"type": "string"},
            # Of an object of Track users that was refused: what its API says of it.
            "type": {"type": "string"},
            "input_array": {"type": "string"},
            "index": {"type": "integer"},
        },
        required=["code", "message", "hint", "pointer", "line", "column", "source_line"],
    ),
}
_SENTENCES: Schema = {"type": "array", "items": {"type": "string"}}
_POINTER: Schema = {"type": "string", "description": "JSON pointer to the operation"}
_PLACE: dict[str, Schema] = {
    "path": {"type": "string", "description": "JSON pointer into the profile or the item"},
    "before": {"description": "absent where there was nothing"},
    "after": {"description": "absent where nothing is left"},
}
_ELEMENTS: Schema = {"type": "array"}
_CHANGES: Schema = {
    "type": "array",
    "items": {
        "anyOf": [
            object_schema(_PLACE | {"kind": {"const": "value"}}, required=["kind", "path"]),
            object_schema(
                _PLACE | {"kind": {"const": "elements"}, "added": _ELEMENTS, "removed": _ELEMENTS},
                required=["kind", "path", "before", "after", "added", "removed"],
            ),
            object_schema(
                _PLACE | {"kind": {"enum": ["event", "purchase"]}, "name": {"type": "string"}},
                required=["kind", "path", "name"],
            ),
        ]
    },
}
_IDENTIFIER: dict[str, Schema] = {
    "external_id": {"type": "string"},
    "email": {"type": "string"},
    "phone": {"type": "string"},
    "braze_id": {"type": "string"},
}
_ALIAS: Schema = object_schema(
    {"alias_name": {"type": "string"}, "alias_label": {"type": "string"}},
    required=["alias_name", "alias_label"],
)
_NAMED: Schema = object_schema(
    _IDENTIFIER | {"braze_id": id_schema("prf"), "user_aliases": {"type": "array", "items": _ALIAS}}
) | {"description": "the identifiers of a profile; no `braze_id` where it is still to be made"}
_MEANT: Schema = object_schema(_IDENTIFIER | {"user_alias": _ALIAS})


def _kinds(subject: str) -> Schema:
    return {"enum": [f"{subject}.{fate.value}" for fate in Fate]}


_DIFFERENCE: Schema = {
    "anyOf": [
        object_schema(properties, required=properties.keys() - {"merged_into"})
        for properties in (
            {
                "kind": _kinds("profile"),
                "profile": _NAMED,
                "merged_into": _NAMED,
                "changes": _CHANGES,
                "sentences": _SENTENCES,
            },
            {
                "kind": _kinds("item"),
                "catalog_name": {"type": "string"},
                "item_id": {"type": "string"},
                "changes": _CHANGES,
                "sentences": _SENTENCES,
            },
            {
                "kind": {"const": "identifier.shared"},
                "identifier": _MEANT,
                "meant": _NAMED,
                "others": {"type": "array", "items": _NAMED},
                "sentences": _SENTENCES,
            },
            {
                "kind": {"const": "identifier.unresolved"},
                "identifier": _MEANT,
                "pointer": _POINTER,
                "sentences": _SENTENCES,
            },
        )
    ]
}
_DIFFERENCES: dict[str, Schema] = {
    "summary": _SENTENCES | {"description": "what is alike is counted: 12 profiles change plan"},
    "diff": {"type": "array", "items": _DIFFERENCE},
}
_SETTLED: dict[str, Schema] = {
    "outcome": {
        "enum": ["applied", "skipped", "failed", None],
        "description": "how the delivery would end; null: it was tried again meanwhile",
    },
    "operations": {"type": "integer", "description": "how many would be applied"},
    "errors": PROBLEMS,
    "warnings": PROBLEMS,
}
# Of one delivery, and of several together.
CHANGES_OF_ONE: Schema = object_schema(_SETTLED | _DIFFERENCES, required=_SETTLED | _DIFFERENCES)
CHANGES_OF_MANY: Schema = object_schema(_DIFFERENCES, required=_DIFFERENCES)
SETTLED: Schema = object_schema(_SETTLED, required=_SETTLED)


def try_out(call: ApiCall, settlements: Sequence[Settlement]) -> DryRun:
    """Settle against the workspace's store as it is, writing nothing."""
    with snapshot(call.deps.engine) as connection:
        return dry_run(
            connection,
            workspace_id=call.workspace_id,
            settlements=settlements,
            now=call.deps.clock.now(),
            blocked=call.deps.blocked_external_ids,
        )
