"""What the doctor found, and whether all of it is well."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from sandbox.attacks import Verdict
from sandbox.layers import LayerState
from transformer.cli.terminal import shown_path
from transformer.cli.warnings import Warning  # noqa: A004

Require = Literal["all", "available"]


@dataclass(frozen=True, slots=True)
class Group:
    """The attacks of one group, counted."""

    name: str
    run: int
    held: int
    seconds: float


def groups_of(verdicts: Sequence[Verdict]) -> list[Group]:
    """Count the verdicts of each group, in their order."""
    groups = []
    for name, each in groupby(verdicts, key=lambda verdict: verdict.attack.group):
        found = list(each)
        held = sum(verdict.held for verdict in found)
        groups.append(Group(name, len(found), held, sum(v.duration_s for v in found)))
    return groups


@dataclass(frozen=True, slots=True)
class Service:
    """Something that the processes need; ``hint`` says what to do where it is not well."""

    name: str
    is_well: bool
    found: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found; ``require`` says whether every layer has to be in force.

    Warnings leave it well: what they tell of works today.
    """

    layers: tuple[LayerState, ...]
    verdicts: list[Verdict]
    services: list[Service]
    warnings: list[Warning]
    require: Require

    @property
    def is_well(self) -> bool:
        """Whether there is nothing that somebody has to mend."""
        return (
            all(verdict.held for verdict in self.verdicts)
            and all(service.is_well for service in self.services)
            and (self.require == "available" or all(state.in_force for state in self.layers))
        )

    def as_json(self) -> dict[str, Any]:
        """Give the form that `--json` prints (transformer/README.md)."""
        return {
            "well": self.is_well,
            "layers": [
                {"layer": state.layer.value, "in_force": state.in_force, "detail": state.detail}
                for state in self.layers
            ],
            "attacks": [
                {
                    "group": group.name,
                    "run": group.run,
                    "held": group.held,
                    "seconds": round(group.seconds, 3),
                }
                for group in groups_of(self.verdicts)
            ],
            "got_through": [
                {
                    "file": shown_path(verdict.attack.path),
                    "about": verdict.attack.about,
                    "expected": verdict.attack.expect,
                    "found": verdict.found,
                }
                for verdict in self.verdicts
                if not verdict.held
            ],
            "services": [
                {
                    "service": service.name,
                    "well": service.is_well,
                    "found": service.found,
                    "hint": service.hint,
                }
                for service in self.services
            ],
            "warnings": [
                {
                    "subject": warning.subject,
                    "found": warning.found,
                    "expected": warning.expected,
                    "hint": warning.hint,
                }
                for warning in self.warnings
            ],
        }
