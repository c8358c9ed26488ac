"""The admin token of a data folder: made once, kept readable for its owner alone."""

import os
import secrets
from pathlib import Path

FILE_NAME = "admin-token"
_TOKEN_BYTES = 24


def keep_admin_token(data_dir: Path) -> tuple[str, bool]:
    """Return the folder's token, and whether it was made just now."""
    path = data_dir / FILE_NAME
    try:
        kept = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        kept = ""
    if kept:
        return kept, False
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    # Beside it, then renamed: a crash in between leaves no half a token.
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token + "\n")
    draft.rename(path)
    return token, True
