"""The line of code that is shown beside a problem."""

import pytest

from transformer.excerpt import Excerpt, excerpt_of

LONG = "a" * 1_000 + "!" + "b" * 1_000


@pytest.mark.parametrize(
    ("code", "line", "column", "excerpt"),
    [
        pytest.param("one\ntwo", 2, 3, Excerpt("two", 2), id="a line and its column"),
        pytest.param("one\r\n\ttwo", 2, 2, Excerpt("\ttwo", 1), id="its tab is kept"),
        pytest.param("a\rb\u2028c\u2029d", 4, 1, Excerpt("d", 0), id="every end of V8's lines"),
        pytest.param("a\x0bb\x85c", 1, 3, Excerpt("a\x0bb\x85c", 2), id="and no other"),
        pytest.param("'\U0001f600' + x", 1, 8, Excerpt("'\U0001f600' + x", 6), id="two units"),
        pytest.param("one", 1, None, Excerpt("one", 0), id="no column is the first"),
        pytest.param("one", 1, 99, Excerpt("one", 3), id="a column past the end"),
        pytest.param("", 1, 1, Excerpt("", 0), id="no code"),
        pytest.param("one", 2, 1, None, id="a line past the end"),
        pytest.param("one", 0, 1, None, id="a line before the first"),
    ],
)
def test_a_place_is_cut_out_of_the_code(
    code: str, line: int, column: int | None, excerpt: Excerpt | None
) -> None:
    assert excerpt_of(code, line=line, column=column) == excerpt


@pytest.mark.parametrize("column", [1, 1_001, 2_001])
def test_of_a_very_long_line_the_part_around_the_place_is_shown(column: int) -> None:
    excerpt = excerpt_of(LONG, line=1, column=column)
    assert excerpt is not None
    assert len(excerpt.text) <= 162
    assert excerpt.text[excerpt.caret] == LONG[column - 1]
