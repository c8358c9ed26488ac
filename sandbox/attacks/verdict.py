"""What became of an attack."""

from dataclasses import dataclass

from sandbox.attacks.attack import Attack


@dataclass(frozen=True, slots=True)
class Finding:
    """What a runner saw; ``found`` is in the words of ``Attack.expect`` where it can be."""

    held: bool
    found: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the sandbox held against an attack."""

    attack: Attack
    held: bool
    found: str
    duration_s: float
