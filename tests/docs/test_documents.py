"""The tables of transformer/README.md say what the code says, and the code uses the glossary's words."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import SecretStr

import transformer.api.errors
import transformer.errors
from transformer.errors import TransformerError, UsageError
from transformer.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "transformer" / "README.md").read_text()
SOURCES = sorted((ROOT / "transformer").rglob("*.py"))

# Of the glossary's words "not to use", those that no library and no other trade makes us write.
UNUSED_WORDS = re.compile(
    "tenant|project|endpoint|hook|hit|topic|mapping|plugin|deploy|activate|invocation|mutation"
    "|idempotency|redrive|rerun|discarded|recover|lifeline|consumer|consume|processor|sink"
    "|loader|relay|db|repository|offset|watermark|ledger|quota|budget|fixture|dlq|canceled"
    "|utils|helpers|manager"
)

# Two calls take a code over from another problem instead of giving one.
_TAKEN_OVER = {"fault.code", "described['code']"}


def table(title: str) -> list[list[str]]:
    """Read the cells of a section's table, without its head."""
    section = DOCUMENT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    return [row.removeprefix("| ").removesuffix(" |").split(" | ") for row in rows[2:]]


def test_the_settings_are_documented_as_they_are() -> None:
    expected = []
    for name, field in Settings.model_fields.items():
        given = field.default
        default = given.get_secret_value() if isinstance(given, SecretStr) else str(given)
        shown = f"`{default}`" if default else "empty"
        expected.append([f"`{PREFIX}{name.upper()}`", shown, field.description])
    assert table("Settings") == expected


def documented_codes() -> dict[str, str]:
    """Give each code in the table of error codes, and where it says that it is met."""
    named = [
        (code, where)
        for codes, where, _advice in table("Error codes")
        for code in re.findall(r"`([^`]+)`", codes)
    ]
    assert [code for code, times in Counter(code for code, _ in named).items() if times > 1] == []
    return dict(named)


def raised_errors() -> list[type[TransformerError]]:
    return [
        found
        for module in (transformer.errors, transformer.api.errors)
        for found in vars(module).values()
        if isinstance(found, type)
        and issubclass(found, TransformerError)
        and found is not TransformerError
        and found.__module__ == module.__name__
    ]


def test_every_error_code_is_documented_and_no_other() -> None:
    codes = {error.code for error in raised_errors()}
    codes |= {code for source in SOURCES for code in Module.read(source).problem_codes()}
    assert len(codes) > len(raised_errors())
    assert codes == documented_codes().keys()


@pytest.mark.parametrize("error", raised_errors(), ids=lambda error: error.__name__)
def test_an_error_is_documented_with_its_status(error: type[TransformerError]) -> None:
    sign = "exit 2" if error is UsageError else str(error.status)
    assert sign in documented_codes()[error.code]


@dataclass(frozen=True, slots=True)
class Module:
    """A source file, and the calls in it with the functions around each."""

    name: str
    tree: ast.Module

    @classmethod
    def read(cls, source: Path) -> "Module":
        name = ".".join(source.relative_to(ROOT).with_suffix("").parts)
        return cls(name.removesuffix(".__init__"), ast.parse(source.read_text()))

    def problem_codes(self) -> Iterator[str]:
        """Give the code of every Problem and Fault that is made here."""
        for call, around in self.calls_of("Problem", "Fault"):
            code = argument_of(call, at=0, name="code")
            if ast.unparse(code) not in _TAKEN_OVER:
                yield from self.values_of(code, around)

    def calls_of(self, *names: str) -> Iterator[tuple[ast.Call, list[ast.FunctionDef]]]:
        for call, around in with_functions(self.tree, []):
            if isinstance(call.func, ast.Name) and call.func.id in names:
                yield call, around

    def values_of(self, code: ast.expr, around: list[ast.FunctionDef]) -> Iterator[str]:
        """Find out what an expression can be: a text, a constant, or what callers hand in."""
        match code:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(
                values=[ast.Constant(value=str(start)), ast.FormattedValue() as end]
            ):
                for text in self.values_of(end.value, around):
                    yield start + text
            case ast.Name(id=name):
                yield from self.values_of_name(name, around)
            case _:
                pytest.fail(f"{self.name}:{code.lineno} has a code that this test cannot read.")

    def values_of_name(self, name: str, around: list[ast.FunctionDef]) -> Iterator[str]:
        for function in around:
            parameters = [parameter.arg for parameter in function.args.args]
            if name in parameters:
                at = parameters.index(name)
                for call, callers in self.calls_of(function.name):
                    yield from self.values_of(argument_of(call, at=at, name=name), callers)
                return
        yield getattr(import_module(self.name), name)


def argument_of(call: ast.Call, *, at: int, name: str) -> ast.expr:
    named = [keyword.value for keyword in call.keywords if keyword.arg == name]
    return named[0] if named else call.args[at]


def with_functions(
    node: ast.AST, around: list[ast.FunctionDef]
) -> Iterator[tuple[ast.Call, list[ast.FunctionDef]]]:
    """Walk the calls below a node, each with the functions around it, the innermost first."""
    if isinstance(node, ast.Call):
        yield node, around
    inside = [node, *around] if isinstance(node, ast.FunctionDef) else around
    for child in ast.iter_child_nodes(node):
        yield from with_functions(child, inside)


def given_names(source: Path) -> Iterator[str]:
    """Give the names that a file makes: its own, and of classes, functions, parameters, values."""
    yield source.stem
    for node in ast.walk(ast.parse(source.read_text())):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.AsyncFunctionDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case _:
                pass


def words_of(name: str) -> Iterable[str]:
    """Split a name into its words, in small letters and in the singular."""
    for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name):
        yield word.lower()
        yield word.lower().removesuffix("s")


@pytest.mark.parametrize(
    ("name", "words"),
    [("HTTPHooks", {"http", "hook"}), ("_open_db", {"open", "db"}), ("MAX_JOBS", {"max", "job"})],
)
def test_a_name_is_split_into_its_words(name: str, words: set[str]) -> None:
    assert words <= set(words_of(name))


def test_names_use_no_word_that_the_glossary_has_another_for() -> None:
    found = {
        f"{source.relative_to(ROOT)}: {name}"
        for source in SOURCES
        for name in given_names(source)
        if any(map(UNUSED_WORDS.fullmatch, words_of(name)))
    }
    assert found == set()


def test_a_job_is_made_and_run_in_queue_alone() -> None:
    """Others hand a job's id on, and hold the one object that enqueues."""
    handed_on = {"job", "jobs", "job_id"}
    queue = ROOT / "transformer" / "queue"
    found = {
        f"{source.relative_to(ROOT)}: {name}"
        for source in SOURCES
        if queue not in source.parents
        for name in given_names(source)
        if "job" in words_of(name) and name.lstrip("_") not in handed_on
    }
    assert found == set()
