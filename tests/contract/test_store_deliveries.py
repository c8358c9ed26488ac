from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from unittest.mock import ANY

import pytest
from sqlalchemy import Engine

from tests.support.settlements import (
    TRANSFORMATION,
    WORKSPACE,
    attributes,
    make_settlement,
)
from transformer.delivery import State
from transformer.ids import (
    DeliveryId,
    new_event_id,
    new_transformation_id,
    new_workspace_id,
)
from transformer.operation import JsonObject
from transformer.settlement import Settlement
from transformer.store.deliveries import list_deliveries, read_event
from transformer.store.engine import reading, writing
from transformer.writer.apply import apply_batch

NOW = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


def _write(engine: Engine, *settlements: Settlement) -> None:
    with writing(engine) as connection:
        apply_batch(connection, workspace_id=WORKSPACE, settlements=settlements, now=NOW)


def _list(engine: Engine, **given: Any) -> list[JsonObject]:
    with reading(engine) as connection:
        filled: dict[str, Any] = {"workspace_id": WORKSPACE, "limit": 50} | given
        return list_deliveries(connection, **filled)


def _ids(listed: Sequence[JsonObject]) -> list[str]:
    return [row["id"] for row in listed]


def _numbered(count: int, **given: Any) -> list[Settlement]:
    return [
        make_settlement(delivery_id=DeliveryId(f"dlv_{number:032x}"), **given)
        for number in range(count)
    ]


def test_a_delivery_is_listed_as_it_was_settled(engine: Engine) -> None:
    operation = attributes(external_id="u1", plan="pro")
    settlement = make_settlement(
        operation,
        output=[operation["object"]],
        warnings=[{"code": "told_before"}],
        body=b'{"user": "\xc3\xa9"}',
    )
    _write(engine, settlement)
    assert _list(engine) == [
        {
            "id": settlement.delivery_id,
            "transformation_id": settlement.transformation_id,
            "revision_id": settlement.revision_id,
            "event_id": settlement.event_id,
            "outcome": "applied",
            "operations": [
                {**operation, "key": f"{settlement.event_id}/{settlement.transformation_id}/0"}
            ],
            "output": [operation["object"]],
            "errors": [],
            "warnings": [{"code": "told_before"}],
            "console": [],
            "changes": [
                {
                    "profile_id": ANY,
                    "created": True,
                    "set": {
                        "fields": {"external_id": {"from": None, "to": "u1"}},
                        "custom_attributes": {"plan": {"from": None, "to": "pro"}},
                    },
                }
            ],
            "duration_us": 7,
            "accepted_at": "2026-03-01T12:00:00.000Z",
            "applied_at": "2026-03-01T12:00:05.000Z",
            "replay_of": None,
            "attempt": 1,
            "trigger": "automatic",
            "payload": {"user": "é"},
            "headers": {"Content-Type": "application/json"},
        }
    ]


@pytest.mark.parametrize(
    ("body", "content_type", "payload"),
    [
        (b"a=1&b=2", "application/x-www-form-urlencoded", {"a": "1", "b": "2"}),
        (b"\xff\x00", "application/octet-stream", None),
        (b"[" * 300 + b"]" * 300, "application/json", None),
        (b"", "application/json", None),
    ],
)
def test_the_payload_is_null_where_the_body_is_none(
    engine: Engine, body: bytes, content_type: str, payload: Any
) -> None:
    _write(engine, make_settlement(body=body, content_type=content_type))
    assert _list(engine)[0]["payload"] == payload


def test_the_newest_deliveries_come_first_page_by_page(engine: Engine) -> None:
    settlements = _numbered(5)
    _write(engine, *settlements)
    newest_first = [settlement.delivery_id for settlement in reversed(settlements)]
    first = _ids(_list(engine, limit=2))
    second = _ids(_list(engine, limit=2, before=first[-1]))
    third = _ids(_list(engine, limit=2, before=second[-1]))
    assert [*first, *second, *third] == newest_first


def test_deliveries_are_listed_by_transformation_and_state(engine: Engine) -> None:
    other = new_transformation_id()
    mine = make_settlement(verdict="failed")
    _write(
        engine,
        mine,
        make_settlement(verdict="skipped"),
        make_settlement(verdict="failed", transformation_id=other),
    )
    assert _ids(_list(engine, transformation_id=TRANSFORMATION, state=State.FAILED)) == [
        mine.delivery_id
    ]
    assert len(_list(engine, state=State.FAILED)) == 2
    assert len(_list(engine, transformation_id=other)) == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ZELDA", id="in the body, in other letters"),
        pytest.param("50%_off", id="a percent sign and an underscore are plain text"),
        pytest.param("café", id="an accent"),
        pytest.param("Hyrule", id="in the output"),
        pytest.param("\\o/", id="a backslash"),
    ],
)
def test_deliveries_are_found_by_a_text(engine: Engine, text: str) -> None:
    wanted = make_settlement(
        output={"place": "Hyrule"},
        body='{"name": "Zelda", "code": "50%_off", "at": "café", "hi": \\o/}'.encode(),
    )
    _write(engine, wanted, make_settlement(body=b'{"code": "50xxoff", "hi": "o"}'))
    assert _ids(_list(engine, text=text)) == [wanted.delivery_id]


def test_deliveries_are_found_by_their_ids(engine: Engine) -> None:
    wanted, other = make_settlement(), make_settlement()
    _write(engine, wanted, other)
    assert _ids(_list(engine, text=wanted.delivery_id)) == [wanted.delivery_id]
    assert _ids(_list(engine, text=wanted.event_id)) == [wanted.delivery_id]
    assert _list(engine, text="a\x00b") == []


def test_another_workspaces_deliveries_are_not_listed(engine: Engine) -> None:
    settlement = make_settlement()
    _write(engine, settlement)
    other = new_workspace_id()
    assert _list(engine, workspace_id=other) == []
    with reading(engine) as connection:
        assert read_event(connection, workspace_id=other, event_id=settlement.event_id) is None


def test_an_event_is_read_as_it_was_accepted(engine: Engine) -> None:
    settlement = make_settlement(
        body=b"\x00\xff raw", content_type="text/plain", headers={"X-Kind": "é"}
    )
    _write(engine, settlement)
    with reading(engine) as connection:
        event = read_event(connection, workspace_id=WORKSPACE, event_id=settlement.event_id)
        assert event is not None
        assert event.body == b"\x00\xff raw"
        assert event.headers == {"X-Kind": "é"}
        assert event.content_type == "text/plain"
        assert event.accepted_at == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
        assert event.source_id == settlement.source_id
        unknown = new_event_id()
        assert read_event(connection, workspace_id=WORKSPACE, event_id=unknown) is None


def test_the_bodies_of_a_batch_are_kept_apart_byte_for_byte(engine: Engine) -> None:
    bodies = [b"", b"\x00", "né".encode(), b"", b"\xff" * 70_000, b'\\x00"\n', b"last"]
    settlements = [make_settlement(body=body) for body in bodies]
    _write(engine, *settlements)
    with reading(engine) as connection:
        found = [
            read_event(connection, workspace_id=WORKSPACE, event_id=settlement.event_id)
            for settlement in settlements
        ]
    assert [event.body for event in found if event is not None] == bodies
