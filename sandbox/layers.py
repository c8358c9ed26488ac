"""What stands between the code and the machine, layer by layer, and which of it is in force here.

A guest says of each layer whether it holds, in its first frame; README.md says what each one stops.
"""

from dataclasses import dataclass
from enum import StrEnum


class Layer(StrEnum):
    """One thing that stops code which has got past the ones before it; outermost last."""

    REALM = "realm"
    DETERMINISM = "determinism"
    LIMITS = "limits"
    JITLESS = "jitless"
    RLIMITS = "rlimits"
    PRIVILEGES = "privileges"
    NAMESPACES = "namespaces"
    LANDLOCK = "landlock"
    SECCOMP = "seccomp"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class LayerState:
    """Whether a layer is in force in a guest; ``detail`` says how, or why it is not."""

    layer: Layer
    in_force: bool
    detail: str
