"""What a delivery changed, in a form that is short to write down in a test."""

from transformer.operation import JsonObject
from transformer.trail import PREFIXES


def briefly(record: JsonObject) -> JsonObject:
    """Give a record of a delivery's ``changes`` with a key for each value, as the log keeps it."""
    brief = dict(record)
    if "set" in record:
        brief["set"] = {
            PREFIXES[part] + name: [value["from"], value["to"]]
            for part, values in record["set"].items()
            for name, value in values.items()
        }
    if "counted" in record:
        brief["counted"] = {
            PREFIXES[part] + name: positions
            for part, counted in record["counted"].items()
            for name, positions in counted.items()
        }
    return brief
