"""One event followed through three processes, as whoever collects traces sees it."""

from pathlib import Path

import pytest

from tests.support.system import running_system
from tests.support.trace_receiver import ReceivedSpan, receiving_traces
from tests.support.waiting import wait_until

CODE = (
    "return { attributes: [{ external_id: 'one', n: { inc: 1 }, _update_existing_only: false }] };"
)
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


def test_a_webhook_has_one_trace_through_web_worker_and_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails if web leaves the sender's header in place, or if a drain is made without traces."""
    with receiving_traces() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")  # ms

        def of_trace(trace_id: str) -> dict[str, ReceivedSpan]:
            return {
                span.service: span for span in list(receiver.spans) if span.trace_id == trace_id
            }

        with running_system(tmp_path / "data", traces="otlp") as system:
            made = system.make("Traced", CODE)
            own = system.post(made.url, {}, {"traceparent": f"00-{TRACE}-{SPAN}-01"})
            unsampled = system.post(made.url, {}, {"traceparent": f"00-{'7' * 32}-{SPAN}-00"})
            garbage = system.post(made.url, {}, {"traceparent": "of no use"})
            wait_until("three processes have told of it", lambda: len(of_trace(TRACE)) == 3)
            for event_id in (own, unsampled, garbage):
                assert system.delivery_of(event_id)["outcome"] == "applied"
            system.client.post("/in/nobody", json={})
        # All have stopped, and sent what was left.
        accept, transform, apply = (
            of_trace(TRACE)[f"transformer-{process}"] for process in ("web", "worker", "writer")
        )
        assert (accept.name, transform.name, apply.name) == ("accept", "transform", "apply")
        assert accept.parent_id == SPAN
        assert transform.parent_id == apply.parent_id == accept.span_id
        assert of_trace("7" * 32) == {}
        others = {span.trace_id for span in receiver.spans} - {TRACE}
        through = [trace_id for trace_id in others if len(of_trace(trace_id)) == 3]
        assert len(through) == 1  # the one whose header was of no use has a trace of its own


def test_a_batch_of_many_traced_events_has_a_span_in_each_trace() -> None:
    from transformer.traces import Traces  # noqa: PLC0415

    with receiving_traces() as receiver, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        traces = Traces("worker")
        headers = [
            b'{"Traceparent":"00-%032x-%016x-01","Host":"x"}' % (number, number)
            for number in range(1, 41)
        ]
        untraced = [b'{"Host":"x"}'] * 100
        traces.batch("transform", [*untraced, *headers], took_s=0.5, events=140)
        traces.close()
    assert sorted(span.trace_id for span in receiver.spans) == [f"{n:032x}" for n in range(1, 41)]
    assert all(len(span.links) == 32 for span in receiver.spans)
