from transformer.ids import ProfileId
from transformer.writer.identity import Identifier, IdentifierType
from transformer.writer.profile import Profile
from transformer.writer.roster import Roster

NOW = "2026-03-01T12:00:00.000Z"
EMAIL = Identifier(IdentifierType.EMAIL, "a@b.co")


def _profile(
    name: str, *, email: str | None = "a@b.co", external: bool = False, updated: str, order: int = 0
) -> Profile:
    return Profile(
        id=ProfileId(name),
        external_id=f"external-{name}" if external else None,
        email=email,
        phone=None,
        created_at=updated,
        updated_at=updated,
        order=order,
        stored=True,
    )


def _roster(*profiles: Profile) -> Roster:
    return Roster(profiles, aliases={}, now=NOW)


def test_of_profiles_with_one_email_the_latest_with_an_external_id_is_meant() -> None:
    roster = _roster(
        _profile("a", external=True, updated="2026-01-01"),
        _profile("b", external=True, updated="2026-01-02"),
        _profile("c", updated="2026-01-03"),
    )
    found = roster.find(EMAIL)
    assert found is not None
    assert found.id == "b"


def test_of_profiles_with_one_email_and_no_external_id_the_latest_is_meant() -> None:
    roster = _roster(_profile("b", updated="2026-01-02"), _profile("a", updated="2026-01-03"))
    found = roster.find(EMAIL)
    assert found is not None
    assert found.id == "a"


def test_of_profiles_updated_at_one_moment_the_last_is_meant() -> None:
    roster = _roster(
        _profile("a", updated="2026-01-01", order=2), _profile("b", updated="2026-01-01", order=1)
    )
    found = roster.find(EMAIL)
    assert found is not None
    assert found.id == "a"


def test_a_profile_that_was_touched_is_the_latest() -> None:
    older = _profile("a", updated="2026-01-01")
    roster = _roster(older, _profile("b", updated="2026-01-02"))
    roster.touch(older)
    assert roster.find(EMAIL) is older


def test_a_profile_that_was_touched_is_the_latest_within_one_millisecond() -> None:
    older = _profile("a", updated=NOW, order=1)
    roster = _roster(older, _profile("b", updated=NOW, order=2))
    roster.touch(older)
    assert roster.find(EMAIL) is older


def test_a_profile_is_found_by_its_new_email_and_not_by_its_old_one() -> None:
    profile = _profile("a", updated="2026-01-01")
    roster = _roster(profile)
    roster.readdress(profile, email="new@b.co", phone="+33123456")
    assert roster.find(EMAIL) is None
    assert roster.find(Identifier(IdentifierType.EMAIL, "new@b.co")) is profile
    assert roster.find(Identifier(IdentifierType.PHONE, "+33123456")) is profile


def test_a_profile_read_twice_is_held_once() -> None:
    first, second = (_profile("a", external=True, updated="2026-01-01") for _ in range(2))
    roster = _roster(first, second)
    assert roster.find(EMAIL) is first
    assert roster.find(Identifier(IdentifierType.EXTERNAL_ID, "external-a")) is first


def test_a_draft_is_found_once_it_is_added() -> None:
    roster = _roster()
    alias = Identifier(IdentifierType.USER_ALIAS, "ada", "shop")
    draft = roster.draft(alias)
    assert roster.find(alias) is None
    roster.add(draft, identifier=alias)
    assert roster.find(alias) is draft
    assert roster.new_aliases == {("shop", "ada"): draft.id}


def test_an_alias_of_one_label_is_not_one_of_another() -> None:
    roster = _roster()
    alias = Identifier(IdentifierType.USER_ALIAS, "ada", "shop")
    roster.add(roster.draft(alias), identifier=alias)
    assert roster.find(Identifier(IdentifierType.USER_ALIAS, "shop", "ada")) is None
