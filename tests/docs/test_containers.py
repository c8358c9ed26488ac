"""The container files speak of what exists: no container engine is needed to hold that."""

import re
from pathlib import Path

import yaml

from transformer.cli import commands
from transformer.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
OURS = {
    name: service
    for name, service in COMPOSE["services"].items()
    if service.get("image") == "transformer"
}


def test_each_service_of_ours_runs_a_command_of_the_program() -> None:
    for service in OURS.values():
        assert hasattr(commands, service["command"][0])
    assert {"web", "worker", "writer", "scheduler", "migrate"} <= OURS.keys()


def test_each_variable_that_containers_set_is_a_setting() -> None:
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    given = {name for service in OURS.values() for name in service["environment"]}
    given |= set(re.findall(r"\bTRANSFORMER_[A-Z_]+(?==)", DOCKERFILE))
    assert given <= settings


def test_what_is_accepted_is_on_disk_before_it_is_answered() -> None:
    command = COMPOSE["services"]["valkey"]["command"]
    assert command[command.index("--appendfsync") + 1] == "always"
    assert command[command.index("--appendonly") + 1] == "yes"


def test_the_image_runs_as_a_user_without_rights_and_tells_its_health() -> None:
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!root)\w+$", last_stage, re.MULTILINE)
    assert "HEALTHCHECK" in last_stage
    assert DOCKERFILE.count("\nFROM ") + DOCKERFILE.startswith("FROM ") == 2


def test_what_the_image_copies_exists() -> None:
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        *sources, _ = line.split()
        for source in sources:
            assert (ROOT / source).exists(), source
