from sqlalchemy import Engine

from tests.support.settlements import WORKSPACE
from transformer.ids import new_workspace_id
from transformer.store.engine import reading, writing
from transformer.store.positions import Position, move_position, read_position


def at(entry_id: str, generation: str = "this", checked_until: str = "") -> Position:
    return Position(entry_id, generation, checked_until)


def test_there_is_no_position_before_the_first(engine: Engine) -> None:
    with reading(engine) as connection:
        assert read_position(connection, workspace_id=WORKSPACE) is None


def test_a_position_moves_from_where_it_is_expected(engine: Engine) -> None:
    with writing(engine) as connection:
        assert move_position(connection, workspace_id=WORKSPACE, expected=None, to=at("1-0"))
        assert move_position(connection, workspace_id=WORKSPACE, expected=at("1-0"), to=at("2-0"))
    with reading(engine) as connection:
        assert read_position(connection, workspace_id=WORKSPACE) == at("2-0")


def test_a_position_that_is_elsewhere_stays(engine: Engine) -> None:
    with writing(engine) as connection:
        assert not move_position(
            connection, workspace_id=WORKSPACE, expected=at("1-0"), to=at("2-0")
        )
        move_position(connection, workspace_id=WORKSPACE, expected=None, to=at("5-0"))
        assert not move_position(connection, workspace_id=WORKSPACE, expected=None, to=at("6-0"))
        assert not move_position(
            connection, workspace_id=WORKSPACE, expected=at("4-0"), to=at("6-0")
        )
        assert read_position(connection, workspace_id=WORKSPACE) == at("5-0")


def test_each_workspace_has_its_own_position(engine: Engine) -> None:
    other = new_workspace_id()
    with writing(engine) as connection:
        move_position(connection, workspace_id=WORKSPACE, expected=None, to=at("1-0"))
        assert read_position(connection, workspace_id=other) is None
        assert move_position(connection, workspace_id=other, expected=None, to=at("7-0"))
        assert read_position(connection, workspace_id=WORKSPACE) == at("1-0")


def test_a_position_of_another_generation_is_another_position(engine: Engine) -> None:
    until = "2026-03-01T12:00:00.000Z"
    with writing(engine) as connection:
        move_position(connection, workspace_id=WORKSPACE, expected=None, to=at("5-0", "old"))
        new = at("1-0", "new", until)
        assert not move_position(
            connection, workspace_id=WORKSPACE, expected=at("5-0", "new"), to=new
        )
        assert move_position(connection, workspace_id=WORKSPACE, expected=at("5-0", "old"), to=new)
        assert read_position(connection, workspace_id=WORKSPACE) == new
