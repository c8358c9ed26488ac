"""What the tables of rules need: an object applied to a profile in memory, and what was said of it."""

from typing import Any

from transformer.delivery import Problem
from transformer.operation import JsonObject
from transformer.writer.attributes import read_change, write_change
from transformer.writer.profile import Profile, new_profile
from transformer.writer.provenance import ProfileChanges

NOW = "2026-03-01T12:00:00.000Z"
POINTER = "/attributes/3"

Said = list[tuple[str, str]]
"""Codes and where inside the object."""


def profile_with(held: JsonObject, fields: JsonObject | None = None) -> Profile:
    profile = new_profile(now=NOW, external_id="u1")
    profile.custom_attributes = dict(held)
    profile.fields = dict(fields or {})
    return profile


def applied(profile: Profile, described: JsonObject, *, counting: bool = True) -> Problem | Said:
    """Apply an attributes object; say why it is rejected, or which warnings there are."""
    change = read_change(profile, described, pointer=POINTER, counting=counting)
    if isinstance(change, Problem):
        return change
    write_change(ProfileChanges(profile, created=False), change)
    return said(change.warnings, POINTER)


def said(problems: Any, pointer: str) -> Said:
    for problem in problems:
        assert problem.message.endswith(".")
    return [(problem.code, problem.pointer.removeprefix(pointer)) for problem in problems]
