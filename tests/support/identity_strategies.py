"""Random operations on a few people who share names, for properties of who is who."""

from hypothesis import strategies as st

from tests.support.identities import (
    ADA,
    ADA_ELSEWHERE,
    BOB,
    G1,
    delete,
    identify,
    merge,
    new_alias,
    remove,
    rename,
    update_alias,
)
from tests.support.settlements import attributes, event, purchase
from transformer.operation import JsonObject

_EXTERNAL_IDS = st.sampled_from(["u1", "u2", "u3"])
_ALIASES = st.sampled_from([ADA, BOB, ADA_ELSEWHERE])
_ADDRESSES = st.sampled_from([{"email": "a@b.co"}, {"email": "c@d.co"}, {"phone": "+33123456"}])
_PRIORITIES = st.sampled_from(
    [
        ["identified"],
        ["unidentified"],
        ["most_recently_updated"],
        ["identified", "most_recently_updated"],
        ["unidentified", "most_recently_updated"],
    ]
)
_unidentified: st.SearchStrategy[JsonObject] = st.one_of(
    st.builds(lambda alias: {"user_alias": alias}, _ALIASES),
    st.builds(lambda by, words: {**by, "prioritization": words}, _ADDRESSES, _PRIORITIES),
)
_named: st.SearchStrategy[JsonObject] = st.one_of(
    st.builds(lambda external_id: {"external_id": external_id}, _EXTERNAL_IDS), _unidentified
)
_people: st.SearchStrategy[JsonObject] = st.one_of(
    st.builds(lambda external_id: {"external_id": external_id}, _EXTERNAL_IDS),
    st.builds(
        lambda external_id, by: {"external_id": external_id, **by}, _EXTERNAL_IDS, _ADDRESSES
    ),
    st.builds(lambda alias: {"user_alias": alias, "_update_existing_only": False}, _ALIASES),
    _ADDRESSES,
)
_GROUPS = [
    {
        "subscription_groups": [
            {"subscription_group_id": G1, "subscription_state": state},
        ]
    }
    for state in ("subscribed", "unsubscribed")
]
_changes: st.SearchStrategy[JsonObject] = st.sampled_from(
    [{"a": 1}, {"b": {"inc": 2}}, {"first_name": "Ada"}, {"a": None}, *_GROUPS]
)
IDENTITY_OPERATIONS: st.SearchStrategy[JsonObject] = st.one_of(
    st.builds(lambda who, what: attributes(**who, **what), _people, _changes),
    st.builds(lambda who: event(**who, name="x"), _people),
    st.builds(lambda who: purchase(**who, price=0.1), _people),
    st.builds(lambda alias, owner: new_alias(owner, **alias), _ALIASES, st.none() | _EXTERNAL_IDS),
    st.builds(
        lambda alias, name: update_alias(alias["alias_label"], alias["alias_name"], name),
        _ALIASES,
        st.sampled_from(["ada", "bob"]),
    ),
    st.builds(lambda external_id, who: identify(external_id, **who), _EXTERNAL_IDS, _unidentified),
    st.builds(merge, _named, _named),
    st.builds(rename, _EXTERNAL_IDS, _EXTERNAL_IDS),
    st.builds(remove, _EXTERNAL_IDS),
    st.builds(lambda who: delete(**who), _named),
)
