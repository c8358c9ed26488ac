from sqlalchemy import Engine

from tests.support.settlements import WORKSPACE
from transformer.ids import new_workspace_id
from transformer.store.engine import reading, writing
from transformer.store.positions import move_position, read_position


def test_there_is_no_position_before_the_first(engine: Engine) -> None:
    with reading(engine) as connection:
        assert read_position(connection, workspace_id=WORKSPACE) is None


def test_a_position_moves_from_where_it_is_expected(engine: Engine) -> None:
    with writing(engine) as connection:
        assert move_position(connection, workspace_id=WORKSPACE, expected=None, to="1-0")
        assert move_position(connection, workspace_id=WORKSPACE, expected="1-0", to="2-0")
    with reading(engine) as connection:
        assert read_position(connection, workspace_id=WORKSPACE) == "2-0"


def test_a_position_that_is_elsewhere_stays(engine: Engine) -> None:
    with writing(engine) as connection:
        assert not move_position(connection, workspace_id=WORKSPACE, expected="1-0", to="2-0")
        move_position(connection, workspace_id=WORKSPACE, expected=None, to="5-0")
        assert not move_position(connection, workspace_id=WORKSPACE, expected=None, to="6-0")
        assert not move_position(connection, workspace_id=WORKSPACE, expected="4-0", to="6-0")
        assert read_position(connection, workspace_id=WORKSPACE) == "5-0"


def test_each_workspace_has_its_own_position(engine: Engine) -> None:
    other = new_workspace_id()
    with writing(engine) as connection:
        move_position(connection, workspace_id=WORKSPACE, expected=None, to="1-0")
        assert read_position(connection, workspace_id=other) is None
        assert move_position(connection, workspace_id=other, expected=None, to="7-0")
        assert read_position(connection, workspace_id=WORKSPACE) == "1-0"
