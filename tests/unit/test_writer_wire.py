"""What the errors of Track users are called on the wire."""

import pytest

from tests.docs.test_documents import table
from transformer.delivery import Problem
from transformer.writer.wire import WIRE_TYPES, as_wire

# Of the operations on catalogs, which Track users does not know.
_OF_CATALOGS = {"item_already_exists", "item_not_found"}


def _codes_of_unapplied_operations() -> set[str]:
    return {
        code.strip("`")
        for codes, where, _advice in table("Error codes")
        if where.startswith("operation not applied")
        for code in codes.split(", ")
    }


def test_every_error_of_an_object_has_its_words() -> None:
    codes = _codes_of_unapplied_operations()
    assert len(codes) > 20
    assert codes - _OF_CATALOGS == WIRE_TYPES.keys()


@pytest.mark.parametrize(
    ("code", "pointer", "wire"),
    [
        pytest.param(
            "bad_email_subscription_state",
            "/attributes/3/email_subscribe",
            ("'email_subscribe' must be 'subscribed', 'unsubscribed', or 'opted_in'", 3),
            id="a sentence that was seen",
        ),
        pytest.param(
            "bad_location_update",
            "/attributes/0/current_location",
            ("BAD_LOCATION_UPDATE", 0),
            id="a code that is documented",
        ),
        pytest.param(
            "several_identifiers",
            "/attributes/74",
            ("You must specify only one of 'external_id', 'user_alias' or 'braze_id'", 74),
            id="a pointer to the object alone",
        ),
        pytest.param(
            "invalid_increment",
            "/attributes/1/a~1b~0{field}/inc",
            ("'a/b~{field}' is not valid", 1),
            id="the name of the field, whatever it holds",
        ),
    ],
)
def test_an_error_is_written_as_the_api_does(
    code: str, pointer: str, wire: tuple[str, int]
) -> None:
    described, index = wire
    assert as_wire(Problem(code, "", pointer=pointer)) == {
        "type": described,
        "input_array": "attributes",
        "index": index,
    }
