"""What is the same for every call of the REST API: its key, its address, its body (braze.md §2, §7)."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.rest import make_key, rest_client
from tests.support.system import System
from tests.support.waiting import wait_until
from transformer.api_key import Permission
from transformer.rest.app import rest_routes
from transformer.rest.route import RestRoute

TRACK = "/users/track"
VALID = {"attributes": [{"external_id": "door", "plan": "gold"}]}
WITH_BODY = [route for route in rest_routes() if route.body is not None]


def _name(route: RestRoute) -> str:
    return f"{route.method} {route.path}"


def _path(route: RestRoute) -> str:
    return route.path.replace("{", "").replace("}", "")


def _refused(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"message"}
    return str(answer.json()["message"])


@pytest.fixture(scope="module")
def made(system: System) -> dict[str, Any]:
    """A key that may do everything."""
    return make_key(system)


@pytest.mark.parametrize("route", rest_routes(), ids=_name)
def test_no_route_answers_a_caller_without_a_key(system: System, route: RestRoute) -> None:
    with rest_client(system, "") as nobody:
        answer = nobody.request(route.method, _path(route))
    assert _refused(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("Bearer", id="an empty key"),
        pytest.param("Basic {key}", id="another scheme"),
        pytest.param("Bearer {key}x", id="a longer key"),
        pytest.param("Bearer {id}.{id}", id="a wrong secret"),
        pytest.param("Bearer key_00000000000000000000000000000000.x", id="a key that is not there"),
        pytest.param("Bearer 4c3b2a19-0000-4000-8000-000000000000", id="another's key"),
    ],
)
def test_a_caller_whose_key_opens_nothing_is_refused(
    system: System, made: dict[str, Any], authorization: str
) -> None:
    headers = {"authorization": authorization.format(key=made["key"], id=made["id"])}
    with rest_client(system, "") as nobody:
        assert _refused(nobody.post(TRACK, headers=headers, json=VALID), 401)


@pytest.mark.parametrize("route", rest_routes(), ids=_name)
def test_a_key_without_the_permission_of_a_route_is_refused(
    system: System, route: RestRoute
) -> None:
    others = [permission.value for permission in Permission if permission != route.permission]
    with rest_client(system, make_key(system, others)["key"]) as caller:
        message = _refused(caller.request(route.method, _path(route), json=VALID), 403)
    assert route.permission.value in message


@pytest.mark.parametrize(
    ("allowed", "status"),
    [
        pytest.param([], 201, id="no list"),
        pytest.param(["127.0.0.1"], 201, id="the address itself"),
        pytest.param(["192.0.2.7", "127.0.0.0/8"], 201, id="a subnet"),
        pytest.param(["192.0.2.0/24"], 403, id="another subnet"),
        pytest.param(["::1"], 403, id="another kind of address"),
    ],
)
def test_a_key_is_used_from_its_addresses_alone(
    system: System, allowed: list[str], status: int
) -> None:
    key = make_key(system, allowed_ips=allowed)["key"]
    with rest_client(system, key) as caller:
        assert caller.post(TRACK, json=VALID).status_code == status


def test_a_proxy_that_is_trusted_tells_the_address(system: System) -> None:
    # uvicorn trusts a proxy on this machine, and no other, unless FORWARDED_ALLOW_IPS says so.
    key = make_key(system, allowed_ips=["192.0.2.7"])["key"]
    with rest_client(system, key) as caller:
        assert caller.post(TRACK, json=VALID).status_code == 403
        behind = {"x-forwarded-for": "192.0.2.7"}
        assert caller.post(TRACK, json=VALID, headers=behind).status_code == 201


def test_a_deleted_key_opens_nothing_from_the_next_call_on(system: System) -> None:
    # Holds by `is_current` in admission.py: without it the key stays in web's memory.
    made = make_key(system)
    with rest_client(system, made["key"]) as caller:
        assert caller.post(TRACK, json=VALID).status_code == 201
        system.call("DELETE", f"/api/keys/{made['id']}")
        _refused(caller.post(TRACK, json=VALID), 401)


def test_a_key_is_shown_once_and_stored_as_a_hash(system: System) -> None:
    made = make_key(system, ["users.track"], name="Shown once", allowed_ips=["10.0.0.0/8"])
    key = made.pop("key")
    assert made in system.call("GET", "/api/keys")["keys"]
    ((row,),) = system.rows("select secret_hash from api_keys where id = ?", made["id"])
    secret = key.partition(".")[2]
    assert len(secret) >= 43
    assert secret not in row
    log = system.instance.data_dir.with_suffix(".log")
    assert secret not in log.read_text()


def test_a_key_says_when_it_was_used_last(system: System) -> None:
    made = make_key(system)
    assert made["last_seen_at"] is None
    with rest_client(system, made["key"]) as caller:
        caller.post(TRACK, json=VALID).raise_for_status()

    def seen() -> bool:
        keys = system.call("GET", "/api/keys")["keys"]
        return any(key["id"] == made["id"] and key["last_seen_at"] for key in keys)

    wait_until("the key was seen", seen)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param({"permissions": ["users.everything"]}, "/permissions/0", id="permission"),
        pytest.param({"permissions": []}, "/permissions", id="no permission"),
        pytest.param({"allowed_ips": ["10.0.0.1/8"]}, "/allowed_ips", id="host bits in a subnet"),
        pytest.param({"allowed_ips": ["localhost"]}, "/allowed_ips", id="a name"),
        pytest.param({"name": ""}, "/name", id="no name"),
    ],
)
def test_a_key_that_could_not_work_is_not_made(
    system: System, change: dict[str, object], pointer: str
) -> None:
    body = {"name": "n", "permissions": ["users.track"]} | change
    answer = system.client.post("/api/keys", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["pointer"] == pointer


@pytest.mark.parametrize("route", WITH_BODY, ids=_name)
def test_every_route_reads_its_body_alike(client: httpx.Client, route: RestRoute) -> None:
    _refused(client.request(route.method, _path(route), content=b"{}"), 415)
    headers = {"content-type": "application/json"}
    for content in (b"", b"[]"):
        answer = client.request(route.method, _path(route), content=content, headers=headers)
        _refused(answer, 400)


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        pytest.param(b"{}", "text/plain", 415, id="another content type"),
        pytest.param(b"{}", None, 415, id="no content type"),
        pytest.param(b"a=b", "application/x-www-form-urlencoded", 415, id="a form"),
        pytest.param(b"", "application/json", 400, id="no body"),
        pytest.param(b'{"a":', "application/json", 400, id="half of a body"),
        pytest.param(b"[]", "application/json", 400, id="an array"),
        pytest.param(b'{"a":NaN}', "application/json", 400, id="no number"),
        pytest.param(b'{"a":"\xff"}', "application/json", 400, id="no UTF-8"),
        pytest.param(b'{"a":"\\ud800"}', "application/json", 400, id="half of a character"),
        pytest.param(
            b'{"a":' + b"[" * 120 + b"]" * 120 + b"}", "application/json", 400, id="120 levels"
        ),
        pytest.param(b"[" * 100_000, "application/json", 400, id="100,000 levels"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(
    client: httpx.Client, content: bytes, content_type: str | None, status: int
) -> None:
    headers = {"content-type": content_type} if content_type else {}
    _refused(client.post(TRACK, content=content, headers=headers), status)


def test_a_body_that_is_too_large_is_refused(client: httpx.Client) -> None:
    body = b'{"a":"' + b"x" * 4 * 1_048_576 + b'"}'
    headers = {"content-type": "application/json"}
    _refused(client.post(TRACK, content=body, headers=headers), 413)


def test_a_body_that_does_not_say_its_length_is_bounded_too(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        yield from [b"x" * 1_048_576] * 5

    try:
        answer = client.post(TRACK, content=chunks())
    except httpx.WriteError:
        return  # the connection was closed while we were sending
    _refused(answer, 413)


def test_a_charset_in_the_content_type_is_no_other_type(client: httpx.Client) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    answer = client.post(TRACK, content=b'{"events":[]}', headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", TRACK, 405),
        ("DELETE", TRACK, 405),
        ("POST", "/users/trak", 404),
        ("POST", "/users/track/", 404),
        ("POST", "/users/", 404),
        ("POST", "/users/track/%00", 404),
    ],
)
def test_what_is_not_there_is_told(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    _refused(answer, status)
    assert answer.headers.get("allow") == ("POST" if status == 405 else None)


def test_the_document_is_there_without_a_key(system: System) -> None:
    with rest_client(system, "") as nobody:
        described = nobody.get("/openapi.json")
        assert described.json()["openapi"] == "3.1.0"
        assert nobody.head("/openapi.json").content == b""
        refused = nobody.post("/openapi.json")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
