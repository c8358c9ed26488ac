"""The real TypeScript compiler takes right programs, and says of wrong ones what is wrong."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.docs.test_examples import FOLDERS
from tests.support import npm_tools
from tests.support.typescript import Diagnosis, diagnose
from transformer.cli.main import main
from transformer.folder import TransformationFolder
from transformer.schemas.typescript import COMPILER_OPTIONS, wrap, write_types
from transformer.transformation import STARTER_CODE, Destination

TRACK, PUT, PATCH, DELETE = Destination
NOT_ASSIGNABLE, MISSING, UNKNOWN, MISSPELT = 2322, 2741, 2353, 2561

RIGHT = {
    "nothing": (TRACK, "if (payload.test) return;"),
    "null": (TRACK, "return null;"),
    "a literal": (TRACK, "return { attributes: [{ external_id: payload.id, plan: 'gold' }] };"),
    "a literal after a guard": (
        TRACK,
        "if (!payload.id) return;\nreturn { attributes: [{ external_id: payload.id }] };",
    ),
    "the usual variable": (
        TRACK,
        """
        let brazecall = {
          "attributes": [{ "email": payload.email, "gender": "F", "email_subscribe": "opted_in",
            "subscription_groups": [{ "subscription_group_id": "g", "subscription_state": "subscribed" }] }],
        };
        return brazecall;""",
    ),
    "the usual variable, filled later": (
        TRACK,
        (
            "const brazecall = { attributes: [] };\n"
            "brazecall.attributes = [{ external_id: payload.id }];\nreturn brazecall;"
        ),
    ),
    "the usual variable in a comment": (
        TRACK,
        "/*\n  const brazecall = 17;\n*/\nreturn { events: [] };",
    ),
    "awaited": (
        TRACK,
        "const id = await Promise.resolve('a'); return { attributes: [{ external_id: id }] };",
    ),
    "a type of one's own": (
        TRACK,
        (
            "/** @typedef {{ id: string, total: number, tags: string[] }} Order */\n"
            "/** @type {Order} */ const order = payload;\n"
            "return { attributes: [{ external_id: order.id, order, tags: order.tags }] };"
        ),
    ),
    "times": (
        TRACK,
        (
            "return { events: [{ external_id: payload.id, name: 'Paid', time: new Date() },\n"
            "  { email: 'ana@example.com', name: 'Paid', time: '2025-03-14', properties: { at: new Date(), list: [1] } }] };"
        ),
    ),
    "changes of values": (
        TRACK,
        """return { attributes: [{ user_alias: { alias_name: 'ana', alias_label: 'github' },
          _update_existing_only: false, _merge_objects: true, points: { inc: 5 }, colours: { add: ['red'] },
          gone: null, missing: undefined, nested: { a: { b: [1, { c: new Date() }] } },
          cars: { $add: [{ id: 1 }], $remove: [{ $identifier_key: 'id', $identifier_value: 2 }],
            $update: [{ $identifier_key: 'id', $identifier_value: 3, $new_object: { colour: 'red' } }] } }] };""",
    ),
    "a purchase": (
        TRACK,
        (
            "return { purchases: payload.lines.map((line) => ({ phone: payload.phone, product_id: line.sku,\n"
            "  currency: 'EUR', price: Number(line.price), quantity: 2, time: payload.at, properties: { size: 'L' } })) };"
        ),
    ),
    "an id of null beside an email": (
        TRACK,
        "return { attributes: [{ external_id: null, email: 'ana@example.com' }] };",
    ),
    "both email and id": (
        TRACK,
        "return { attributes: [{ external_id: 'a', email: null, phone: '+1' }] };",
    ),
    "several bodies": (
        TRACK,
        (
            "return [{ events: [] }, { destination: 'catalog.put', catalog_name: 'c', items: [{ id: 'a', price: 1 }] },\n"
            "  { destination: 'catalog.delete', catalog_name: 'c', items: [{ id: 'a' }] }];"
        ),
    ),
    "a body for another destination": (
        TRACK,
        "return { destination: 'catalog.patch', catalog_name: 'c', items: [{ id: 'a', tags: { $add: ['x'] } }] };",
    ),
    "the library": (
        TRACK,
        (
            "const url = new URL(payload.url);\nconsole.log(context.event_id, headers['x-topic']);\n"
            "return { attributes: [{ external_id: sha256(url.hostname), host: url.host }] };"
        ),
    ),
    "items": (
        PUT,
        "return { catalog_name: 'c', items: [{ id: 'a', name: 'b', size: { w: 1 }, tags: ['x'] }] };",
    ),
    "changed items": (
        PATCH,
        "return { catalog_name: payload.c, items: [{ id: 'a', stock: 1, tags: { $add: ['x'], $remove: ['y'] } }] };",
    ),
    "named items": (
        DELETE,
        "return { catalog_name: 'c', items: payload.ids.map((id) => ({ id })) };",
    ),
}

WRONG = {
    "no list": (TRACK, "return { attributes: 'ana' };", NOT_ASSIGNABLE),
    "an object in place of a list": (
        TRACK,
        "return { attributes: { external_id: 'a' } };",
        UNKNOWN,
    ),
    "a misspelt list": (TRACK, "return { attribute: [] };", MISSPELT),
    "an identifier at the top": (TRACK, "return { external_id: 'a' };", UNKNOWN),
    "a text": (TRACK, "return 'done';", NOT_ASSIGNABLE),
    "a number": (TRACK, "return 5;", NOT_ASSIGNABLE),
    "nobody": (TRACK, "return { attributes: [{ first_name: 'Ana' }] };", NOT_ASSIGNABLE),
    "nobody, for the id is undefined": (
        TRACK,
        "return { attributes: [{ external_id: undefined }] };",
        NOT_ASSIGNABLE,
    ),
    "nobody, for the email is null": (
        TRACK,
        "return { attributes: [{ email: null }] };",
        NOT_ASSIGNABLE,
    ),
    "nobody, for the id is null": (
        TRACK,
        "return { attributes: [{ external_id: null }] };",
        NOT_ASSIGNABLE,
    ),
    "two primary identifiers": (
        TRACK,
        "return { attributes: [{ external_id: 'a', braze_id: 'b' }] };",
        NOT_ASSIGNABLE,
    ),
    "an id that is a number": (
        TRACK,
        "return { attributes: [{ external_id: 17 }] };",
        NOT_ASSIGNABLE,
    ),
    "half an alias": (
        TRACK,
        "return { attributes: [{ user_alias: { alias_name: 'ana' } }] };",
        MISSING,
    ),
    "another gender": (
        TRACK,
        "return { attributes: [{ external_id: 'a', gender: 'female' }] };",
        NOT_ASSIGNABLE,
    ),
    "another gender in the usual variable": (
        TRACK,
        "const brazecall = { attributes: [{ external_id: 'a', gender: 'female' }] };\nreturn brazecall;",
        NOT_ASSIGNABLE,
    ),
    "half a location": (
        TRACK,
        "return { attributes: [{ external_id: 'a', current_location: { longitude: 1 } }] };",
        MISSING,
    ),
    "a field that cannot be set": (
        TRACK,
        "return { attributes: [{ external_id: 'a', email_subscription_info: 'x' }] };",
        NOT_ASSIGNABLE,
    ),
    "a change of a list that is no list": (
        TRACK,
        "return { attributes: [{ external_id: 'a', cars: { $add: 1 } }] };",
        NOT_ASSIGNABLE,
    ),
    "a removal that names no key": (
        TRACK,
        "return { attributes: [{ external_id: 'a', cars: { $remove: [{ id: 1 }] } }] };",
        UNKNOWN,
    ),
    "an event without a time": (
        TRACK,
        "return { events: [{ external_id: 'a', name: 'Paid' }] };",
        NOT_ASSIGNABLE,
    ),
    "an event's time in seconds": (
        TRACK,
        "return { events: [{ external_id: 'a', name: 'Paid', time: 1741944413 }] };",
        NOT_ASSIGNABLE,
    ),
    "a field that no event has": (
        TRACK,
        "return { events: [{ external_id: 'a', name: 'Paid', time: '2025-03-14', order: 1 }] };",
        UNKNOWN,
    ),
    "a reserved property": (
        TRACK,
        "return { events: [{ external_id: 'a', name: 'Paid', time: '2025-03-14', properties: { time: 1 } }] };",
        NOT_ASSIGNABLE,
    ),
    "a price that is a text": (
        TRACK,
        "return { purchases: [{ external_id: 'a', product_id: 'p', currency: 'EUR', price: '9', time: '2025-03-14' }] };",
        NOT_ASSIGNABLE,
    ),
    "items for track": (TRACK, "return { catalog_name: 'c', items: [] };", NOT_ASSIGNABLE),
    "items beside attributes": (
        TRACK,
        "return { attributes: [], items: [] };",
        NOT_ASSIGNABLE,
    ),
    "another destination": (TRACK, "return { destination: 'trak', events: [] };", NOT_ASSIGNABLE),
    "a wrong body among others": (TRACK, "return [{ events: [] }, { event: [] }];", MISSPELT),
    "attributes for a catalog": (PUT, "return { attributes: [] };", NOT_ASSIGNABLE),
    "no catalog": (PUT, "return { items: [{ id: 'a' }] };", NOT_ASSIGNABLE),
    "an item without an id": (
        PUT,
        "return { catalog_name: 'c', items: [{ name: 'x' }] };",
        NOT_ASSIGNABLE,
    ),
    "an item's id that is a number": (
        PATCH,
        "return { catalog_name: 'c', items: [{ id: 1 }] };",
        NOT_ASSIGNABLE,
    ),
    "a change that is no list": (
        PATCH,
        "return { catalog_name: 'c', items: [{ id: 'a', tags: { $add: 'x' } }] };",
        NOT_ASSIGNABLE,
    ),
    "more than the id to delete": (
        DELETE,
        "return { catalog_name: 'c', items: [{ id: 'a', price: 1 }] };",
        NOT_ASSIGNABLE,
    ),
}


# The line that must be pointed at, not the one of the `return`, is marked.
POINTED_AT = {
    "a price": """return {
  attributes: [{ external_id: 'a' }],
  purchases: [
    {
      external_id: 'a', product_id: 'p', currency: 'EUR', time: '2025-03-14',
      price: '9', // here
    },
  ],
};""",
    "somebody who is not named": """return {
  attributes: [
    { email: 'ana@example.com' },
    { first_name: 'Ana' }, // here
  ],
};""",
    "an item of another destination": """return [
  { events: [] },
  {
    destination: 'catalog.put', catalog_name: 'c',
    items: [
      { id: 17 }, // here
    ],
  },
];""",
    "a value in the usual variable": """const brazecall = {
  events: [{ external_id: 'a', name: 'Paid',
    time: 17, // here
  }],
};
return brazecall;""",
}


def programs() -> dict[Destination, dict[str, str]]:
    """Give everything there is to compile, by destination and name, so that it is done once."""
    found: dict[Destination, dict[str, str]] = {
        each: {"starter.js": wrap(code)} for each, code in STARTER_CODE.items()
    }
    for name, (destination, code) in RIGHT.items():
        found[destination][f"right {name}.js"] = wrap(code)
    for name, (destination, code, _) in WRONG.items():
        found[destination][f"wrong {name}.js"] = wrap(code)
    for name, code in POINTED_AT.items():
        found[TRACK][f"pointed at {name}.js"] = wrap(code)
    for folder in FOLDERS:
        found[folder.destination][f"example {folder.path.name}.js"] = wrap(folder.code)
    return found


@pytest.fixture(scope="module")
def diagnoses() -> dict[Destination, Diagnosis]:
    found = programs()
    compiled = diagnose([(write_types(each), files) for each, files in found.items()])
    return dict(zip(found, compiled, strict=True))


@pytest.mark.parametrize("destination", list(Destination))
def test_the_declarations_are_right_themselves(
    diagnoses: dict[Destination, Diagnosis], destination: Destination
) -> None:
    assert diagnoses[destination].declarations == []


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_program_compiles(diagnoses: dict[Destination, Diagnosis], name: str) -> None:
    destination, _ = RIGHT[name]
    assert diagnoses[destination].codes(f"right {name}.js") == []


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_program_is_told_so(diagnoses: dict[Destination, Diagnosis], name: str) -> None:
    destination, _, code = WRONG[name]
    assert diagnoses[destination].codes(f"wrong {name}.js") == [code]


@pytest.mark.parametrize("name", POINTED_AT)
def test_the_place_of_what_is_wrong_is_pointed_at(
    diagnoses: dict[Destination, Diagnosis], name: str
) -> None:
    lines = wrap(POINTED_AT[name]).splitlines()
    ((line, _code),) = diagnoses[TRACK].found[f"pointed at {name}.js"]
    assert lines[line - 1].endswith("// here")


@pytest.mark.parametrize("destination", list(Destination))
def test_the_code_that_a_transformation_starts_with_compiles(
    diagnoses: dict[Destination, Diagnosis], destination: Destination
) -> None:
    assert diagnoses[destination].codes("starter.js") == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.path.name)
def test_an_example_compiles(
    diagnoses: dict[Destination, Diagnosis], folder: TransformationFolder
) -> None:
    assert diagnoses[folder.destination].codes(f"example {folder.path.name}.js") == []


def test_code_keeps_its_lines_when_it_is_wrapped() -> None:
    code = "const a = 1;\n  let brazecall = { a };\nreturn brazecall;"
    wrapped = wrap(code).splitlines()[1:-1]
    assert [line.replace("/** @type {Output} */ ", "") for line in wrapped] == code.splitlines()
    assert wrapped[1] == "  /** @type {Output} */ let brazecall = { a };"


def test_a_file_beside_the_printed_declarations_is_checked_as_their_head_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["types", "--destination", "track"]) == 0
    printed = capsys.readouterr().out
    (tmp_path / "transformer.d.ts").write_text(printed)
    head = [line.removeprefix("//   ") for line in printed.partition("\n\n")[0].splitlines()]
    (settings,) = [line for line in head if line.startswith('{ "compilerOptions"')]
    assert json.loads(settings) == {"compilerOptions": COMPILER_OPTIONS}
    (tmp_path / "jsconfig.json").write_text(settings)
    usual = "\n".join(head[head.index("/** @type {Output} */") :])
    for fields, expected in (("attributes: []", []), ("attribute: []", ["error TS2561"])):
        (tmp_path / "transform.js").write_text(usual.replace("…", fields))
        assert [line.partition(": ")[2].partition(":")[0] for line in tsc(tmp_path)] == expected


def tsc(folder: Path) -> list[str]:
    compiler = npm_tools.install() / "node_modules" / "typescript" / "bin" / "tsc"
    told = subprocess.run(
        ["node", compiler, "-p", "jsconfig.json", "--noEmit"],  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return [line for line in told.stdout.splitlines() if not line.startswith(" ")]


def test_a_destination_that_does_not_exist_is_a_usage_error() -> None:
    assert main(["types", "--destination", "trak"]) == 2
