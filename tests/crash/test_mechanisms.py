"""The list of what each invariant stands on is up to date: `python -m tests.crash.mechanisms` works."""

import ast

import pytest

from tests.crash.mechanisms import MECHANISMS, ROOT, Mechanism, without


@pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda one: f"{one.invariant}: {one.what}")
def test_a_mechanism_is_one_line_that_can_be_taken_out(mechanism: Mechanism) -> None:
    text = (ROOT / mechanism.file).read_text("utf-8")
    assert text.count(mechanism.line) == 1
    if mechanism.file.endswith(".py"):
        ast.parse(without(mechanism))


@pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda one: f"{one.invariant}: {one.what}")
def test_the_test_of_a_mechanism_is_there_and_named_after_an_invariant(
    mechanism: Mechanism,
) -> None:
    file, _, name = mechanism.test.partition("::")
    function = name.partition("[")[0]
    assert f"def {function}(" in (ROOT / file).read_text("utf-8")
    assert function.startswith("test_i")


def test_every_invariant_has_a_mechanism() -> None:
    assert {mechanism.invariant for mechanism in MECHANISMS} == {f"I{n}" for n in range(1, 9)}
