"""Writes the shapes that code may return as TypeScript types, for editors and ``// @ts-check``.

They say what the schemas say, as far as types can: patterns, lengths and ranges are for the validator.
Two things they see that JSON does not: a Date where a time stands (``x-typescript``), and fields whose
value is undefined, which JSON leaves out. In one thing they are stricter: a field that is ignored at
run time, with a warning, is an error in an object literal, for it is a slip.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import indent
from typing import Any

import orjson

from sandbox import read_declarations
from transformer.schemas.reader import Schema, load_schema
from transformer.transformation import Destination

# What is handed to a compiler. Payloads are of any type, so what is made of them is too.
COMPILER_OPTIONS: dict[str, Any] = {
    "checkJs": True,
    "strict": True,
    "noImplicitAny": False,
    "useUnknownInCatchVariables": False,
    "lib": ["es2024"],
    "types": [],
}

_HEAD = """\
// What a transformation for the destination {destination} sees, and what it may return.
//
// Save this as transformer.d.ts beside the code, with a jsconfig.json:
//   {{ "compilerOptions": {options} }}
// and name the type of what the code returns:
//   /** @type {{Output}} */
//   const brazecall = {{ … }};
//   // @ts-ignore: a transformation is the body of a function
//   return brazecall;

"""
_GENERAL_TYPES = """\

/** A value that is no object and no list. */
type Scalar = string | number | boolean | null | undefined;

/** Any value that is there. */
type Present = {} | null;

/** An object with these fields, and others. */
type Open<Fields> = (Fields & { readonly [name: string]: unknown }) | (object & Fields);
"""
_SCALARS = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "null": "null",
}
_WRAPPER = ("/** @returns {Promise<Output>} */ async function transform() {\n", "\n}\n")
_USUAL_VARIABLE = re.compile(r"^[ \t]*(?=(?:let|const|var)\s+brazecall\b)", re.MULTILINE)


def write_types(destination: Destination) -> str:
    """Write the declarations for code of one destination: what it sees, and the type ``Output``.

    A body in a list may name another destination, so all bodies are declared.
    """
    schemas = {each: load_schema(each) for each in Destination}
    definitions: dict[str, Schema] = {}
    for schema in schemas.values():
        definitions |= schema["$defs"]
    writer = _Writer(definitions)
    fields = {name for schema in schemas.values() for name in schema["properties"]}
    options = orjson.dumps(COMPILER_OPTIONS).decode().replace(",", ", ").replace(":", ": ")
    return "".join(
        [
            _HEAD.format(destination=destination.value, options=options),
            read_declarations(),
            _GENERAL_TYPES,
            *(writer.declaration(_pascal(name), definitions[name]) for name in sorted(definitions)),
            *(
                writer.declaration(
                    _body(each), schema, absent=sorted(fields - {*schema["properties"]})
                )
                for each, schema in schemas.items()
            ),
            _output(destination, sorted(fields)),
        ]
    )


def wrap(code: str) -> str:
    """Make a program of code, which is the body of a function, for a compiler to check.

    The code begins in the second line. A variable of the usual name, ``brazecall``, is given its
    type, for without one the literals in it become any texts; only that line's columns change.
    """
    declared = _USUAL_VARIABLE.search(code)
    if declared and code.count("/*", 0, declared.end()) == code.count("*/", 0, declared.end()):
        code = f"{code[: declared.end()]}/** @type {{Output}} */ {code[declared.end() :]}"
    return code.join(_WRAPPER)


def _output(destination: Destination, fields: Sequence[str]) -> str:
    """Write what may be returned.

    The list is written as what it has: of an array among others, compilers point at the ``return``
    in place of what is wrong in the object that is returned.
    """
    others = "".join(
        f'\n  | ({_body(each)} & {{ destination: "{each.value}" }})'
        for each in Destination
        if each is not destination
    )
    no_fields = " ".join(f"{name}?: never;" for name in fields)
    return (
        "\n/** What one body changes; of another destination where it names one. */\n"
        f"type Body =\n  | {_body(destination)}{others};\n"
        "\n/** A list of bodies: an array. */\n"
        "type Bodies = { readonly length: number; readonly [index: number]: Body; "
        f"{no_fields} }};\n"
        "\n/** What the code returns: a body, a list of bodies, or nothing, which skips the webhook. */\n"
        "type Output = Body | Bodies | null | undefined;\n"
    )


def _body(destination: Destination) -> str:
    return _pascal(destination.value.replace(".", "_")) + "Body"


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes types from schemas; what types cannot say is left out, so that they take more."""

    definitions: Mapping[str, Schema]

    def declaration(self, name: str, schema: Schema, *, absent: Sequence[str] = ()) -> str:
        """Write a type with a name; fields that are ``absent`` belong to other types beside it."""
        examples = [line for each in schema.get("examples", []) for line in _example(each)]
        return f"\n{_comment(schema, examples)}type {name} = {self._type(schema, absent)};\n"

    def _type(  # noqa: PLR0911 - one return a form
        self, schema: Schema, absent: Sequence[str] = ()
    ) -> str:
        if "x-typescript" in schema:
            return str(schema["x-typescript"])
        if "not" in schema:
            return "{}" if schema["not"] == {"type": "null"} else "never"
        if "$ref" in schema:
            return _pascal(_referred(schema))
        if "const" in schema or "enum" in schema:
            return _union(_literal(value) for value in schema.get("enum", [schema.get("const")]))
        if "if" in schema:
            return self._conditional(schema)
        if "anyOf" in schema:
            return _union(self._type(part) for part in schema["anyOf"])
        match schema.get("allOf"):
            case None:
                return self._own(schema, absent)
            case [{"anyOf": branches}, {"not": {"anyOf": pairs}}]:
                return self._choice(branches, [pair["required"] for pair in pairs])
            case parts:
                rules = [self._type(part) for part in parts]
                return " & ".join([*rules, _grouped(self._own(schema, absent))])

    def _choice(self, branches: Sequence[Schema], apart: Sequence[Sequence[str]]) -> str:
        """Write that some field is there, and that those of each pair never stand together."""
        names = dict.fromkeys(name for pair in apart for name in pair)
        return _union(
            self._fields(branch, [name for name in names if name not in branch["required"]], "null")
            for branch in branches
        )

    def _own(self, schema: Schema, absent: Sequence[str]) -> str:
        """Write what the keywords about types and fields say."""
        match schema.get("type"):
            case str() as name:
                return self._of_type(name, schema, absent)
            case [*names]:
                return _union(self._of_type(name, schema, absent) for name in names)
            case _ if "required" in schema:  # a rule about objects that another one describes
                return self._fields(schema)
            case _ if "properties" in schema:
                return f"Scalar | {self._open(schema)}"
            case _:
                return "Scalar | object"

    def _of_type(self, name: str, schema: Schema, absent: Sequence[str]) -> str:
        match name:
            case "array" if "items" in schema:
                return f"readonly {_grouped(self._type(schema['items']))}[]"
            case "array":
                return "readonly unknown[]"
            case "object" if "properties" in schema:
                return self._fields(schema, absent)
            case "object":
                return self._open(schema)
            case _:
                return _SCALARS[name]

    def _open(self, schema: Schema) -> str:
        """Write an object that may have other fields too, but none whose name is reserved."""
        reserved = schema.get("propertyNames", {}).get("not", {}).get("enum", [])
        return f"Open<{self._fields(schema, reserved)}>"

    def _fields(
        self, schema: Schema, absent: Sequence[str] = (), in_their_place: str = "never"
    ) -> str:
        properties: Mapping[str, Schema] = schema.get("properties", {})
        required = schema.get("required", [])
        lines = [
            f"{_comment(self._described(held))}{_key(name)}{'' if name in required else '?'}: "
            f"{self._type(held)};"
            for name, held in properties.items()
        ]
        lines += [f"{_key(name)}: Present;" for name in required if name not in properties]
        lines += [f"{_key(name)}?: {in_their_place};" for name in absent]
        others = schema.get("additionalProperties")
        if isinstance(others, dict):
            lines.append(f"[name: string]: {self._type(others)};")
        return "{\n" + indent("\n".join(lines), "  ") + "\n}" if lines else "{}"

    def _conditional(self, schema: Schema) -> str:
        """Write a condition that asks whether an object has one of some fields, or only those."""
        if "anyOf" not in schema["if"]:
            return self._own(schema["then"], ())  # types cannot say that there are no others
        names = [name for branch in schema["if"]["anyOf"] for name in branch["required"]]
        without = self._fields({}, names)
        otherwise = f"({self._type(schema['else'])} & (Scalar | Open<{without}>))"
        return f"{self._type(schema['then'])} | {otherwise}"

    def _described(self, schema: Schema) -> Schema:
        return self.definitions[_referred(schema)] | schema if "$ref" in schema else schema


def _referred(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _comment(schema: Schema, more: Sequence[str] = ()) -> str:
    title, description = schema.get("title"), schema.get("description")
    if not title or not description:
        return ""
    lines = [f"{title}. {description}", *more]
    if len(lines) == 1:
        return f"/** {_safe(lines[0])} */\n"
    return "\n".join(["/**", *(f" * {_safe(line)}" for line in lines), " */\n"])


def _example(value: Any) -> Iterable[str]:
    return ["@example", *orjson.dumps(value, option=orjson.OPT_INDENT_2).decode().splitlines()]


def _safe(text: str) -> str:
    return text.replace("*/", "* /")


def _union(types: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(types))


def _grouped(text: str) -> str:
    return f"({text})" if " | " in text else text


def _literal(value: Any) -> str:
    return orjson.dumps(value).decode()


def _key(name: str) -> str:
    return name if name.replace("$", "_").isidentifier() else _literal(name)


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
