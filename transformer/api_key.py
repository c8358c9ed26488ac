"""An API key: what a program shows to use the REST API, and what it may do with it.

A key's text is its id and a secret, joined by a dot. The id says which row to compare with; of the
secret only a hash is stored, so that who reads the database cannot use the keys in it. The hash is
SHA-256, once: the secret is 256 random bits, which nobody can guess however fast the hash is, and a
slow hash, made for words that people choose, would cost more than the request it guards.

What a key may do, and from where, is settled when it is made: another key takes its place.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from transformer.ids import KeyId, WorkspaceId, is_id

SECRET_BYTES = 32
_MOST_TEXT = 128

Network: TypeAlias = IPv4Network | IPv6Network


class Permission(StrEnum):
    """What a key may do (braze.md §7)."""

    USERS_TRACK = "users.track"
    USERS_TRACK_SYNC = "users.track.sync"
    USERS_TRACK_BULK = "users.track.bulk"
    USERS_IDENTIFY = "users.identify"
    USERS_MERGE = "users.merge"
    USERS_ALIAS_NEW = "users.alias.new"
    USERS_ALIAS_UPDATE = "users.alias.update"
    USERS_DELETE = "users.delete"
    USERS_EXPORT_IDS = "users.export.ids"
    EXTERNAL_IDS_RENAME = "users.external_ids.rename"
    EXTERNAL_IDS_REMOVE = "users.external_ids.remove"
    CATALOGS_CREATE = "catalogs.create"
    CATALOGS_GET = "catalogs.get"
    CATALOGS_DELETE = "catalogs.delete"
    CATALOGS_CREATE_FIELDS = "catalogs.create_fields"
    CATALOGS_DELETE_FIELDS = "catalogs.delete_fields"
    CATALOGS_CREATE_SELECTION = "catalogs.create_selection"
    CATALOGS_DELETE_SELECTION = "catalogs.delete_selection"
    CATALOGS_ADD_ITEMS = "catalogs.add_items"
    CATALOGS_UPDATE_ITEMS = "catalogs.update_items"
    CATALOGS_REPLACE_ITEMS = "catalogs.replace_items"
    CATALOGS_DELETE_ITEMS = "catalogs.delete_items"
    CATALOGS_GET_ITEMS = "catalogs.get_items"
    CATALOGS_CREATE_ITEM = "catalogs.create_item"
    CATALOGS_UPDATE_ITEM = "catalogs.update_item"
    CATALOGS_REPLACE_ITEM = "catalogs.replace_item"
    CATALOGS_DELETE_ITEM = "catalogs.delete_item"
    CATALOGS_GET_ITEM = "catalogs.get_item"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is stored.

    Args:
        networks: from where it may be used; empty: from everywhere.
        secret_hash: :func:`hash_of` its secret.
        last_seen_at: when it was used last, to the minute; None: never.
    """

    id: KeyId
    workspace_id: WorkspaceId
    name: str
    permissions: frozenset[Permission]
    networks: tuple[Network, ...]
    secret_hash: str
    created_at: datetime
    last_seen_at: datetime | None = None

    def opens_with(self, secret: str) -> bool:
        """Say whether this is its secret; a wrong one takes as long, however much of it is right."""
        return hmac.compare_digest(hash_of(secret), self.secret_hash)

    def allows_from(self, address: str | None) -> bool:
        """Say whether it may be used from an address; None is one that we do not know."""
        if not self.networks:
            return True
        if address is None:
            return False
        try:
            caller = ip_address(address)
        except ValueError:
            return False
        if isinstance(caller, IPv6Address) and caller.ipv4_mapped is not None:
            caller = caller.ipv4_mapped  # how a socket for both kinds shows IPv4
        return any(caller in network for network in self.networks)


def new_secret() -> str:
    """Make the secret of a key: 256 random bits."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> str:
    """Give what is stored of a secret."""
    return sha256(secret.encode()).hexdigest()


def key_text(key_id: KeyId, secret: str) -> str:
    """Give what a caller sends."""
    return f"{key_id}.{secret}"


def read_key_text(text: str) -> tuple[KeyId, str] | None:
    """Take apart what a caller sent; None where it has not the form of a key."""
    head, dot, secret = text.partition(".")
    if not (dot and secret and len(text) <= _MOST_TEXT and is_id(head, "key")):
        return None
    return KeyId(head), secret


def read_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Read an allow-list of addresses and subnets, such as 192.0.2.7 and 198.51.100.0/24.

    Raises:
        ValueError: one is neither; it says which and why.
    """
    return tuple(ip_network(text) for text in texts)
