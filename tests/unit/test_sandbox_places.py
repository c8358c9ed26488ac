import pytest

from sandbox.places import Places, lines_of


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\nb\rc\r\nd\u2028e\u2029f", ["a", "b", "c", "d", "e", "f"]),
        ("a\n", ["a", ""]),
        # What Python takes for the end of a line as well.
        ("a\x0bb\x0cc\x1cd\x85e", ["a\x0bb\x0cc\x1cd\x85e"]),
    ],
)
def test_lines_end_where_javascript_ends_them(code: str, lines: list[str]) -> None:
    assert lines_of(code) == lines


@pytest.mark.parametrize(
    ("place", "there"),
    [
        ((1, 1), True),
        ((1, 3), True),  # behind the last character, where an unexpected end is
        ((1, 4), False),
        ((2, 1), True),
        ((2, 2), False),
        ((3, 1), False),
        ((0, 1), False),
        ((-1, 1), False),
        ((1, 0), False),
    ],
)
def test_a_place_is_there_or_not(place: tuple[int, int], there: bool) -> None:
    assert Places("\U0001f600\n").has(*place) is there


def test_there_is_no_text_of_a_line_that_there_is_not() -> None:
    assert [Places("a\nb").line(number) for number in (-1, 0, 1, 2, 3)] == [
        None,
        None,
        "a",
        "b",
        None,
    ]
