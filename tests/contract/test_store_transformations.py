"""Workspaces, sources, transformations and revisions, on each database that we speak to."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine

from transformer.errors import Conflict, NotFound
from transformer.ids import TransformationId, WorkspaceId, new_revision_id, new_workspace_id
from transformer.revision import Revision
from transformer.store.engine import reading, writing
from transformer.store.routes import find_route
from transformer.store.sources import find_source, list_sources, read_source
from transformer.store.transformations import (
    change_transformation,
    create_transformation,
    delete_transformation,
    list_revisions,
    list_transformations,
    publish,
    read_published,
    read_revision,
    read_transformation,
    save_draft,
    unpublish,
)
from transformer.store.workspaces import (
    DEFAULT_WORKSPACE_ID,
    create_workspace,
    ensure_default_workspace,
    list_workspaces,
    read_workspace,
)
from transformer.transformation import Destination, Transformation
from transformer.workspace import Workspace

NOW = datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def _make(connection: Connection, *, name: str = "Orders", code: str = "return;") -> Transformation:
    workspace = ensure_default_workspace(connection, now=NOW)
    made, _ = create_transformation(
        connection,
        workspace_id=workspace.id,
        name=name,
        destination=Destination.TRACK,
        code=code,
        now=NOW,
    )
    return made


def _publish(connection: Connection, transformation: Transformation, *, note: str = "") -> Revision:
    held = read_transformation(
        connection,
        workspace_id=transformation.workspace_id,
        transformation_id=transformation.id,
    )
    return publish(connection, transformation=held, note=note, now=LATER)


def _save(connection: Connection, transformation: Transformation, code: str) -> Transformation:
    return save_draft(
        connection,
        workspace_id=transformation.workspace_id,
        transformation_id=transformation.id,
        code=code,
        now=LATER,
    )


def test_the_default_workspace_is_made_once(engine: Engine) -> None:
    with writing(engine) as connection:
        first = ensure_default_workspace(connection, now=NOW)
        second = ensure_default_workspace(connection, now=LATER)
        assert first == second == Workspace(id=DEFAULT_WORKSPACE_ID, name="Default")
        assert list_workspaces(connection) == [first]


def test_processes_that_make_the_default_workspace_at_once_share_it(engine: Engine) -> None:
    together = threading.Barrier(4)
    made: list[Workspace] = []

    def start() -> None:
        together.wait()
        with writing(engine) as connection:
            made.append(ensure_default_workspace(connection, now=NOW))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        assert list_workspaces(connection) == [made[0]]
    assert len(made) == 4


def test_a_workspace_that_does_not_exist_is_none(engine: Engine) -> None:
    with reading(engine) as connection:
        assert read_workspace(connection, workspace_id=new_workspace_id()) is None


def test_a_transformation_is_read_as_it_was_made(engine: Engine) -> None:
    with writing(engine) as connection:
        made = _make(connection, code="return { é: '🎈' };")
    with reading(engine) as connection:
        assert _read(connection, made) == made


def _read(connection: Connection, transformation: Transformation) -> Transformation:
    return read_transformation(
        connection,
        workspace_id=transformation.workspace_id,
        transformation_id=transformation.id,
    )


def test_a_new_transformation_has_a_source_of_its_own(engine: Engine) -> None:
    with writing(engine) as connection:
        one, other = _make(connection), _make(connection)
        sources = list_sources(connection, workspace_id=one.workspace_id)
    assert [source.id for source in sources].count(one.source_id) == 1
    assert {source.id for source in sources} == {one.source_id, other.source_id}
    assert len({source.token for source in sources}) == 2


def test_a_source_is_found_by_its_token_and_by_its_id(engine: Engine) -> None:
    with writing(engine) as connection:
        made = _make(connection)
        source = read_source(connection, workspace_id=made.workspace_id, source_id=made.source_id)
        assert find_source(connection, token=source.token) == source
        assert find_source(connection, token="no-such-token") is None


def test_what_belongs_to_another_workspace_is_not_found(engine: Engine) -> None:
    with writing(engine) as connection:
        made = _make(connection)
        other = Workspace(id=new_workspace_id(), name="Other")
        create_workspace(connection, workspace=other, now=NOW)
        assert list_transformations(connection, workspace_id=other.id) == []
        assert list_sources(connection, workspace_id=other.id) == []
        with pytest.raises(NotFound):
            read_transformation(connection, workspace_id=other.id, transformation_id=made.id)
        with pytest.raises(NotFound):
            read_source(connection, workspace_id=other.id, source_id=made.source_id)
        with pytest.raises(NotFound):
            _delete(connection, other.id, made.id)


def _delete(
    connection: Connection, workspace_id: WorkspaceId, transformation_id: TransformationId
) -> None:
    delete_transformation(
        connection, workspace_id=workspace_id, transformation_id=transformation_id
    )


def test_transformations_are_listed_oldest_first(engine: Engine) -> None:
    with writing(engine) as connection:
        made = sorted((_make(connection, name=name) for name in "abc"), key=lambda one: one.id)
        assert list_transformations(connection, workspace_id=made[0].workspace_id) == made


def test_saving_a_draft_leaves_what_is_published(engine: Engine) -> None:
    with writing(engine) as connection:
        made = _make(connection, code="return 1;")
        revision = _publish(connection, made)
        saved = _save(connection, made, "return 2;")
        assert saved == _read(connection, made)
        assert (saved.draft, saved.updated_at) == ("return 2;", LATER)
        published = read_published(connection, transformation_id=made.id)
    assert published == (saved, revision)
    assert revision.code == "return 1;"


def test_revisions_are_numbered_from_one(engine: Engine) -> None:
    with writing(engine) as connection:
        made = _make(connection, code="return 1;")
        first = _publish(connection, made, note="the first")
        second = _publish(connection, _save(connection, made, "return 2;"), note="the second")
        listed = list_revisions(
            connection, workspace_id=made.workspace_id, transformation_id=made.id
        )
    assert [(one.number, one.note, one.code) for one in listed] == [
        (2, "the second", "return 2;"),
        (1, "the first", "return 1;"),
    ]
    assert listed == [second, first]


def test_publishing_an_unchanged_draft_answers_with_the_current_revision(engine: Engine) -> None:
    with writing(engine) as connection:
        made = _make(connection)
        assert _publish(connection, made) == _publish(connection, made, note="again")


def test_a_draft_is_published_again_after_an_unpublish_as_the_same_revision(
    engine: Engine,
) -> None:
    with writing(engine) as connection:
        made = _make(connection)
        first = _publish(connection, made)
        _unpublish(connection, made)
        assert _publish(connection, made) == first
        published = read_published(connection, transformation_id=made.id)
    assert published is not None
    assert published[1] == first


def _unpublish(connection: Connection, transformation: Transformation) -> Transformation:
    return unpublish(
        connection,
        workspace_id=transformation.workspace_id,
        transformation_id=transformation.id,
        now=LATER,
    )


def test_another_destination_makes_another_revision_of_the_same_code(engine: Engine) -> None:
    with writing(engine) as connection:
        made = _make(connection)
        _publish(connection, made)
        change_transformation(
            connection,
            workspace_id=made.workspace_id,
            transformation_id=made.id,
            destination=Destination.CATALOG_PUT,
            now=LATER,
        )
        second = _publish(connection, made)
    assert (second.number, second.destination) == (2, Destination.CATALOG_PUT)


def test_a_draft_that_changed_since_it_was_checked_is_not_published(engine: Engine) -> None:
    with writing(engine) as connection:
        made = _make(connection)
        _save(connection, made, "return 2;")
        with pytest.raises(Conflict, match="changed by someone else"):
            publish(connection, transformation=made, now=LATER)


def test_two_that_publish_at_once_make_one_revision(engine: Engine) -> None:
    with writing(engine) as connection:
        made = _make(connection)
    together = threading.Barrier(4)
    revisions: list[Revision] = []

    def start() -> None:
        together.wait()
        with writing(engine) as connection:
            revisions.append(publish(connection, transformation=made, now=LATER))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert revisions == [revisions[0]] * 4


def test_an_unpublished_transformation_has_no_published_revision(engine: Engine) -> None:
    with writing(engine) as connection:
        made = _make(connection)
        assert read_published(connection, transformation_id=made.id) is None
        _publish(connection, made)
        assert _unpublish(connection, made).published_revision_id is None
        assert read_published(connection, transformation_id=made.id) is None


def test_a_revision_is_read_by_its_id(engine: Engine) -> None:
    with writing(engine) as connection:
        revision = _publish(connection, _make(connection))
        assert read_revision(connection, revision_id=revision.id) == revision
        assert read_revision(connection, revision_id=new_revision_id()) is None


def test_a_route_tells_published_from_unpublished(engine: Engine) -> None:
    with writing(engine) as connection:
        made = _make(connection)
        token = read_source(
            connection, workspace_id=made.workspace_id, source_id=made.source_id
        ).token
        before = find_route(connection, token=token)
        _publish(connection, made)
        after = find_route(connection, token=token)
        assert find_route(connection, token="no-such-token") is None
    assert before is not None
    assert after is not None
    assert (before.published, before.unpublished) == ((), (made.id,))
    assert (after.published, after.unpublished) == ((made.id,), ())


def test_a_name_is_changed_alone(engine: Engine) -> None:
    with writing(engine) as connection:
        made = _make(connection)
        changed = change_transformation(
            connection,
            workspace_id=made.workspace_id,
            transformation_id=made.id,
            name="Paid orders",
            now=LATER,
        )
        assert changed == _read(connection, made)
    assert (changed.name, changed.destination) == ("Paid orders", Destination.TRACK)


def test_a_published_transformation_is_not_deleted(engine: Engine) -> None:
    with writing(engine) as connection:
        made = _make(connection)
        _publish(connection, made)
        with pytest.raises(Conflict, match="is published"):
            _delete(connection, made.workspace_id, made.id)


def test_a_deleted_transformation_takes_its_revisions_and_its_source_along(
    engine: Engine,
) -> None:
    with writing(engine) as connection:
        made = _make(connection)
        revision = _publish(connection, made)
        _unpublish(connection, made)
        _delete(connection, made.workspace_id, made.id)
        assert list_transformations(connection, workspace_id=made.workspace_id) == []
        assert list_sources(connection, workspace_id=made.workspace_id) == []
        assert read_revision(connection, revision_id=revision.id) is None
