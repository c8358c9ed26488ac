"""What callers are told when something is wrong: one shape, on every route."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.api import KEY, Api, running_api
from transformer.api.app import route_table
from transformer.api.deps import Complaint
from transformer.api.route import ApiRoute
from transformer.errors import QueueUnavailable
from transformer.ids import new_workspace_id
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID

ROUTES = route_table()
PRIVATE = [route for route in ROUTES if not route.public]


def _name(route: ApiRoute) -> str:
    return f"{route.method} {route.path}"


def _path(route: ApiRoute) -> str:
    """A path of the route that names nothing that exists."""
    return route.path.replace("{transformation_id}", "trf_" + "f" * 32).replace(
        "{delivery_id}", "dlv_" + "f" * 32
    )


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as running:
        yield running


@pytest.mark.parametrize("route", PRIVATE, ids=_name)
def test_a_caller_without_a_key_is_refused(api: Api, route: ApiRoute) -> None:
    answer = api.request(route.method, _path(route), key="")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == "unauthorized"
    assert "TRANSFORMER_ADMIN_TOKEN" in answer.json()["error"]["hint"]


@pytest.mark.parametrize("key", ["wrong", KEY + "x", KEY[:-1], KEY.upper(), "é"])
def test_a_caller_with_another_key_is_refused(api: Api, key: str) -> None:
    header = {"authorization": f"Bearer {key}".encode()}
    assert api.request("GET", "/api/sources", key="", headers=header).status_code == 401


def test_a_key_under_another_scheme_is_refused(api: Api) -> None:
    header = {"authorization": f"Basic {KEY}"}
    assert api.request("GET", "/api/sources", key="", headers=header).status_code == 401


@pytest.mark.parametrize("route", ROUTES, ids=_name)
def test_an_unknown_query_parameter_is_refused(api: Api, route: ApiRoute) -> None:
    answer = api.request(route.method, _path(route), params={"wrkspace": "x"})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "invalid_request"
    assert "`wrkspace`" in error["message"]


def test_a_misspelt_query_parameter_is_put_right(api: Api) -> None:
    answer = api.request("GET", "/api/deliveries", params={"transfomation": "x"})
    assert "Did you mean `transformation`?" in answer.json()["error"]["hint"]


def test_a_query_parameter_that_is_given_twice_is_refused(api: Api) -> None:
    answer = api.request("GET", "/api/deliveries?q=a&q=b")
    assert answer.status_code == 400
    assert "twice" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.method in {"POST", "PUT", "PATCH"}], ids=_name
)
class TestBodies:
    def test_a_body_that_is_not_json_is_refused(self, api: Api, route: ApiRoute) -> None:
        header = {"content-type": "application/json"}
        answer = api.request(route.method, _path(route), content=b'{"a": ', headers=header)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "body_unreadable"
        assert "line 1, column" in answer.json()["error"]["message"]

    def test_a_body_of_another_type_is_refused(self, api: Api, route: ApiRoute) -> None:
        answer = api.request(route.method, _path(route), data={"name": "x"})
        assert answer.status_code == 415
        assert "application/x-www-form-urlencoded" in answer.json()["error"]["message"]

    def test_a_body_that_is_too_large_is_refused(self, api: Api, route: ApiRoute) -> None:
        header = {"content-type": "application/json"}
        body = b'{"a": "' + b"x" * 3_000_000 + b'"}'
        answer = api.request(route.method, _path(route), content=body, headers=header)
        assert answer.status_code == 413

    @pytest.mark.parametrize("depth", [300, 1_000, 100_000])
    def test_a_body_that_is_too_deep_is_refused(
        self, api: Api, route: ApiRoute, depth: int
    ) -> None:
        header = {"content-type": "application/json"}
        body = b'{"name": ' + b"[" * depth + b"]" * depth + b"}"
        answer = api.request(route.method, _path(route), content=body, headers=header)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "body_unreadable"

    def test_a_body_that_is_no_object_is_refused(self, api: Api, route: ApiRoute) -> None:
        answer = api.request(route.method, _path(route), json=["name"])
        assert answer.status_code == 400
        assert "an array; an object was expected" in answer.json()["error"]["message"]

    def test_an_unknown_property_is_refused_at_its_place(self, api: Api, route: ApiRoute) -> None:
        answer = api.request(route.method, _path(route), json={"naem": 1, "code": 1, "fields": 1})
        assert answer.status_code == 400
        assert answer.json()["error"]["pointer"].startswith("/")


@pytest.mark.parametrize(
    "route",
    [
        route
        for route in ROUTES
        if "_id}" in route.path
        and not route.body["required"]
        and not route.body.get("minProperties")
    ],
)
@pytest.mark.parametrize("named", ["trf_" + "f" * 32, "evt_" + "f" * 32, "x", "%00", "trf_é"])
def test_a_path_that_names_nothing_is_not_found(api: Api, route: ApiRoute, named: str) -> None:
    path = re.sub(r"\{\w+_id\}", named, route.path)
    answer = api.request(route.method, path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/sources/", "/elsewhere"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_not_found(api: Api, method: str, path: str) -> None:
    answer = api.request(method, path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES}))
def test_a_method_that_a_path_does_not_take_is_refused(api: Api, path: str) -> None:
    answer = api.request("OPTIONS", path)
    assert answer.status_code == 405
    allowed = answer.headers["allow"].split(", ")
    assert set(allowed) == {route.method for route in ROUTES if route.path == path}


def test_a_workspace_that_does_not_exist_is_not_found(api: Api) -> None:
    workspace_id = new_workspace_id()
    answer = api.request("GET", "/api/sources", params={"workspace": workspace_id})
    assert answer.status_code == 404
    assert workspace_id in answer.json()["error"]["message"]


def test_a_workspace_may_be_named(api: Api) -> None:
    made = api.make()
    held = api.get("/api/transformations", params={"workspace": DEFAULT_WORKSPACE_ID})
    assert held["transformations"] == [made]


def test_an_id_of_another_kind_in_the_query_is_refused(api: Api) -> None:
    answer = api.request("GET", "/api/deliveries", params={"transformation": "evt_" + "0" * 32})
    assert answer.status_code == 400
    assert "not the id of a transformation" in answer.json()["error"]["message"]


def test_a_service_that_does_not_answer_is_told_apart_and_asks_for_patience(api: Api) -> None:
    made = api.make()
    api.failing = QueueUnavailable("Redis does not answer.")
    answer = api.request("POST", f"/api/transformations/{made['id']}/publish")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["error"]["code"] == "queue_unavailable"


def test_a_bug_of_ours_is_an_error_in_the_same_shape_that_tells_nothing_else(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    api.failing = RuntimeError("secret detail")
    answer = api.request("GET", "/readyz")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
    assert "secret detail" not in answer.text
    assert "secret detail" in "".join(capsys.readouterr())


def test_a_live_process_says_so_without_a_key(api: Api) -> None:
    assert api.get("/healthz", key="") == {"status": "ok"}


def test_a_ready_process_names_its_services(api: Api) -> None:
    api.services = [("redis", None), ("store", None)]
    api.degraded = [Complaint("no_writer", "None was heard of.")]
    assert api.get("/readyz", key="") == {
        "status": "ready",
        "services": ["redis", "store"],
        "processes": {"worker": [{"instance": "host:1", "age_s": 0.4, "busy_s": 0.0}]},
        "degraded": [{"reason": "no_writer", "detail": "None was heard of."}],
        "sandbox": [{"layer": "seccomp", "in_force": False, "detail": "switched off"}],
    }


def test_a_process_that_is_not_ready_says_what_is_wrong(api: Api) -> None:
    api.services = [("redis", "Connection refused."), ("store", None)]
    answer = api.request("GET", "/readyz", key="")
    assert answer.status_code == 503
    assert "redis: Connection refused." in answer.json()["error"]["message"]
    assert int(answer.headers["retry-after"]) > 0


def test_head_is_answered_like_get_without_its_body(api: Api) -> None:
    answer = api.request("HEAD", "/healthz")
    assert answer.status_code == 200
