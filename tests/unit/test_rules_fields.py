"""Reserved profile fields (braze.md §2.1, *attributes object*): one row a rule.

The tag behind a rule's name is its evidence: [D] documented, [I] inferred, [ours] where the documentation
is silent and transformer/README.md says why.
"""

from typing import Any

import pytest

from tests.support.rules import POINTER, applied, profile_with
from transformer.delivery import Problem
from transformer.writer.attributes import Change, read_change
from transformer.writer.countries import country_code
from transformer.writer.fields import RESERVED

GROUP = "11111111-2222-3333-4444-55555555555a"
OTHER = "99999999-2222-3333-4444-555555555555"


def group(group_id: Any = GROUP, state: Any = "subscribed", **more: Any) -> dict[str, Any]:
    return {"subscription_group_id": group_id, "subscription_state": state} | more


def token(**more: Any) -> dict[str, Any]:
    return {"app_id": "shop", "token": "t1"} | more


KEPT = [
    pytest.param("first_name", "Ada", "Ada", id="first_name is a string [D]"),
    pytest.param("last_name", "", "", id="a blank last_name is stored [D]"),
    pytest.param("home_city", "Paris", "Paris", id="home_city is a string [D]"),
    pytest.param("dob", "1990-12-31", "1990-12-31", id="dob is YYYY-MM-DD [D]"),
    *(
        pytest.param("gender", letter, letter, id=f"gender is {letter} [D]")
        for letter in ("M", "F", "O", "N", "P")
    ),
    pytest.param("country", "FR", "FR", id="country is ISO 3166-1 alpha-2 [D]"),
    pytest.param("country", "fr", "FR", id="country in small letters [D]"),
    pytest.param("country", "FRA", "FR", id="country as alpha-3 is mapped [D]"),
    pytest.param("country", "France", "FR", id="country by its name is mapped [D]"),
    pytest.param("country", "U.S.A.", "US", id="country by another name is mapped [D]"),
    pytest.param("language", "en", "en", id="language is ISO 639-1 [D]"),
    pytest.param("language", "en-GB", "en", id="of a locale the language is kept [ours]"),
    pytest.param("language", "PT_br", "pt", id="of a POSIX locale too [ours]"),
    pytest.param("time_zone", "Europe/Lisbon", "Europe/Lisbon", id="time_zone is IANA's [D]"),
    pytest.param(
        "current_location",
        {"longitude": -9.14, "latitude": 38},
        {"longitude": -9.14, "latitude": 38},
        id="current_location is longitude and latitude [D]",
    ),
    *(
        pytest.param(name, "2026-01-02", "2026-01-02T00:00:00.000Z", id=f"{name} is a time [D]")
        for name in (
            "date_of_first_session",
            "date_of_last_session",
            "marked_email_as_spam_at",
        )
    ),
    *(
        pytest.param(name, state, state, id=f"{name} is {state} [D]")
        for name in ("email_subscribe", "push_subscribe")
        for state in ("opted_in", "subscribed", "unsubscribed")
    ),
    pytest.param("email_open_tracking_disabled", True, True, id="email_open_tracking_disabled [D]"),
    pytest.param(
        "email_click_tracking_disabled", False, False, id="email_click_tracking_disabled [D]"
    ),
    pytest.param(
        "facebook",
        {"id": "f1", "likes": ["tea"], "num_friends": 3},
        {"id": "f1", "likes": ["tea"], "num_friends": 3},
        id="facebook has id, likes, num_friends [D]",
    ),
    pytest.param(
        "twitter",
        {
            "id": 1,
            "screen_name": "ada",
            "followers_count": 2,
            "friends_count": 3,
            "statuses_count": 4,
        },
        {
            "id": 1,
            "screen_name": "ada",
            "followers_count": 2,
            "friends_count": 3,
            "statuses_count": 4,
        },
        id="twitter has id, screen_name and counts [D]",
    ),
    pytest.param(
        "subscription_groups",
        [group(use_double_opt_in_logic=False)],
        [group()],
        id="subscription_groups are ids and states [D]",
    ),
    pytest.param(
        "push_tokens",
        [token(device_id="d" * 8)],
        [token(device_id="d" * 8)],
        id="push_tokens have app_id, token, device_id [D]",
    ),
]
_NOT_KEPT = {"alias_name", "alias_label", "email_subscription_info", "push_token_import"}


@pytest.mark.parametrize(("field", "given", "kept"), KEPT)
def test_a_field_keeps_what_it_may_hold(field: str, given: Any, kept: Any) -> None:
    profile = profile_with({})
    assert applied(profile, {field: given}) == []
    assert (profile.fields, profile.custom_attributes) == ({field: kept}, {})


@pytest.mark.parametrize(
    ("held", "described", "after"),
    [
        *(
            pytest.param({name: "x"}, {name: None}, {}, id=f"null empties {name} [D]")
            for name in (
                "first_name",
                "last_name",
                "dob",
                "gender",
                "home_city",
                "country",
                "language",
                "time_zone",
                "current_location",
                "date_of_first_session",
                "date_of_last_session",
                "marked_email_as_spam_at",
                "facebook",
                "twitter",
            )
        ),
        pytest.param(
            {"subscription_groups": [group(), group(OTHER)]},
            {"subscription_groups": [group(GROUP.upper(), "unsubscribed")]},
            {"subscription_groups": [group(GROUP, "unsubscribed"), group(OTHER)]},
            id="a subscription group changes alone [D]",
        ),
        pytest.param(
            {"push_tokens": [token()]},
            {"push_tokens": [token(token="t2"), token(device_id="d" * 8)]},
            {"push_tokens": [token(device_id="d" * 8), token(token="t2")]},
            id="a push token is added, and each is there once [I]",
        ),
        pytest.param({}, {"push_token_import": False}, {}, id="push_token_import: false [D]"),
        pytest.param({"country": "FR"}, {" country ": "PT"}, {"country": "PT"}, id="spaces [D]"),
    ],
)
def test_a_field_changes_as_the_rule_says(
    held: dict[str, Any], described: dict[str, Any], after: dict[str, Any]
) -> None:
    profile = profile_with({}, held)
    assert applied(profile, described) == []
    assert profile.fields == after


@pytest.mark.parametrize(
    ("described", "warning"),
    [
        pytest.param(
            {"first_name": 7}, ("invalid_value", "/first_name"), id="a name, a number [D]"
        ),
        pytest.param({"dob": "12/31/1990"}, ("invalid_value", "/dob"), id="dob as MM/dd/yyyy [D]"),
        pytest.param({"dob": "1990-02-30"}, ("invalid_value", "/dob"), id="dob that is no day [D]"),
        pytest.param(
            {"dob": "1990-12-31T00:00:00Z"}, ("invalid_value", "/dob"), id="dob, time [D]"
        ),
        pytest.param({"gender": "X"}, ("invalid_value", "/gender"), id="another gender [D]"),
        pytest.param({"gender": "female"}, ("invalid_value", "/gender"), id="gender, a word [D]"),
        pytest.param({"language": "xx"}, ("invalid_value", "/language"), id="no language [D]"),
        pytest.param({"language": "English"}, ("invalid_value", "/language"), id="its name [D]"),
        pytest.param(
            {"time_zone": "Lisbon time"}, ("invalid_value", "/time_zone"), id="no time zone [D]"
        ),
        pytest.param(
            {"date_of_first_session": "soon"},
            ("invalid_time", "/date_of_first_session"),
            id="a session's date that is none [D]",
        ),
        pytest.param(
            {"email_open_tracking_disabled": "yes"},
            ("invalid_value", "/email_open_tracking_disabled"),
            id="a switch that is text [D]",
        ),
        pytest.param(
            {"email_click_tracking_disabled": None},
            ("invalid_value", "/email_click_tracking_disabled"),
            id="null leaves a switch alone [ours]",
        ),
        pytest.param(
            {"facebook": "f1"}, ("invalid_value", "/facebook"), id="facebook, no object [D]"
        ),
        pytest.param(
            {"twitter": {"followers_count": "2"}},
            ("invalid_value", "/twitter/followers_count"),
            id="a count that is text [D]",
        ),
        pytest.param(
            {"facebook": {"likes": [1]}},
            ("invalid_value", "/facebook/likes"),
            id="likes that are no strings [D]",
        ),
        pytest.param({"alias_name": "x"}, ("reserved_name", "/alias_name"), id="alias_name [D]"),
        pytest.param({"alias_label": "x"}, ("reserved_name", "/alias_label"), id="alias_label [D]"),
        pytest.param({"phone": "call me"}, ("invalid_phone", "/phone"), id="a phone of words [D]"),
    ],
)
def test_what_a_field_cannot_hold_leaves_it_alone_and_is_told(
    described: dict[str, Any], warning: tuple[str, str]
) -> None:
    held = {name.strip(): "held" for name in described}
    profile = profile_with({}, held)
    assert applied(profile, {**described, "other": 1}) == [warning]
    assert (profile.fields, profile.custom_attributes) == (held, {"other": 1})


@pytest.mark.parametrize(
    ("described", "after", "warning"),
    [
        pytest.param(
            {"country": "Atlantis"},
            {},
            ("invalid_value", "/country"),
            id="no country empties it [D]",
        ),
        pytest.param(
            {"country": 7}, {}, ("invalid_value", "/country"), id="a number empties it [D]"
        ),
        pytest.param(
            {"country": "FR", "first_name": "x" * 256},
            {"country": "FR", "first_name": "x" * 255},
            ("text_too_long", "/first_name"),
            id="a long first_name is cut [D]",
        ),
        pytest.param(
            {"current_location": {"longitude": 1, "latitude": 2, "altitude": 3}},
            {"country": "held", "current_location": {"longitude": 1, "latitude": 2}},
            ("dropped_value", "/current_location/altitude"),
            id="of a location no more is kept [D]",
        ),
        pytest.param(
            {"twitter": {"id": 1, "verified": True}},
            {"country": "held", "twitter": {"id": 1}},
            ("dropped_value", "/twitter/verified"),
            id="of an account no more is kept [D]",
        ),
        pytest.param(
            {"facebook": {"id": "f1", "num_friends": "3"}},
            {"country": "held", "facebook": {"id": "f1"}},
            ("invalid_value", "/facebook/num_friends"),
            id="of an account the rest is kept [I]",
        ),
        pytest.param(
            {"subscription_groups": [group(name="News")]},
            {"country": "held", "subscription_groups": [group()]},
            ("dropped_value", "/subscription_groups/0/name"),
            id="of a subscription group no more is kept [D]",
        ),
    ],
)
def test_what_a_field_loses_is_told(
    described: dict[str, Any], after: dict[str, Any], warning: tuple[str, str]
) -> None:
    profile = profile_with({}, {"country": "held"})
    assert applied(profile, described) == [warning]
    assert profile.fields == after


@pytest.mark.parametrize(
    ("described", "code", "place"),
    [
        pytest.param({"email": "ada"}, "email_bad_format", "/email", id="EMAIL_BAD_FORMAT [D]"),
        *(
            pytest.param(
                {f"{channel}_subscribe": state},
                f"bad_{channel}_subscription_state",
                f"/{channel}_subscribe",
                id=f"BAD_{channel.upper()}_SUBSCRIPTION_STATE: {state!r} [D]",
            )
            for channel in ("email", "push")
            for state in ("yes", "Subscribed", True, None, ["subscribed"])
        ),
        *(
            pytest.param(
                {"current_location": location},
                "bad_location_update",
                "/current_location",
                id=f"BAD_LOCATION_UPDATE: {location} [D]",
            )
            for location in (
                {"longitude": 1},
                {"longitude": "1", "latitude": "2"},
                {"longitude": True, "latitude": False},
                {"longitude": 181, "latitude": 2},
                {"longitude": 1, "latitude": -91},
                [1, 2],
            )
        ),
        pytest.param(
            {"subscription_groups": {}},
            "bad_subscription_group_array",
            "/subscription_groups",
            id="BAD_SUBSCRIPTION_GROUP_ARRAY: no array [D]",
        ),
        pytest.param(
            {"subscription_groups": None},
            "bad_subscription_group_array",
            "/subscription_groups",
            id="BAD_SUBSCRIPTION_GROUP_ARRAY: null [ours]",
        ),
        pytest.param(
            {"subscription_groups": [group(), {"subscription_group_id": GROUP}]},
            "bad_subscription_group_hash",
            "/subscription_groups/1",
            id="BAD_SUBSCRIPTION_GROUP_HASH: a key is missing [D]",
        ),
        pytest.param(
            {"subscription_groups": ["news"]},
            "bad_subscription_group_hash",
            "/subscription_groups/0",
            id="BAD_SUBSCRIPTION_GROUP_HASH: no object [D]",
        ),
        *(
            pytest.param(
                {"subscription_groups": [group(group_id)]},
                "bad_subscription_group_id",
                "/subscription_groups/0/subscription_group_id",
                id=f"BAD_SUBSCRIPTION_GROUP_ID: {group_id!r} [D]",
            )
            for group_id in ("news", "", 7)
        ),
        pytest.param(
            {"subscription_groups": [group(state="opted_in")]},
            "bad_subscription_group_state",
            "/subscription_groups/0/subscription_state",
            id="BAD_SUBSCRIPTION_GROUP_STATE [D]",
        ),
        *(
            pytest.param(
                {"push_tokens": tokens},
                "bad_push_token_value",
                f"/push_tokens{place}",
                id=f"BAD_PUSH_TOKEN_VALUE: {tokens!r} [D]",
            )
            for tokens, place in (("t", ""), ({}, ""), (["t"], "/0"))
        ),
        pytest.param(
            {"push_tokens": [token(token=7)]},
            "bad_push_token_string",
            "/push_tokens/0/token",
            id="BAD_PUSH_TOKEN_STRING [D]",
        ),
        pytest.param(
            {"push_tokens": [{"token": "t"}]},
            "bad_push_token_app_id",
            "/push_tokens/0/app_id",
            id="BAD_PUSH_TOKEN_APP_ID: none [D]",
        ),
        *(
            pytest.param(
                {"push_tokens": [token(device_id=device_id)]},
                "bad_device_id",
                "/push_tokens/0/device_id",
                id=f"BAD_DEVICE_ID: {label} [D]",
            )
            for label, device_id in (
                ("7 bytes", "d" * 7),
                ("256 bytes", "é" * 128),
                ("a number", 12345678),
            )
        ),
        pytest.param(
            {"push_token_import": True},
            "bad_push_token_import",
            "/push_token_import",
            id="BAD_PUSH_TOKEN_IMPORT: beside an identifier [D]",
        ),
        pytest.param(
            {"email_subscription_info": {}},
            "invalid_attribute_email_subscription_info",
            "/email_subscription_info",
            id="INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO [D]",
        ),
    ],
)
def test_a_documented_code_rejects_the_whole_object(
    described: dict[str, Any], code: str, place: str
) -> None:
    profile = profile_with({"plan": "free"}, {"first_name": "Ada"})
    problem = applied(profile, {"plan": "pro", "first_name": "Bob", **described, "z": 1})
    assert isinstance(problem, Problem)
    assert (problem.code, problem.pointer) == (code, POINTER + place)
    assert (profile.custom_attributes, profile.fields) == ({"plan": "free"}, {"first_name": "Ada"})


def test_email_and_phone_beside_a_primary_identifier_are_fields() -> None:
    described = {"external_id": "u1", "email": "a@b.co", "phone": None}
    change = read_change(profile_with({}), described, pointer=POINTER, counting=True)
    assert isinstance(change, Change)
    assert change.addresses == {"email": "a@b.co", "phone": None}


def test_every_reserved_field_has_its_row() -> None:
    assert {row.values[0] for row in KEPT} | _NOT_KEPT == RESERVED.keys()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Côte d'Ivoire", "CI"),
        ("cote d\N{RIGHT SINGLE QUOTATION MARK}ivoire", "CI"),
        ("the netherlands", "NL"),
        ("Türkiye", "TR"),
        ("Antigua and Barbuda", "AG"),
        ("South Korea", "KR"),
        ("  united   kingdom ", "GB"),
        ("", None),
        ("EU", None),
    ],
)
def test_a_country_is_known_by_its_names(name: str, code: str | None) -> None:
    assert country_code(name) == code
