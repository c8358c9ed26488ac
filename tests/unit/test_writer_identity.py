from typing import Any

import pytest

from transformer.delivery import Problem
from transformer.writer.identity import (
    Identifier,
    IdentifierType,
    may_create,
    read_identifier,
    read_phone,
)

ALIAS = {"alias_name": "ada", "alias_label": "shop"}


@pytest.mark.parametrize(
    ("described", "identifier"),
    [
        pytest.param(
            {"external_id": "u1", "email": "a@b.co", "phone": "+33123456"},
            Identifier(IdentifierType.EXTERNAL_ID, "u1"),
            id="a primary identifier beats email and phone",
        ),
        pytest.param(
            {"user_alias": ALIAS},
            Identifier(IdentifierType.USER_ALIAS, "ada", "shop"),
            id="an alias is a name and a label",
        ),
        pytest.param(
            {"braze_id": "prf_1"},
            Identifier(IdentifierType.BRAZE_ID, "prf_1"),
            id="a braze_id",
        ),
        pytest.param(
            {"email": "a@b.co", "phone": "+33123456"},
            Identifier(IdentifierType.EMAIL, "a@b.co"),
            id="email beats phone",
        ),
        pytest.param(
            {"phone": "+33 1 23 45 67 89"},
            Identifier(IdentifierType.PHONE, "+33123456789"),
            id="a phone alone, in the form that is looked up",
        ),
        pytest.param(
            {"external_id": None, "email": "a@b.co"},
            Identifier(IdentifierType.EMAIL, "a@b.co"),
            id="a null identifier is absent",
        ),
        pytest.param(
            {"external_id": "é" * 493},
            Identifier(IdentifierType.EXTERNAL_ID, "é" * 493),
            id="986 bytes of external_id",
        ),
    ],
)
def test_an_object_names_its_profile(described: dict[str, Any], identifier: Identifier) -> None:
    assert read_identifier(described, pointer="/attributes/0") == identifier


@pytest.mark.parametrize(
    ("described", "code", "pointer"),
    [
        pytest.param({}, "missing_identifier", "/events/2", id="no identifier"),
        pytest.param(
            {"push_token_import": True, "push_tokens": [{"app_id": "a", "token": "t"}]},
            "bad_push_token_import",
            "/events/2/push_token_import",
            id="a token of nobody",
        ),
        pytest.param({"external_id": None}, "missing_identifier", "/events/2", id="only a null"),
        pytest.param(
            {"external_id": "u1", "braze_id": "prf_1"},
            "several_identifiers",
            "/events/2",
            id="two primaries",
        ),
        pytest.param(
            {"external_id": "u1", "user_alias": ALIAS},
            "several_identifiers",
            "/events/2",
            id="external_id beside an alias",
        ),
        pytest.param(
            {"external_id": 7}, "invalid_identifier", "/events/2/external_id", id="a number"
        ),
        pytest.param(
            {"external_id": " "}, "invalid_identifier", "/events/2/external_id", id="a blank"
        ),
        pytest.param(
            {"external_id": "a\x00"}, "invalid_identifier", "/events/2/external_id", id="a NUL"
        ),
        pytest.param(
            {"external_id": "é" * 494},
            "external_user_id_too_large",
            "/events/2/external_id",
            id="988 bytes of external_id",
        ),
        pytest.param(
            {"user_alias": {"alias_name": "ada"}},
            "invalid_identifier",
            "/events/2/user_alias",
            id="an alias without label",
        ),
        pytest.param(
            {"user_alias": {"alias_name": "a" * 256, "alias_label": "b"}},
            "invalid_identifier",
            "/events/2/user_alias",
            id="an alias that is too long",
        ),
        pytest.param(
            {"email": "ada"}, "email_bad_format", "/events/2/email", id="an email without @"
        ),
        pytest.param(
            {"phone": "call me"}, "invalid_identifier", "/events/2/phone", id="a phone of letters"
        ),
    ],
)
def test_an_object_that_names_no_profile_is_told_why(
    described: dict[str, Any], code: str, pointer: str
) -> None:
    problem = read_identifier(described, pointer="/events/2")
    assert isinstance(problem, Problem)
    assert (problem.code, problem.pointer) == (code, pointer)


@pytest.mark.parametrize(
    ("kind", "update_existing_only", "creates"),
    [
        (IdentifierType.EXTERNAL_ID, None, True),
        (IdentifierType.EXTERNAL_ID, False, True),
        (IdentifierType.EXTERNAL_ID, True, False),
        (IdentifierType.USER_ALIAS, None, False),
        (IdentifierType.USER_ALIAS, False, True),
        (IdentifierType.USER_ALIAS, True, False),
        (IdentifierType.BRAZE_ID, None, False),
        (IdentifierType.BRAZE_ID, False, False),
        (IdentifierType.EMAIL, None, True),
        (IdentifierType.EMAIL, True, False),
        (IdentifierType.PHONE, None, True),
        (IdentifierType.PHONE, True, False),
    ],
)
def test_update_existing_only_says_what_may_be_created(
    kind: IdentifierType, update_existing_only: bool | None, creates: bool
) -> None:
    identifier = Identifier(kind, "x")
    assert may_create(identifier, update_existing_only=update_existing_only) is creates


@pytest.mark.parametrize(
    ("phone", "kept"),
    [
        pytest.param("+33123456789", "+33123456789", id="E.164"),
        pytest.param("+33 (1) 23.45-67/89", "+33123456789", id="E.164 as people write it"),
        pytest.param("+33\N{NO-BREAK SPACE}1 23 45 67 89", "+33123456789", id="a space that holds"),
        pytest.param("(415) 555-0100", "4155550100", id="a national number"),
        pytest.param("+123456789012345", "+123456789012345", id="15 digits"),
        pytest.param("+1234567890123456", None, id="16 digits"),
        pytest.param("+2901234", "+2901234", id="7 digits with the country"),
        pytest.param("+290123", None, id="6 digits with the country"),
        pytest.param("+0123456789", None, id="no country begins with 0"),
        pytest.param("123", None, id="3 digits"),
        pytest.param("+1 415 555 0100 ext. 3", None, id="an extension"),
        pytest.param("٠١٢٣٤٥٦", None, id="digits of another script"),
        pytest.param("+" + " " * 64 + "33123456789", None, id="more than 64 characters"),
        pytest.param(4155550100, None, id="a number is no text"),
    ],
)
def test_a_phone_is_kept_in_one_form(phone: object, kept: str | None) -> None:
    assert read_phone(phone) == kept
