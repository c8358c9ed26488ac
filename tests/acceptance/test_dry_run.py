"""A developer asks what code would change, then publishes it and sends the webhook."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.support.system import System
from transformer.cli.main import main

CODE = """const who = { external_id: payload.who };
return {
  attributes: [{ ...who, plan: payload.plan, orders: { inc: 1 }, _update_existing_only: false }],
  events: [{ ...who, name: "ordered", time: "2026-01-02T03:04:05Z" }],
  purchases: [
    { ...who, product_id: "mug", price: 10, currency: "EUR", time: "2026-01-02T03:04:05Z" },
  ],
};"""


def _against(
    system: System, folder: Path, payload: object, capsys: pytest.CaptureFixture[str]
) -> Any:
    code, body = folder / "transform.js", folder / "order.json"
    code.write_text(CODE, encoding="utf-8")
    body.write_bytes(orjson.dumps(payload))
    words = ["run", str(code), "--payload", str(body), "--json"]
    assert main([*words, "--against", str(system.instance.data_dir)]) == 0
    return orjson.loads(capsys.readouterr().out)["changes"]


def test_what_is_promised_while_the_system_runs_is_what_the_webhook_then_does(
    system: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = system.make("Promises", CODE)
    payload = {"who": "promised", "plan": "pro"}

    [created] = _against(system, tmp_path, payload, capsys)["diff"]
    assert created["kind"] == "profile.created"
    assert system.call("GET", "/api/profiles", params={"external_id": "promised"})["profiles"] == []

    system.delivery_of(system.post(made.url, payload))
    assert system.profile("promised")["custom_attributes"] == {"orders": 1, "plan": "pro"}

    told = system.call("POST", f"/api/transformations/{made.id}/run", json={"payload": payload})
    changes = _against(system, tmp_path, payload, capsys)
    assert changes == told["changes"]
    assert changes["diff"][0]["sentences"] == [
        "Changes orders from 1 to 2 on the profile with external_id promised.",
        "Counts one ordered event (was 1, now 2), on the profile with external_id promised.",
        (
            "Counts one purchase of mug (was 1, now 2), revenue 10.00 → 20.00, on the profile "
            "with external_id promised."
        ),
    ]

    system.delivery_of(system.post(made.url, payload))
    profile = system.profile("promised")
    assert profile["custom_attributes"]["orders"] == 2
    assert profile["custom_events"][0]["count"] == 2
    assert profile["total_revenue"] == 20
