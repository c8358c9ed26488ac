"""The profiles of one batch, each held once and found by any of its identifiers.

A profile made, readdressed, renamed, merged or deleted by an operation is found so by the next
ones, long before it reaches the store: whether a stream is cut into batches here or there makes no
difference (tests/contract/test_writer_lifecycle.py).
"""

from collections.abc import Collection, Iterable, Mapping

from transformer.ids import ProfileId
from transformer.store.profiles import Alias
from transformer.writer.identity import Identifier, IdentifierType
from transformer.writer.owners import Owners
from transformer.writer.profile import Profile, new_profile


class Roster:
    """Who can be named in a batch.

    Args:
        profiles: the stored profiles that the batch may mean; with an email or a phone by which
            an operation names its profile, *every* profile that has it.
        aliases: the stored aliases that the batch names; where it changes who somebody is, all of
            its profiles.
        deprecated: the same of the external ids that profiles had before they were renamed.
        now: the time of the batch, as the store keeps it.
    """

    def __init__(
        self,
        profiles: Iterable[Profile],
        *,
        aliases: Mapping[Alias, ProfileId],
        deprecated: Mapping[str, ProfileId] | None = None,
        now: str,
    ) -> None:
        self._now = now
        self._by_id: dict[str, Profile] = {}
        self._by_external_id: dict[str, Profile] = {}
        self._by_email: dict[str, dict[ProfileId, Profile]] = {}
        self._by_phone: dict[str, dict[ProfileId, Profile]] = {}
        self.aliases: Owners[Alias] = Owners(aliases)
        self.deprecated: Owners[str] = Owners(deprecated or {})
        self.changed: dict[ProfileId, Profile] = {}
        self.renamed: dict[ProfileId, Profile] = {}
        self.removed: dict[ProfileId, Profile] = {}
        self.merged: dict[ProfileId, Profile] = {}
        self._touches = 0
        for profile in profiles:
            if profile.id not in self._by_id:
                self._hold(profile)
                if profile.updated_at == now:
                    # The batch before this one was in the same millisecond.
                    self._touches = max(self._touches, profile.order)

    @property
    def new_aliases(self) -> dict[Alias, ProfileId]:
        """The aliases to store, each with its profile."""
        return self.aliases.new

    def find(self, identifier: Identifier) -> Profile | None:
        """Find the profile that an identifier means now; an external id out of use finds it too."""
        match identifier.type:
            case IdentifierType.EXTERNAL_ID:
                found = self._by_external_id.get(identifier.value)
                return found or self._owned(self.deprecated.get(identifier.value))
            case IdentifierType.USER_ALIAS:
                return self._owned(self.aliases.get((identifier.label, identifier.value)))
            case IdentifierType.BRAZE_ID:
                return self._by_id.get(identifier.value)
            case IdentifierType.EMAIL | IdentifierType.PHONE:
                return _preferred(self.sharing(identifier))

    def sharing(self, identifier: Identifier) -> Collection[Profile]:
        """Give every profile that has the email or phone of an identifier; of others none."""
        match identifier.type:
            case IdentifierType.EMAIL:
                return self._by_email.get(identifier.value, {}).values()
            case IdentifierType.PHONE:
                return self._by_phone.get(identifier.value, {}).values()
            case IdentifierType.EXTERNAL_ID | IdentifierType.USER_ALIAS | IdentifierType.BRAZE_ID:
                return ()

    def others_with_email(self, profile: Profile) -> list[Profile]:
        """Give the other profiles with a profile's email, the one updated last at the end."""
        if profile.email is None:
            return []
        sharing = self._by_email[profile.email].values()
        return sorted((other for other in sharing if other is not profile), key=recency)

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
            self.aliases.give((identifier.label, identifier.value), profile.id)

    def remove(self, profile: Profile, *, into: Profile | None = None) -> None:
        """Take a profile away, with all that named it; ``into`` is whom it goes up in."""
        self.readdress(profile, email=None, phone=None)
        if profile.external_id is not None:
            del self._by_external_id[profile.external_id]
        for alias in self.aliases.of(profile.id):
            self.aliases.take(alias)
        for external_id in self.deprecated.of(profile.id):
            self.deprecated.take(external_id)
        del self._by_id[profile.id]
        self.changed.pop(profile.id, None)
        if profile.stored:
            self.removed[profile.id] = profile
        if into is not None:
            self.merged[profile.id] = into

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

    def rename(self, profile: Profile, external_id: str) -> None:
        """Give a profile an external id; the one that it had still finds it."""
        if profile.external_id is not None:
            del self._by_external_id[profile.external_id]
            self.deprecated.give(profile.external_id, profile.id)
        self._by_external_id[external_id] = profile
        profile.external_id = external_id
        if profile.stored:
            self.renamed[profile.id] = profile

    def touch(self, profile: Profile) -> None:
        """Note that a profile was changed, after every one that was changed before."""
        profile.updated_at = self._now
        self._touches += 1
        profile.order = self._touches
        self.changed[profile.id] = profile

    def _owned(self, owner: ProfileId | None) -> Profile | None:
        return None if owner is None else self._by_id.get(owner)

    def _hold(self, profile: Profile) -> None:
        self._by_id[profile.id] = profile
        if profile.external_id is not None:
            self._by_external_id[profile.external_id] = profile
        if profile.email is not None:
            self._by_email.setdefault(profile.email, {})[profile.id] = profile
        if profile.phone is not None:
            self._by_phone.setdefault(profile.phone, {})[profile.id] = profile


def recency(profile: Profile) -> tuple[str, int, str]:
    """Give what sorts profiles by when they were updated: the highest is the latest."""
    return (profile.updated_at, profile.order, profile.id)


def _preferred(candidates: Collection[Profile]) -> Profile | None:
    """Choose among profiles with one address: one with an external id first, then the latest."""
    return max(
        candidates,
        key=lambda profile: (profile.external_id is not None, *recency(profile)),
        default=None,
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
