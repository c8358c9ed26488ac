"""Limits over HTTP: read, changed, and refused where they make no sense."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.api import Api, running_api
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID

WORKSPACE = f"/api/workspaces/{DEFAULT_WORKSPACE_ID}/limits"
CHOSEN = {"rate_per_s": 50, "backlog_limit": 1_000, "weight": 3}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as running:
        yield running


def test_a_workspace_has_no_limits_of_its_own_and_one_share(api: Api) -> None:
    assert api.get(WORKSPACE) == {"rate_per_s": None, "backlog_limit": None, "weight": 1}


def test_a_workspace_keeps_the_limits_it_is_given(api: Api) -> None:
    answer = api.request("PUT", WORKSPACE, json=CHOSEN)
    assert (answer.status_code, answer.json()) == (200, CHOSEN)
    assert api.get(WORKSPACE) == CHOSEN


def test_a_source_keeps_the_limit_it_is_given(api: Api) -> None:
    path = f"/api/sources/{api.make()['source_id']}/limits"
    assert api.get(path) == {"rate_per_s": None}
    assert api.request("PUT", path, json={"rate_per_s": 7}).json() == {"rate_per_s": 7}
    assert api.get(path) == {"rate_per_s": 7}


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"rate_per_s": -1}, "/rate_per_s"),
        ({"rate_per_s": 1.5}, "/rate_per_s"),
        ({"backlog_limit": 2**31}, "/backlog_limit"),
        ({"weight": 0}, "/weight"),
        ({"weight": None}, "/weight"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(
    api: Api, changed: dict[str, float | None], pointer: str
) -> None:
    answer = api.request("PUT", WORKSPACE, json=CHOSEN | changed)
    assert answer.status_code == 400
    assert answer.json()["error"]["pointer"] == pointer
    assert api.get(WORKSPACE)["weight"] == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/api/sources/src_{'0' * 32}/limits", {"rate_per_s": 1}),
        (f"/api/workspaces/wsp_{'1' * 32}/limits", CHOSEN),
    ],
)
def test_what_is_not_there_has_no_limits(api: Api, path: str, body: dict[str, int]) -> None:
    assert api.request("GET", path).status_code == 404
    assert api.request("PUT", path, json=body).status_code == 404
