"""Who is let in."""

import pytest

from transformer.api.auth import check_key
from transformer.errors import Unauthorized


def test_the_admin_token_is_let_in() -> None:
    check_key("Bearer secret", admin_token="secret")


def test_the_name_of_the_scheme_may_be_written_in_any_case() -> None:
    check_key("bearer secret", admin_token="secret")


@pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer ", "Bearer  ", "secret", "Bearer x"])
def test_anything_else_is_refused(sent: str | None) -> None:
    with pytest.raises(Unauthorized):
        check_key(sent, admin_token="secret")


@pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer ", "Bearer x"])
def test_without_an_admin_token_nobody_is_let_in(sent: str | None) -> None:
    with pytest.raises(Unauthorized):
        check_key(sent, admin_token="")


def test_the_refusal_does_not_repeat_the_key() -> None:
    with pytest.raises(Unauthorized) as refused:
        check_key("Bearer nearly-right", admin_token="secret")
    assert "nearly-right" not in str(refused.value.as_json())
