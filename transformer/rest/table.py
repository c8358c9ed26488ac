"""Finds the route of a path; Starlette's own walks its routes one after another, by pattern."""

from collections.abc import Iterable, Mapping

from transformer.rest.route import RestRoute

Methods = Mapping[str, RestRoute]


class Table:
    """The routes, by path and method."""

    def __init__(self, routes: Iterable[RestRoute]) -> None:
        self._fixed: dict[str, dict[str, RestRoute]] = {}
        # By the number of parts: each with the parts, of which those in braces are places.
        self._varying: dict[int, list[tuple[tuple[str, ...], dict[str, RestRoute]]]] = {}
        for route in routes:
            self._methods_at(route.path)[route.method] = route

    def find(self, path: str) -> tuple[Methods, dict[str, str]] | None:
        """Give what a path takes, by method, and what stands in its places."""
        fixed = self._fixed.get(path)
        if fixed is not None:
            return fixed, {}
        parts = path.split("/")
        for pattern, methods in self._varying.get(len(parts), ()):
            found = _match(pattern, parts)
            if found is not None:
                return methods, found
        return None

    def _methods_at(self, path: str) -> dict[str, RestRoute]:
        if "{" not in path:
            return self._fixed.setdefault(path, {})
        pattern = tuple(path.split("/"))
        alike = self._varying.setdefault(len(pattern), [])
        for known, methods in alike:
            if known == pattern:
                return methods
        made: dict[str, RestRoute] = {}
        alike.append((pattern, made))
        return made


def _match(pattern: tuple[str, ...], parts: list[str]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for expected, given in zip(pattern, parts, strict=True):
        if expected.startswith("{"):
            if not given:
                return None
            found[expected[1:-1]] = given
        elif expected != given:
            return None
    return found
