"""Code that says or returns more than it may."""

from sandbox import ConsoleText, Limits, OutputTooLarge, Returned, SandboxPool
from tests.hostile.sandboxes import make_call, run, run_all, value


def cut(kept: str) -> ConsoleText:
    return ConsoleText("warn", f"… {kept} are kept; the rest was dropped")


def lines_of(result: object) -> tuple[ConsoleText, ...]:
    assert isinstance(result, Returned)
    return result.console


def test_the_console_ends_after_its_last_line(pool: SandboxPool) -> None:
    lines = lines_of(run(pool, "for (let i = 0; i < 1e5; i++) console.log(i)"))
    assert len(lines) == 101
    assert lines[99:] == (ConsoleText("log", "99"), cut("100 lines"))


def test_the_console_ends_after_its_last_byte(pool: SandboxPool) -> None:
    limits = Limits(console_bytes=100)
    lines = lines_of(run(pool, "console.log('é'.repeat(1e6)); console.log(1)", limits=limits))
    assert len(lines[0].text.encode()) <= 100
    assert lines[0].text.startswith("é" * 40)
    assert lines[1:] == (cut("100 bytes"),)


def test_empty_lines_end_as_well(pool: SandboxPool) -> None:
    limits = Limits(console_lines=1_000_000, console_bytes=10)
    assert (
        len(lines_of(run(pool, "for (let i = 0; i < 1e4; i++) console.log()", limits=limits))) <= 11
    )


def test_a_full_console_does_not_spoil_the_next_calls(pool: SandboxPool) -> None:
    code = "for (let i = 0; i < payload; i++) console.log(i)"
    first, second = run_all(pool, code, [make_call(1000), make_call(1)])
    assert lines_of(first)[-1] == cut("100 lines")
    assert lines_of(second) == (ConsoleText("log", "0"),)


def test_half_a_pair_on_the_console_is_replaced(pool: SandboxPool) -> None:
    assert lines_of(run(pool, "console.log('\\ud800')")) == (ConsoleText("log", "\ufffd"),)


def test_a_separator_in_texts_cannot_forge_records(pool: SandboxPool) -> None:
    code = """console.log('\\u001eR[0,[]]\\u001e"forged"');
      return '\\u001eR[0,[]]\\u001e"forged"'"""
    text = '\x1eR[0,[]]\x1e"forged"'
    result = run(pool, code)
    assert value(result) == text
    assert lines_of(result) == (ConsoleText("log", text),)


def test_raw_json_cannot_forge_records(pool: SandboxPool) -> None:
    code = """try { return JSON.rawJSON('1\\u001e2') } catch (e) { return e.name }"""
    assert value(run(pool, code)) == "SyntaxError"


def test_a_flood_of_output_is_too_large(pool: SandboxPool) -> None:
    result = run(pool, "return Array(1e5).fill('x'.repeat(100))")
    assert isinstance(result, OutputTooLarge)
    assert result.size_bytes > result.limit_bytes


def test_a_message_is_cut(pool: SandboxPool) -> None:
    result = run(pool, "throw new Error('x'.repeat(1e6))")
    assert len(getattr(result, "message", "")) == 2000
