"""The table of providers, as the README beside the packs must have it.

``python -m tests.providers.table`` writes it.
"""

from tests.providers.coverage import covered, tolerance_s
from tests.providers.judges import NPM, PYTHON
from tests.providers.published import PUBLISHED
from transformer.ingest.providers import Pack, load_pack, pack_names
from transformer.ingest.providers.pack import (
    Addresses,
    Basic,
    ClientCertificate,
    Hmac,
    PublicKey,
    Token,
)

HEAD = "| pack | provider | proves who sends by | covers | not older than | checked against |"
RULE = "| --- | --- | --- | --- | --- | --- |"


def rows() -> list[str]:
    return [HEAD, RULE, *(_row(load_pack(name)) for name in pack_names())]


def _row(pack: Pack) -> str:
    tolerance = tolerance_s(pack.name)
    cells = [
        f"[`{pack.name}`](packs/{pack.name})",
        f"[{pack.title}]({pack.docs})",
        _proof(pack),
        covered(pack.name) or "nothing of the body",
        f"{tolerance} s" if tolerance else "",
        _checked(pack),
    ]
    return f"| {' | '.join(cells)} |"


def _proof(pack: Pack) -> str:
    match pack.scheme:
        case Hmac(hash=algorithm, signature=signature):
            return f"HMAC-{algorithm.upper()}, {signature.encoding.value}"
        case PublicKey(algorithms=algorithms, certificate=certificate):
            named = " or ".join(algorithm.value for _, algorithm in algorithms)
            return f"{named}, {'a certificate' if certificate else 'a given key'}"
        case Token():
            return "a token"
        case Basic():
            return "basic authentication"
        case ClientCertificate():
            return "a client certificate"
        case Addresses():
            return "its address"


def _checked(pack: Pack) -> str:
    found = [f"`{package}` (PyPI)" for package in PYTHON.get(pack.name, {})]
    found += [f"`{package}` (npm)" for package in NPM.get(pack.name, {})]
    if pack.name in PUBLISHED:
        found.insert(0, f"the example of {PUBLISHED[pack.name].where}")
    if found:
        return "; ".join(found)
    if isinstance(pack.scheme, Hmac | PublicKey):
        return "**no independent check**: a second implementation in the tests"
    return "nothing to compute; the tests send it"


if __name__ == "__main__":
    print("\n".join(rows()))
