"""What a drill says of attacks that get through, and of those it never came to."""

from pathlib import Path

import pytest

from sandbox import SandboxPool
from sandbox.attacks import Attack, Verdict, run_drill
from sandbox.attacks.attack import parse_attack
from sandbox.attacks.drill import run_attack


def make_attack(text: str, *, expect: str, options: str = "", name: str = "made") -> Attack:
    content = f"// Tries something.\n// expect: {expect}\n{options}{text}"
    return parse_attack(content, Path(f"escape/{name}.js"))


def test_an_attack_that_ends_as_expected_was_held(pool: SandboxPool) -> None:
    verdict = run_attack(make_attack("return 1", expect="returned 1"), pool)
    assert (verdict.held, verdict.found) == (True, "returned 1")


@pytest.mark.parametrize(
    ("text", "expect", "found"),
    [
        ("return 2", "returned 1", "returned 2"),
        ("throw new Error('other')", "threw Error: one", "threw Error: other"),
        ("return 1", "syntax_invalid", "returned 1"),
        ("return", "returned null", "skipped"),
        ("}", "returned 1", "syntax_invalid"),
    ],
)
def test_an_attack_that_ends_otherwise_got_through(
    pool: SandboxPool, text: str, expect: str, found: str
) -> None:
    verdict = run_attack(make_attack(text, expect=expect), pool)
    assert not verdict.held
    assert verdict.found.startswith(found)


def test_an_attack_that_harms_its_neighbours_got_through(pool: SandboxPool) -> None:
    # A declaration is hoisted above the neighbour's line, so this one really does.
    verdict = run_attack(make_attack("return 1; function Date() {}", expect="returned 1"), pool)
    assert not verdict.held
    assert "the event before it threw TypeError: Date.now is not a function" in verdict.found


def test_attacks_after_the_end_of_a_drill_are_not_held(pool: SandboxPool) -> None:
    attacks = [make_attack("return 1", expect="returned 1", name=name) for name in ("a", "b")]
    told: list[Verdict] = []
    verdicts = run_drill(attacks, pool, tell=told.append, timeout_s=0)
    assert verdicts == told
    assert [(verdict.held, verdict.found[:7]) for verdict in verdicts] == [(False, "not run")] * 2


def test_a_drill_gives_its_verdicts_in_the_order_of_the_attacks(pool: SandboxPool) -> None:
    attacks = [make_attack("return 1", expect="returned 1", name=name) for name in "abc"]
    verdicts = run_drill(attacks, pool, tell=lambda _: None)
    assert [verdict.attack for verdict in verdicts] == attacks
    assert all(verdict.held for verdict in verdicts)
