"""The profiles of one batch, each held once and found by any of its identifiers.

A profile made or readdressed by an operation is found so by the next ones, long before it reaches
the store: whether a stream is cut into batches here or there makes no difference.
"""

from collections.abc import Collection, Iterable, Mapping

from transformer.ids import ProfileId
from transformer.store.profiles import Alias
from transformer.writer.identity import Identifier, IdentifierType
from transformer.writer.profile import Profile, new_profile


class Roster:
    """Who can be named in a batch.

    Args:
        profiles: the stored profiles that the batch may mean; with an email or a phone by which
            an operation names its profile, *every* profile that has it.
        aliases: the stored aliases that the batch names.
        now: the time of the batch, as the store keeps it.
    """

    def __init__(
        self, profiles: Iterable[Profile], *, aliases: Mapping[Alias, ProfileId], now: str
    ) -> None:
        self._now = now
        self._by_id: dict[str, Profile] = {}
        self._by_external_id: dict[str, Profile] = {}
        self._by_alias: dict[Alias, ProfileId] = dict(aliases)
        self._by_email: dict[str, dict[ProfileId, Profile]] = {}
        self._by_phone: dict[str, dict[ProfileId, Profile]] = {}
        self.changed: dict[ProfileId, Profile] = {}
        self.new_aliases: dict[Alias, ProfileId] = {}
        self._touches = 0
        for profile in profiles:
            if profile.id not in self._by_id:
                self._hold(profile)

    def find(self, identifier: Identifier) -> Profile | None:
        """Find the profile that an identifier means now."""
        match identifier.type:
            case IdentifierType.EXTERNAL_ID:
                return self._by_external_id.get(identifier.value)
            case IdentifierType.USER_ALIAS:
                owner = self._by_alias.get((identifier.label, identifier.value))
                return None if owner is None else self._by_id.get(owner)
            case IdentifierType.BRAZE_ID:
                return self._by_id.get(identifier.value)
            case IdentifierType.EMAIL:
                return _preferred(self._by_email.get(identifier.value))
            case IdentifierType.PHONE:
                return _preferred(self._by_phone.get(identifier.value))

    def sharing(self, identifier: Identifier) -> Collection[Profile]:
        """Give every profile that has the email or phone of an identifier; of others none."""
        match identifier.type:
            case IdentifierType.EMAIL:
                return self._by_email.get(identifier.value, {}).values()
            case IdentifierType.PHONE:
                return self._by_phone.get(identifier.value, {}).values()
            case IdentifierType.EXTERNAL_ID | IdentifierType.USER_ALIAS | IdentifierType.BRAZE_ID:
                return ()

    def draft(self, identifier: Identifier) -> Profile:
        """Make the profile that an identifier asks for; it counts once it is added."""
        match identifier.type:
            case IdentifierType.EXTERNAL_ID:
                return new_profile(now=self._now, external_id=identifier.value)
            case IdentifierType.EMAIL:
                return new_profile(now=self._now, email=identifier.value)
            case IdentifierType.PHONE:
                return new_profile(now=self._now, phone=identifier.value)
            case IdentifierType.USER_ALIAS | IdentifierType.BRAZE_ID:
                return new_profile(now=self._now)

    def add(self, profile: Profile, *, identifier: Identifier) -> None:
        """Take in a profile that :meth:`draft` made."""
        self._hold(profile)
        if identifier.type is IdentifierType.USER_ALIAS:
            alias = (identifier.label, identifier.value)
            self._by_alias[alias] = profile.id
            self.new_aliases[alias] = profile.id

    def readdress(self, profile: Profile, *, email: str | None, phone: str | None) -> None:
        """Give a profile another email and phone."""
        if profile.email != email:
            _move(self._by_email, profile, old=profile.email, new=email)
            profile.email = email
            profile.readdressed = True
        if profile.phone != phone:
            _move(self._by_phone, profile, old=profile.phone, new=phone)
            profile.phone = phone
            profile.readdressed = True

    def touch(self, profile: Profile) -> None:
        """Note that a profile was changed, after every one that was changed before."""
        profile.updated_at = self._now
        self._touches += 1
        profile.order = self._touches
        self.changed[profile.id] = profile

    def _hold(self, profile: Profile) -> None:
        self._by_id[profile.id] = profile
        if profile.external_id is not None:
            self._by_external_id[profile.external_id] = profile
        if profile.email is not None:
            self._by_email.setdefault(profile.email, {})[profile.id] = profile
        if profile.phone is not None:
            self._by_phone.setdefault(profile.phone, {})[profile.id] = profile


def _preferred(candidates: dict[ProfileId, Profile] | None) -> Profile | None:
    """Choose among profiles with one address: one with an external id first, then the latest."""
    if not candidates:
        return None
    return max(
        candidates.values(),
        key=lambda profile: (
            profile.external_id is not None,
            profile.updated_at,
            profile.order,
            profile.id,
        ),
    )


def _move(
    index: dict[str, dict[ProfileId, Profile]],
    profile: Profile,
    *,
    old: str | None,
    new: str | None,
) -> None:
    if old is not None:
        index.get(old, {}).pop(profile.id, None)
    if new is not None:
        index.setdefault(new, {})[profile.id] = profile
