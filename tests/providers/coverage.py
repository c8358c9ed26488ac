"""What each pack's verification covers, read from the pack."""

from transformer.ingest.providers.pack import Hmac, PublicKey
from transformer.ingest.providers.reader import load_pack

# What of the body each part of a template brings in.
_COVERED = {
    "{body}": "the body",
    "{crc32}": "the body's CRC-32",
    "{form_or_hash}": "the form, or the body's hash",
    "{sorted_form}": "the form",
    "{php_form}": "the form",
    "{named_lines}": "the values that matter",
    "{value:bt_payload}": "the values that matter",
}


def has_signature(name: str) -> bool:
    return isinstance(load_pack(name).scheme, Hmac | PublicKey)


def covered(name: str) -> str:
    """Say what of the body the signature is over; empty: nothing that would matter."""
    scheme = load_pack(name).scheme
    if not isinstance(scheme, Hmac | PublicKey):
        return ""
    template = scheme.signed.template
    return next((what for part, what in _COVERED.items() if part in template), "")


def tolerance_s(name: str) -> int | None:
    scheme = load_pack(name).scheme
    if not isinstance(scheme, Hmac | PublicKey) or scheme.timestamp is None:
        return None
    return scheme.timestamp.tolerance_s
