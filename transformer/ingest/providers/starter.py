"""What a pack gives a person to begin with: a sample, its types, and code that works on it."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from transformer.ingest.providers.reader import load_pack, pack_folder


@dataclass(frozen=True, slots=True)
class Starter:
    """The first transformation of a source of this provider.

    ``payload`` is a JSON text, written for the pack: no person in it is real. ``types`` declares ``Payload``,
    for the editor to use in place of ``any``. ``headers`` are those that the code or the pack looks at.
    """

    code: str
    payload: bytes
    types: str
    headers: Mapping[str, str]


def load_starter(name: str) -> Starter:
    """Read the starter of a pack that comes with the product.

    Raises:
        NotFound: there is no pack of this name.
    """
    folder = pack_folder(load_pack(name).name)
    headers = folder / "headers.json"
    return Starter(
        code=(folder / "transform.js").read_text("utf-8"),
        payload=(folder / "payload.json").read_bytes(),
        types=(folder / "payload.d.ts").read_text("utf-8"),
        headers=orjson.loads(headers.read_bytes()) if headers.is_file() else {},
    )
