"""Who may use the API: whoever holds the admin token."""

import hmac

from transformer.errors import Unauthorized

_HINT = (
    "Send `Authorization: Bearer KEY` with the admin token: the value of TRANSFORMER_ADMIN_TOKEN "
    "or, if that is unset, of the file admin-token in the data folder."
)


def check_key(authorization: str | None, *, admin_token: str) -> None:
    """Refuse a caller that does not hold the admin token.

    Raises:
        Unauthorized: there is no key, or another one.
    """
    if not authorization:
        raise Unauthorized("The request carries no key.", hint=_HINT)
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized(f"The scheme {scheme!r} is not known; Bearer is.", hint=_HINT)
    # Without an admin token nobody may come in, not even with an empty key. The comparison takes
    # as long for a key that is nearly right as for any other, so that it tells nothing.
    same = hmac.compare_digest(key.strip().encode(), admin_token.encode())
    if not (same and admin_token):
        raise Unauthorized("The key is not the admin token.", hint=_HINT)
