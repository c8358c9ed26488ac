from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from tests.support.settlements import (
    WORKSPACE,
    attributes,
    event,
    make_settlement,
    purchase,
)
from transformer.ids import new_workspace_id
from transformer.operation import JsonObject
from transformer.store.engine import reading, writing
from transformer.store.profiles import find_profiles
from transformer.writer.apply import apply_batch

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ALIAS = {"alias_name": "ada", "alias_label": "shop"}


def _apply(connection: Connection, *operations: JsonObject, now: datetime = NOW) -> None:
    apply_batch(
        connection, workspace_id=WORKSPACE, settlements=[make_settlement(*operations)], now=now
    )


def _find(engine: Engine, **identifiers: Any) -> list[JsonObject]:
    with reading(engine) as connection:
        return find_profiles(connection, workspace_id=WORKSPACE, **identifiers)


def test_a_profile_has_the_shape_of_the_users_export(engine: Engine) -> None:
    with writing(engine) as connection:
        _apply(
            connection,
            attributes(
                external_id="u1",
                email="a@b.co",
                phone="+33123456",
                first_name="Ada",
                current_location={"longitude": 2.3, "latitude": 48.8},
                plan="pro",
            ),
            event(external_id="u1", name="Login"),
            purchase(external_id="u1", price=2.5, quantity=2),
        )
    [profile] = _find(engine, external_id="u1")
    assert profile.pop("braze_id").startswith("prf_")
    when = "2026-01-02T03:04:05.000Z"
    assert profile == {
        "external_id": "u1",
        "created_at": "2026-03-01T12:00:00.000Z",
        "updated_at": "2026-03-01T12:00:00.000Z",
        "email": "a@b.co",
        "phone": "+33123456",
        "first_name": "Ada",
        "last_coordinates": [2.3, 48.8],
        "custom_attributes": {"plan": "pro"},
        "custom_events": [{"name": "Login", "first": when, "last": when, "count": 1}],
        "purchases": [{"name": "mug", "first": when, "last": when, "count": 2}],
        "total_revenue": 5,
    }


def test_empty_fields_are_left_out(engine: Engine) -> None:
    with writing(engine) as connection:
        _apply(connection, attributes(email="a@b.co", plan="pro"))
        _apply(connection, attributes(email="a@b.co", plan=None))
    [profile] = _find(engine, email="a@b.co")
    assert profile.keys() == {"braze_id", "created_at", "updated_at", "email"}


@pytest.mark.parametrize(
    "identifiers",
    [
        {"external_id": "u1"},
        {"email": "a@b.co"},
        {"phone": "+33123456"},
        {"external_id": "u1", "email": "a@b.co"},
    ],
)
def test_a_profile_is_found_by_each_identifier(engine: Engine, identifiers: dict[str, str]) -> None:
    with writing(engine) as connection:
        _apply(connection, attributes(external_id="u1", email="a@b.co", phone="+33123456"))
        _apply(connection, attributes(external_id="u2", email="c@d.co", phone="+33999999"))
    assert [profile["external_id"] for profile in _find(engine, **identifiers)] == ["u1"]


def test_a_profile_is_found_by_its_alias(engine: Engine) -> None:
    with writing(engine) as connection:
        _apply(connection, attributes(user_alias=ALIAS, _update_existing_only=False, plan="pro"))
    [profile] = _find(engine, alias_label="shop", alias_name="ada")
    assert profile["user_aliases"] == [ALIAS]
    assert _find(engine, alias_label="ada", alias_name="shop") == []


def test_profiles_with_one_email_come_latest_first(engine: Engine) -> None:
    with writing(engine) as connection:
        _apply(connection, attributes(external_id="u1", email="a@b.co"))
        _apply(
            connection,
            attributes(external_id="u2", email="a@b.co"),
            now=NOW + timedelta(seconds=1),
        )
    found = _find(engine, email="a@b.co")
    assert [profile["external_id"] for profile in found] == ["u2", "u1"]


def test_another_workspaces_profiles_are_not_found(engine: Engine) -> None:
    with writing(engine) as connection:
        _apply(connection, attributes(external_id="u1"))
        assert find_profiles(connection, workspace_id=new_workspace_id(), external_id="u1") == []


@pytest.mark.parametrize(
    "identifiers", [{}, {"external_id": "nobody"}, {"email": "a\x00"}, {"alias_name": "ada"}]
)
def test_nobody_is_found_without_an_identifier_that_fits(
    engine: Engine, identifiers: dict[str, str]
) -> None:
    with writing(engine) as connection:
        _apply(connection, attributes(external_id="u1", email="a@b.co"))
    assert _find(engine, **identifiers) == []
