"""How an outcome differs from what a case expects is told in sentences."""

from typing import Any

import orjson
import pytest

from transformer.delivery import Outcome, Problem, Verdict
from transformer.folder import Expected, compare, expected_of


def ok(output: Any) -> Outcome:
    return Outcome(verdict=Verdict.OK, output=output)


def failed(*problems: Problem) -> Outcome:
    return Outcome(verdict=Verdict.FAILED, errors=problems)


def expecting(output: Any) -> Expected:
    return Expected(verdict=Verdict.OK, output=output, has_output=True)


@pytest.mark.parametrize("output", [None, 1, "x", {"a": [1, {"b": True}]}, []])
def test_the_same_output_does_not_differ(output: Any) -> None:
    assert compare(expecting(output), ok(output)) == []


def test_the_order_of_an_objects_keys_is_no_difference() -> None:
    assert compare(expecting({"a": 1, "b": 2}), ok({"b": 2, "a": 1})) == []


@pytest.mark.parametrize(
    ("wanted", "found", "sentence"),
    [
        ({"a": 1}, {"a": 2}, "output.a is 2, but 1 was expected."),
        ({"a": 1}, {}, "output.a is missing, but 1 was expected."),
        ({}, {"a": None}, "output.a is null, but was not expected."),
        ([1, 2], [1], "output has 1 elements, but 2 were expected."),
        ([{"a": "x"}], [{"a": "y"}], 'output[0].a is "y", but "x" was expected.'),
        (1, True, "output is true, but 1 was expected."),
        (False, 0, "output is 0, but false was expected."),
        ({}, [], "output is [], but {} was expected."),
        (None, {}, "output is {}, but null was expected."),
    ],
)
def test_a_differing_output_is_told_by_its_place(wanted: Any, found: Any, sentence: str) -> None:
    assert compare(expecting(wanted), ok(found)) == [sentence]


def test_an_output_that_is_not_given_is_not_compared() -> None:
    assert compare(Expected(verdict=Verdict.OK), ok({"a": 1})) == []


def test_another_outcome_is_told_with_its_errors() -> None:
    outcome = failed(Problem(code="threw", message="No SKU"))
    assert compare(expecting({}), outcome) == [
        "The outcome is failed, but ok was expected.",
        "threw: No SKU",
    ]


def test_only_the_given_keys_of_an_error_are_compared() -> None:
    expected = Expected(verdict=Verdict.FAILED, errors=({"code": "threw"},))
    assert compare(expected, failed(Problem(code="threw", message="anything", line=3))) == []


def test_a_differing_error_is_told_by_its_key() -> None:
    expected = Expected(verdict=Verdict.FAILED, errors=({"message": "No SKU"},))
    assert compare(expected, failed(Problem(code="threw", message="No id"))) == [
        'errors[0].message is "No id", but "No SKU" was expected.'
    ]


def test_a_differing_number_of_errors_is_told() -> None:
    expected = Expected(verdict=Verdict.FAILED, errors=({"code": "threw"},))
    assert compare(expected, failed()) == ["There are 0 errors, but 1 were expected."]


def test_a_case_without_an_expectation_never_passes() -> None:
    (sentence,) = compare(Expected(), ok({}))
    assert sentence.startswith("expected.json is missing")


def test_no_more_than_twenty_differences_are_listed() -> None:
    differences = compare(expecting([0] * 100), ok([1] * 100))
    assert (len(differences), differences[-1]) == (21, "80 more differences are not shown.")


@pytest.mark.parametrize(
    "outcome",
    [
        ok({"events": []}),
        Outcome(verdict=Verdict.SKIPPED),
        failed(Problem(code="threw", message="No SKU", line=4)),
    ],
)
def test_what_is_written_for_an_outcome_matches_it(outcome: Outcome) -> None:
    written = orjson.loads(expected_of(outcome))
    expected = Expected(
        verdict=Verdict(written["outcome"]),
        output=written.get("output"),
        has_output="output" in written,
        errors=tuple(written.get("errors", ())),
    )
    assert compare(expected, outcome) == []
