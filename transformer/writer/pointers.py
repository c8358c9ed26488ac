"""JSON pointers (RFC 6901) to places in what a transformation returned."""


def pointer_to(place: str, *steps: str | int) -> str:
    """Give the pointer to what lies so many steps inside a place."""
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "/".join((place, *escaped))
