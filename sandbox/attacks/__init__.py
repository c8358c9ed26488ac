"""Every attack on the sandbox that we know of, each a file, and what runs them (README.md)."""

from sandbox.attacks.attack import Attack, AttackMalformed, load_corpus
from sandbox.attacks.drill import run_drill
from sandbox.attacks.verdict import Finding, Verdict

__all__ = ["Attack", "AttackMalformed", "Finding", "Verdict", "load_corpus", "run_drill"]
