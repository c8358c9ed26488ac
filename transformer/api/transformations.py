"""Routes of transformations: made, edited, published; ``runs.py`` has the one that runs them."""

from dataclasses import replace

from transformer.api.bodies import (
    CHANGE_TRANSFORMATION,
    CREATE_TRANSFORMATION,
    DESTINATION,
    PUBLISH,
    SAVE_DRAFT,
    Schema,
    id_schema,
    object_schema,
)
from transformer.api.errors import DraftInvalid
from transformer.api.route import ApiCall, ApiRoute
from transformer.clock import to_text
from transformer.errors import Conflict, InvalidRequest
from transformer.ids import TransformationId
from transformer.operation import JsonObject
from transformer.revision import Revision
from transformer.source import Source
from transformer.store.engine import Connection, reading, writing
from transformer.store.sources import list_sources, read_source
from transformer.store.transformations import (
    change_transformation,
    create_transformation,
    delete_transformation,
    list_revisions,
    list_transformations,
    publish,
    read_transformation,
    save_draft,
    unpublish,
)
from transformer.transformation import (
    STARTER_CODE,
    Destination,
    Transformation,
    describe_oversize,
)

_TRANSFORMATION: Schema = object_schema(
    {
        "id": id_schema("trf"),
        "name": {"type": "string"},
        "destination": DESTINATION,
        "source_id": id_schema("src"),
        "url": {"type": "string", "description": "where the third party posts its webhooks"},
        "draft": {"type": "string"},
        "published_revision_id": {"type": ["string", "null"]},
        "created_at": {"type": "string", "format": "date-time"},
        "updated_at": {"type": "string", "format": "date-time"},
    },
    required=["id", "name", "destination", "source_id", "url", "draft", "published_revision_id"],
)
_REVISION: Schema = object_schema(
    {
        "id": id_schema("rev"),
        "transformation_id": id_schema("trf"),
        "number": {"type": "integer", "minimum": 1},
        "destination": DESTINATION,
        "code": {"type": "string"},
        "note": {"type": "string"},
        "created_at": {"type": "string", "format": "date-time"},
    },
    required=["id", "transformation_id", "number", "destination", "code", "note", "created_at"],
)


def _create(call: ApiCall) -> JsonObject:
    provider = call.body.get("provider")
    if provider:
        raise InvalidRequest(
            f"The provider {provider!r} is not known: no providers are known yet.",
            hint="Leave `provider` out; any sender's webhooks are taken.",
            pointer="/provider",
        )
    destination = Destination(call.body.get("destination", Destination.TRACK))
    code = call.body.get("code", STARTER_CODE[destination])
    if call.body.get("publish"):
        _refuse_invalid(call, code)
    # Nothing is told to the other processes: what is new, none of them can have kept.
    with writing(call.deps.engine) as connection:
        transformation, source = create_transformation(
            connection,
            workspace_id=call.workspace_id,
            name=call.body["name"],
            destination=destination,
            code=code,
            now=call.deps.clock.now(),
        )
        if call.body.get("publish"):
            revision = publish(connection, transformation=transformation, now=call.deps.clock.now())
            transformation = replace(transformation, published_revision_id=revision.id)
    return _described(call, transformation, source)


def _list(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        sources = {
            source.id: source for source in list_sources(connection, workspace_id=call.workspace_id)
        }
        transformations = list_transformations(connection, workspace_id=call.workspace_id)
    return {
        "transformations": [
            _described(call, transformation, sources[transformation.source_id])
            for transformation in transformations
        ]
    }


def _read(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        transformation = read_named(call, connection)
        return _described(call, transformation, read_source_of(connection, transformation))


def _change(call: ApiCall) -> JsonObject:
    destination = call.body.get("destination")
    with writing(call.deps.engine) as connection:
        transformation = change_transformation(
            connection,
            workspace_id=call.workspace_id,
            transformation_id=_id(call),
            name=call.body.get("name"),
            destination=Destination(destination) if destination else None,
            now=call.deps.clock.now(),
        )
        source = read_source_of(connection, transformation)
    call.deps.changed()
    return _described(call, transformation, source)


def _delete(call: ApiCall) -> JsonObject:
    with writing(call.deps.engine) as connection:
        delete_transformation(
            connection, workspace_id=call.workspace_id, transformation_id=_id(call)
        )
    call.deps.changed()
    return {"deleted": _id(call)}


def _save_draft(call: ApiCall) -> JsonObject:
    with writing(call.deps.engine) as connection:
        transformation = save_draft(
            connection,
            workspace_id=call.workspace_id,
            transformation_id=_id(call),
            code=call.body["code"],
            now=call.deps.clock.now(),
        )
        return _described(call, transformation, read_source_of(connection, transformation))


def _publish(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        transformation = read_named(call, connection)
    _refuse_invalid(call, transformation.draft)
    with writing(call.deps.engine) as connection:
        revision = publish(
            connection,
            transformation=transformation,
            note=call.body.get("note", ""),
            now=call.deps.clock.now(),
        )
    call.deps.changed()
    return {"revision": _described_revision(revision)}


def _refuse_invalid(call: ApiCall, code: str) -> None:
    oversize = describe_oversize(code)
    if oversize:
        raise Conflict(f"The draft is {oversize}.", hint="Shorten it, then publish again.")
    problem = call.deps.preview.check(workspace_id=call.workspace_id, code=code)
    if problem is not None:
        raise DraftInvalid(problem)


def _unpublish(call: ApiCall) -> JsonObject:
    with writing(call.deps.engine) as connection:
        transformation = unpublish(
            connection,
            workspace_id=call.workspace_id,
            transformation_id=_id(call),
            now=call.deps.clock.now(),
        )
        source = read_source_of(connection, transformation)
    call.deps.changed()
    return _described(call, transformation, source)


def _list_revisions(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        revisions = list_revisions(
            connection, workspace_id=call.workspace_id, transformation_id=_id(call)
        )
    return {"revisions": [_described_revision(revision) for revision in revisions]}


def _id(call: ApiCall) -> TransformationId:
    return TransformationId(call.id("transformation_id", "trf"))


def read_named(call: ApiCall, connection: Connection) -> Transformation:
    """Read the transformation that the path names.

    Raises:
        NotFound: the workspace has no such transformation.
    """
    return read_transformation(
        connection, workspace_id=call.workspace_id, transformation_id=_id(call)
    )


def read_source_of(connection: Connection, transformation: Transformation) -> Source:
    """Read the source whose webhooks a transformation gets."""
    return read_source(
        connection,
        workspace_id=transformation.workspace_id,
        source_id=transformation.source_id,
    )


def _described(call: ApiCall, transformation: Transformation, source: Source) -> JsonObject:
    return {
        "id": transformation.id,
        "name": transformation.name,
        "destination": transformation.destination.value,
        "source_id": source.id,
        "url": f"{call.base_url}/in/{source.token}",
        "draft": transformation.draft,
        "published_revision_id": transformation.published_revision_id,
        "created_at": to_text(transformation.created_at),
        "updated_at": to_text(transformation.updated_at),
    }


def _described_revision(revision: Revision) -> JsonObject:
    return {
        "id": revision.id,
        "transformation_id": revision.transformation_id,
        "number": revision.number,
        "destination": revision.destination.value,
        "code": revision.code,
        "note": revision.note,
        "created_at": to_text(revision.created_at),
    }


ONE = "/api/transformations/{transformation_id}"

ROUTES = (
    ApiRoute(
        "POST",
        "/api/transformations",
        "Make a transformation and its source.",
        _create,
        _TRANSFORMATION,
        body=CREATE_TRANSFORMATION,
        status=201,
    ),
    ApiRoute(
        "GET",
        "/api/transformations",
        "List the transformations.",
        _list,
        object_schema({"transformations": {"type": "array", "items": _TRANSFORMATION}}),
    ),
    ApiRoute("GET", ONE, "Read a transformation.", _read, _TRANSFORMATION),
    ApiRoute(
        "PATCH",
        ONE,
        "Rename a transformation, or change its destination from the next revision on.",
        _change,
        _TRANSFORMATION,
        body=CHANGE_TRANSFORMATION,
    ),
    ApiRoute(
        "DELETE",
        ONE,
        "Delete a transformation that is not published.",
        _delete,
        object_schema({"deleted": id_schema("trf")}),
    ),
    ApiRoute(
        "PUT", f"{ONE}/draft", "Save the draft.", _save_draft, _TRANSFORMATION, body=SAVE_DRAFT
    ),
    ApiRoute(
        "POST",
        f"{ONE}/publish",
        "Let new webhooks run the draft, as a revision.",
        _publish,
        object_schema({"revision": _REVISION}),
        body=PUBLISH,
    ),
    ApiRoute(
        "POST",
        f"{ONE}/unpublish",
        "Let new webhooks be captured only.",
        _unpublish,
        _TRANSFORMATION,
    ),
    ApiRoute(
        "GET",
        f"{ONE}/revisions",
        "List the revisions, newest first.",
        _list_revisions,
        object_schema({"revisions": {"type": "array", "items": _REVISION}}),
    ),
)
