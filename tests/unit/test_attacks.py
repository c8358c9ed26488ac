from pathlib import Path

import pytest

from sandbox import Limits
from sandbox.attacks.attack import Attack, AttackMalformed, load_corpus, parse_attack
from sandbox.attacks.drill import RUNNERS

JS = Path("time/loop.js")


def test_a_file_is_its_head_and_then_the_attack() -> None:
    content = (
        '// Loops for ever.\n// expect: returned {"a": 1}\n// limits: timeout_ms=100 heap_mb=16\n'
        "\n// expect: no more of the head\nfor (;;);\n"
    )
    attack = parse_attack(content, JS)
    assert attack == Attack(
        group="time",
        name="loop",
        about="Loops for ever.",
        expect='returned {"a": 1}',
        options={"limits": "timeout_ms=100 heap_mb=16"},
        text="\n// expect: no more of the head\nfor (;;);\n",
        path=JS,
    )
    assert attack.title == "time/loop"
    assert attack.limits(Limits(slice_ms=7)) == Limits(timeout_ms=100, heap_mb=16, slice_ms=7)


def test_only_a_line_feed_ends_a_line_of_the_file() -> None:
    text = "return '\u2028'\r\x0b\x1c\n"
    assert parse_attack(f"// Ends.\n// expect: skipped\n{text}", JS).text == text


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("", 1, "first line is a sentence"),
        ("return 1", 1, "first line is a sentence"),
        ("// no sentence\n// expect: skipped\n1", 1, "first line is a sentence"),
        ("// Tries.\n// expect skipped\n1", 2, "key: value"),
        ("// Tries.\n// expect:\n1", 2, "key: value"),
        ("// Tries.\n// except: skipped\n1", 2, "key: value"),
        ("// Tries.\n// expect: skipped\n// expect: skipped\n1", 3, "twice"),
        ("// Tries.\n// expect: explodes\n1", 2, "ends so"),
        ("// Tries.\n// expect: threw\n1", 2, "ends so"),
        ("// Tries.\n// expect: skipped\n// limits: time=1\n1", 3, "no limit 'time'"),
        ("// Tries.\n// expect: skipped\n// limits: heap_mb=big\n1", 3, "'limits' cannot be read"),
        ("// Tries.\n// payload: {\n// expect: skipped\n1", 2, "'payload' cannot be read"),
        ("// Tries.\nreturn 1", 2, "no line 'expect"),
        ("// Tries.\n// expect: skipped", 3, "is missing"),
        ("// Tries.\n// expect: skipped\n\n", 3, "is missing"),
    ],
)
def test_a_malformed_file_is_told_with_its_line(content: str, line: int, words: str) -> None:
    with pytest.raises(AttackMalformed, match=words) as raised:
        parse_attack(content, JS)
    assert str(raised.value).startswith(f"time/loop.js:{line}: ")


def test_a_file_of_another_kind_is_no_attack() -> None:
    with pytest.raises(AttackMalformed, match="name ends in one of"):
        parse_attack("// Tries.", Path("time/loop.txt"))


def test_a_corpus_is_read_in_the_order_of_its_titles(tmp_path: Path) -> None:
    for title in ("b/b.js", "a/c.js", "a/b.js"):
        path = tmp_path / title
        path.parent.mkdir(exist_ok=True)
        path.write_text("// Tries.\n// expect: skipped\n0\n")
    assert [attack.title for attack in load_corpus(tmp_path)] == ["a/b", "a/c", "b/b"]


def test_there_is_a_runner_for_scripts() -> None:
    assert ".js" in RUNNERS
