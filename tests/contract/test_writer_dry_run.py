"""What a dry run says, and that saying it writes nothing; test_writer_dry_run_promise.py holds it to that."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import DBAPIError

from tests.support.identities import delete, merge, new_alias, rename
from tests.support.settlements import (
    WORKSPACE,
    attributes,
    event,
    item,
    make_settlement,
)
from transformer.cli.against import looking_at
from transformer.delivery import Outcome, Verdict
from transformer.errors import StoreUnavailable
from transformer.ids import new_workspace_id
from transformer.settings import load_settings, mask_password
from transformer.settlement import Settlement
from transformer.store.catalogs import create_catalog
from transformer.store.engine import Connection, reading, snapshot, writing
from transformer.store.tables import (
    metadata,
    profiles,
    workspaces,
)
from transformer.store.workspaces import ensure_default_workspace
from transformer.writer.apply import apply_batch
from transformer.writer.changes import ABSENT
from transformer.writer.differences import (
    Fate,
    IdentifierShared,
    NobodyMeant,
    ProfileDiffers,
)
from transformer.writer.dry_run import DryRun, dry_run

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
SECTIONS = ("custom_attributes", "custom_events", "purchases")


def _apply(engine: Engine, *settlements: Settlement) -> None:
    with writing(engine) as connection:
        apply_batch(connection, workspace_id=WORKSPACE, settlements=settlements, now=NOW)


def _try(engine: Engine, *settlements: Settlement) -> DryRun:
    with snapshot(engine) as connection:
        return dry_run(connection, workspace_id=WORKSPACE, settlements=settlements, now=LATER)


def _make_catalog(engine: Engine) -> None:
    fields = [
        {"name": "id", "type": "string"},
        {"name": "price", "type": "number"},
        {"name": "tags", "type": "array"},
        {"name": "made", "type": "object"},
    ]
    with writing(engine) as connection:
        create_catalog(
            connection,
            workspace_id=WORKSPACE,
            name="products",
            description="",
            fields=fields,
            now=NOW,
        )


def _everything(connection: Connection) -> dict[str, list[str]]:
    return {
        table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
        for table in metadata.sorted_tables
    }


def test_nothing_is_written(engine: Engine) -> None:
    _make_catalog(engine)
    _apply(engine, make_settlement(attributes(external_id="u", n=1)))
    with reading(engine) as connection:
        before = _everything(connection)
    found = _try(
        engine,
        make_settlement(
            attributes(external_id="u", n={"inc": 1}), event(external_id="v", name="x")
        ),
        make_settlement(item("put", "products", id="a", price=1)),
    )
    with reading(engine) as connection:
        assert _everything(connection) == before
    assert [one.as_json()["kind"] for one in found.differences] == [
        "profile.changed",
        "profile.created",
        "item.created",
    ]


def test_the_database_itself_refuses_to_write_in_a_snapshot(engine: Engine) -> None:
    # Take query_only or postgresql_readonly out of snapshot to see this fail.
    row = {"id": new_workspace_id(), "name": "x", "created_at": "2026-03-01T12:00:00.000Z"}
    with pytest.raises((DBAPIError, StoreUnavailable)), snapshot(engine) as connection:
        connection.execute(insert(workspaces), row)
    with writing(engine) as connection:
        connection.execute(insert(workspaces), row)


def test_the_store_stands_still_in_a_snapshot(engine: Engine) -> None:
    # Take the isolation level out of snapshot to see this fail on PostgreSQL.
    query = select(profiles.c.external_id)
    with snapshot(engine) as connection:
        assert connection.execute(query).all() == []
        _apply(engine, make_settlement(attributes(external_id="u", n=1)))
        assert connection.execute(query).all() == []
    with snapshot(engine) as connection:
        assert connection.execute(query).scalars().all() == ["u"]


def test_of_several_profiles_with_one_email_the_one_that_is_meant_is_named(engine: Engine) -> None:
    _apply(engine, make_settlement(attributes(email="a@b.co", n=1)))
    for name in ("old", "new"):
        _apply(engine, make_settlement(attributes(external_id=name, email="a@b.co")))
    found = _try(engine, make_settlement(attributes(email="a@b.co", n=2)))
    [shared] = [one for one in found.differences if isinstance(one, IdentifierShared)]
    assert (shared.identifier.value, shared.meant.external_id) == ("a@b.co", "new")
    assert {(other.external_id, other.email) for other in shared.others} == {
        ("old", "a@b.co"),
        (None, "a@b.co"),
    }
    [differs] = [one for one in found.differences if isinstance(one, ProfileDiffers)]
    assert differs.profile == shared.meant


def test_an_identifier_that_nobody_has_is_told_with_its_place(engine: Engine) -> None:
    found = _try(
        engine,
        make_settlement(
            attributes(external_id="u", n=1),
            attributes(braze_id="gone", n=1),
            event(external_id="ghost", name="x", _update_existing_only=True),
        ),
    )
    nobody = [one for one in found.differences if isinstance(one, NobodyMeant)]
    assert [(one.identifier.value, one.pointer) for one in nobody] == [
        ("gone", "/attributes/1"),
        ("ghost", "/events/0"),
    ]


def test_who_goes_up_in_whom_is_told(engine: Engine) -> None:
    _apply(
        engine,
        make_settlement(
            attributes(external_id="kept", n=1), attributes(external_id="gone", n=2, m=3)
        ),
        make_settlement(new_alias("gone", alias_name="n", alias_label="l")),
    )
    found = _try(engine, make_settlement(merge({"external_id": "gone"}, {"external_id": "kept"})))
    kept, gone = found.differences
    assert isinstance(kept, ProfileDiffers)
    assert isinstance(gone, ProfileDiffers)
    assert [(change.path, change.after) for change in kept.changes] == [
        (("user_aliases",), [{"alias_name": "n", "alias_label": "l"}]),
        (("custom_attributes", "m"), 3),
    ]
    assert (gone.fate, gone.profile.external_id) == (Fate.REMOVED, "gone")
    assert gone.merged_into == kept.profile


def test_a_new_name_and_an_end_are_told(engine: Engine) -> None:
    _apply(
        engine,
        make_settlement(attributes(external_id="a", n=1), attributes(external_id="b", n=1)),
    )
    found = _try(engine, make_settlement(rename("a", "c"), delete(external_id="b")))
    assert [one.as_json()["kind"] for one in found.differences] == [
        "profile.changed",
        "profile.removed",
    ]
    renamed, _ = found.differences
    assert isinstance(renamed, ProfileDiffers)
    assert [(change.path, change.before, change.after) for change in renamed.changes] == [
        (("external_id",), "a", "c"),
        (("deprecated_external_ids",), ABSENT, ["a"]),
    ]


def test_a_profile_that_loses_all_it_has_is_still_there(engine: Engine) -> None:
    _apply(engine, make_settlement(attributes(email="a@b.co")))
    with reading(engine) as connection:
        [braze_id] = connection.execute(select(profiles.c.id)).scalars()
    fates = []
    for email in (None, "c@d.co"):
        asked = make_settlement(attributes(braze_id=braze_id, email=email))
        [differs] = _try(engine, asked).differences
        assert isinstance(differs, ProfileDiffers)
        fates.append((differs.fate, differs.profile.braze_id))
        _apply(engine, asked)
    assert fates == [(Fate.CHANGED, braze_id)] * 2


def test_what_an_earlier_delivery_counted_is_not_promised_again(engine: Engine) -> None:
    first = make_settlement(
        attributes(external_id="u", n={"inc": 1}), event(external_id="u", name="x")
    )
    _apply(engine, first)
    again = make_settlement(
        attributes(external_id="u", n={"inc": 1}, plan="pro"),
        event(external_id="u", name="x"),
        event_id=first.event_id,
        replay_of=first.delivery_id,
    )
    found = _try(engine, again)
    [differs] = [one for one in found.differences if isinstance(one, ProfileDiffers)]
    assert [change.path for change in differs.changes] == [("custom_attributes", "plan")]
    [settled] = found.settled
    assert settled is not None
    assert [warning.code for warning in settled.warnings] == ["applied_before"]


def test_a_retry_that_comes_too_late_promises_nothing(engine: Engine) -> None:
    applied = make_settlement(attributes(external_id="u", n={"inc": 1}))
    _apply(engine, applied)
    late = make_settlement(
        attributes(external_id="u", n={"inc": 1}),
        event_id=applied.event_id,
        delivery_id=applied.delivery_id,
        attempt=2,
        is_retry=True,
    )
    assert _try(engine, late) == DryRun((None,), ())


def test_what_is_put_and_deleted_again_is_no_difference(engine: Engine) -> None:
    _make_catalog(engine)
    found = _try(
        engine,
        make_settlement(item("put", "products", id="a", price=1)),
        make_settlement(item("delete", "products", id="a")),
    )
    assert found.differences == ()


def test_a_character_that_no_database_holds_is_promised_as_it_is_kept(engine: Engine) -> None:
    found = _try(engine, make_settlement(attributes(external_id="u", name="a\x00b")))
    [differs] = found.differences
    assert isinstance(differs, ProfileDiffers)
    assert differs.changes[-1].after == "a\N{REPLACEMENT CHARACTER}b"


def test_the_command_line_looks_at_the_database_of_the_settings(
    engine: Engine, database_url: str
) -> None:
    with writing(engine) as connection:
        ensure_default_workspace(connection, now=NOW)
    _apply(engine, make_settlement(attributes(external_id="u", n=1)))
    asked = make_settlement(attributes(external_id="u", n={"inc": 1}))
    outcome = Outcome(Verdict.OK, output=asked.output, operations=tuple(asked.operations))
    settings = load_settings(database_url=database_url)
    with looking_at(settings, workspace=None) as store:
        changes = store.changes(outcome, event_id=asked.event_id)
    assert changes["summary"] == ["1 profile changes n"]
    assert store.place == mask_password(database_url)
