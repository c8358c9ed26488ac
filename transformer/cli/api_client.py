"""What the command line asks of a running transformer, over its HTTP API."""

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from transformer.errors import Unavailable
from transformer.folder import Case, FolderCatalog, TransformationFolder
from transformer.operation import JsonObject

_TIMEOUT_S = 30.0
# A delivery is asked for gently at first sight and then less and less: it is nearly there.
_FIRST_POLL_S = 0.002
_LONGEST_POLL_S = 0.05
_APPLIED_WITHIN_S = 30.0
_NEWEST = 5


@dataclass(frozen=True, slots=True)
class Made:
    """A transformation that was made: its id, and the URL that its webhooks go to."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """A webhook that came through: its entry in the delivery log, and how long it took."""

    delivery: JsonObject
    seconds: float


class ApiClient:
    """A caller with the admin token."""

    def __init__(self, url: str, *, token: str) -> None:
        self._client = httpx.Client(
            base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=_TIMEOUT_S
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def make_catalog(self, catalog: FolderCatalog) -> None:
        """Make a catalog."""
        fields = [{"name": field.name, "type": field.type} for field in catalog.fields]
        self._call("POST", "/api/catalogs", json={"name": catalog.name, "fields": fields})

    def make_transformation(self, folder: TransformationFolder) -> Made:
        """Make a transformation with its source, save its code and publish it."""
        named = {"name": folder.name, "destination": folder.destination.value}
        made = self._call("POST", "/api/transformations", json=named)
        path = f"/api/transformations/{made['id']}"
        self._call("PUT", f"{path}/draft", json={"code": folder.code})
        self._call("POST", f"{path}/publish", json={})
        return Made(id=made["id"], url=made["url"])

    def deliver(self, made: Made, case: Case) -> Delivered:
        """Post a case's webhook, and wait until what it asks for has been applied.

        Raises:
            Unavailable: it was not accepted, or not applied in time.
        """
        headers = httpx.Headers({"content-type": "application/json"})
        headers.update(case.headers)
        posted_at = time.perf_counter()
        accepted = self._call("POST", made.url, content=case.payload, headers=headers)
        pause_s = _FIRST_POLL_S
        while time.perf_counter() - posted_at < _APPLIED_WITHIN_S:
            newest = self._call(
                "GET", "/api/deliveries", params={"transformation": made.id, "limit": _NEWEST}
            )
            for delivery in newest["deliveries"]:
                if delivery["event_id"] == accepted["event_id"]:
                    return Delivered(delivery, time.perf_counter() - posted_at)
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, _LONGEST_POLL_S)
        raise Unavailable(
            f"The webhook {accepted['event_id']} was accepted, but is not applied after "
            f"{_APPLIED_WITHIN_S:.0f} s.",
            hint="The log of the processes says what keeps the worker or the writer.",
        )

    def ask_for_replay(self, body: JsonObject, *, retry: bool) -> JsonObject:
        """Ask for a replay or a retry, or for the plan of one."""
        asked: JsonObject = self._call(
            "POST", "/api/retries" if retry else "/api/replays", json=body
        )
        return asked

    def read_replay(self, replay_id: str) -> JsonObject:
        """Ask how far a replay has come."""
        found: JsonObject = self._call("GET", f"/api/replays/{replay_id}")
        return found

    def find_profiles(self, identifier: dict[str, str]) -> list[JsonObject]:
        """Find the profiles with these identifiers."""
        found: list[JsonObject] = self._call("GET", "/api/profiles", params=identifier)["profiles"]
        return found

    def list_items(self, catalog_name: str) -> list[JsonObject]:
        """List the first items of a catalog."""
        items: list[JsonObject] = self._call("GET", f"/api/catalogs/{catalog_name}/items")["items"]
        return items

    def _call(self, method: str, path: str, **given: Any) -> Any:
        try:
            answer = self._client.request(method, path, **given)
        except httpx.HTTPError as error:
            raise Unavailable(
                f"{method} {path} got no answer: {error}.",
                hint="The log of the processes says more.",
            ) from error
        if not answer.is_success:
            raise _refused(method, path, answer)
        return answer.json()


def _refused(method: str, path: str, answer: httpx.Response) -> Unavailable:
    try:
        error = answer.json()["error"]
        message, hint = error["message"], error["hint"]
    except (ValueError, KeyError, TypeError):
        message, hint = answer.text[:200], ""
    return Unavailable(f"{method} {path} was answered {answer.status_code}: {message}", hint=hint)
