"""A fixed share of what the fuzzer makes; by hand it runs for as long as one likes (fuzz.py)."""

from sandbox import Limits, SandboxPool
from tests.hostile.fuzz import Fuzzer

_SEED = 20_260_102
_PROGRAMS = 120


def test_no_program_harms_its_neighbours_the_realm_or_the_pool() -> None:
    with SandboxPool(limits=Limits()) as pool:
        fuzzer = Fuzzer(_SEED, pool)
        finds = [find for n in range(_PROGRAMS) if (find := fuzzer.try_program(n)) is not None]
    assert not finds, "\n\n".join(find.as_file() for find in finds)
    # A fuzzer that makes nothing but nonsense finds nothing either.
    assert fuzzer.ends["syntax_invalid"] < _PROGRAMS / 5
    assert fuzzer.ends["returned"] > _PROGRAMS / 5


def test_the_same_seed_makes_the_same_programs() -> None:
    with SandboxPool(limits=Limits()) as pool:
        one, other = Fuzzer(_SEED, pool), Fuzzer(_SEED, pool)
        assert [one.make(n) for n in range(50)] == [other.make(n) for n in range(50)]
