"""Holds events of recommended names against the shape that their properties are meant to have.

They are a template and no rule of ours: an event that does not fit is applied like any other, with
warnings. Braze's own documentation has said both, that such an event is kept and that it is dropped;
whoever sends on to a Braze cluster, or reports on orders, wants to know.
"""

from collections.abc import Iterator
from difflib import get_close_matches

from transformer.delivery import Problem
from transformer.operation import JsonObject
from transformer.schemas.explanation import Step, explain, expression_of, pointer_to
from transformer.schemas.reader import load_event_schema, recommended_events
from transformer.schemas.validators import error_validator, verdict_validator

CODE = "unfit_event"

# Whoever looks at every event looks at this first.
PREFIX = "ecommerce."

# What whoever sends on should know.
_FATE = "A Braze cluster drops an event that does not fit."

_ALIKE = 0.8


class RecommendedEvents:
    """The shapes of the recommended events, compiled once."""

    def __init__(self) -> None:
        schemas = {name: load_event_schema(name) for name in recommended_events()}
        self._verdicts = {name: verdict_validator(schema) for name, schema in schemas.items()}
        self._finders = {name: error_validator(schema) for name, schema in schemas.items()}

    def find_misfits(self, event: JsonObject, steps: tuple[Step, ...]) -> Iterator[Problem]:
        """Warn of what an event of such a name lacks, has too much of, or has in another type.

        Args:
            event: a valid events object, whose name begins with :data:`PREFIX`.
            steps: where it stands in the output.
        """
        name = event["name"]
        verdict = self._verdicts.get(name)
        if verdict is None:
            yield from self._misnamed(name, (*steps, "name"))
            return
        properties = event.get("properties", {})
        if verdict.is_valid(properties):
            return
        place = (*steps, "properties")
        for problem in explain(self._finders[name].iter_errors(properties), place=place):
            yield Problem(
                CODE,
                f"{problem.message[:-1]}: {name} does not fit what is recommended.",
                hint=f"{problem.hint} {_FATE}",
                pointer=problem.pointer,
            )

    def _misnamed(self, name: str, steps: tuple[Step, ...]) -> Iterator[Problem]:
        nearest = get_close_matches(name.lower(), self._verdicts, n=1, cutoff=_ALIKE)
        if nearest:
            yield Problem(
                CODE,
                f'{expression_of(steps)} is "{name}", which is no recommended event.',
                hint=f'Did you mean "{nearest[0]}"?',
                pointer=pointer_to(steps),
            )
