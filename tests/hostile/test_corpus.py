"""Every attack of the corpus, against real guests."""

from collections import Counter
from collections.abc import Mapping
from typing import cast

import pytest

from sandbox import Limits, SandboxPool
from sandbox.attacks import Attack, Verdict, load_corpus, run_drill
from sandbox.attacks.drill import RUNNERS

CORPUS = load_corpus()
GROUPS = {"escape", "residue", "time", "memory", "output", "serialisation"}


@pytest.fixture(scope="module")
def verdicts(request: pytest.FixtureRequest) -> Mapping[str, Verdict]:
    """Run the attacks that were asked for in one drill, which runs several at a time."""
    attacks = [
        cast("Attack", item.callspec.params["attack"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and "verdicts" in item.fixturenames
    ]
    with SandboxPool(limits=Limits()) as pool:
        drill = run_drill(attacks, pool, tell=lambda _: None, timeout_s=200)
    return {verdict.attack.title: verdict for verdict in drill}


@pytest.mark.parametrize("attack", CORPUS, ids=lambda attack: attack.title)
def test_the_sandbox_holds(verdicts: Mapping[str, Verdict], attack: Attack) -> None:
    verdict = verdicts[attack.title]
    assert verdict.held, f"{attack.path}: expected {attack.expect}, found {verdict.found}"


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    groups = Counter(attack.group for attack in CORPUS)
    assert groups.keys() >= GROUPS
    assert min(groups[group] for group in GROUPS) >= 20
    assert groups.total() >= 300


def test_every_kind_of_attack_has_a_runner() -> None:
    assert {attack.path.suffix for attack in CORPUS} <= RUNNERS.keys()
