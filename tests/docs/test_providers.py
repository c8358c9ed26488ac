"""The README of the provider packs says what the packs and the tests say."""

import re
from pathlib import Path

from tests.providers.table import rows
from transformer.ingest.providers import Reason, pack_names
from transformer.ingest.providers.reader import load_schema
from transformer.ingest.providers.signed import builder_names

PACKAGE = Path(__file__).parents[2] / "transformer" / "ingest" / "providers"
README = (PACKAGE / "README.md").read_text()
SOURCE = (PACKAGE / "signed.py").read_text()


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_table_of_providers_is_what_they_were_checked_against() -> None:
    table = [line for line in section("Providers").splitlines() if line.startswith("|")]
    assert table == rows()


def test_every_reason_of_a_refusal_is_documented() -> None:
    named = re.findall(r"`([a-z_]+)`", section("Why a request is refused"))
    assert [name for name in named if name in list(Reason)] == [
        name for name in named if "." not in name
    ]
    assert set(named) == set(Reason)


def test_the_example_of_a_pack_has_no_key_that_the_schema_does_not_know() -> None:
    example = section("How a pack is written").partition("```toml")[2].partition("```")[0]
    keys = set(re.findall(r"^(\w+) = ", example, re.MULTILINE))
    assert keys <= set(re.findall(r"\w+", repr(load_schema())))


def test_every_rule_of_a_single_vendor_is_used_by_a_pack() -> None:
    packs = "".join(
        (PACKAGE / "packs" / name / "pack.toml").read_text("utf-8") for name in pack_names()
    )
    assert [name for name in builder_names() if f"{{{name}}}" not in packs] == []
