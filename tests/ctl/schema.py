# SPDX-License-Identifier: ISC
"""As much of JSON Schema as tests/schema uses; anything else is an error."""
import json
import os
import re

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                      "schema")
TYPES = {"object": dict, "array": list, "string": str, "integer": int,
         "boolean": bool, "null": type(None)}
KNOWN = {"$schema", "title", "$ref", "anyOf", "type", "required", "properties",
         "additionalProperties", "items", "enum", "const", "pattern",
         "minimum", "maximum"}


def path(name):
    return os.path.join(FOLDER, name + ".json")


def load(name):
    with open(os.path.join(FOLDER, name)) as f:
        return json.load(f)


def is_type(value, name):
    if name == "integer" and isinstance(value, bool):
        return False
    return isinstance(value, TYPES[name])


def check(value, schema, where="$"):
    """Raises AssertionError with the place of the first thing wrong."""
    if isinstance(schema, str):
        schema = load(schema + ".json")
    if "$ref" in schema:
        return check(value, load(schema["$ref"]), where)
    assert set(schema) <= KNOWN, "schema: %s" % (set(schema) - KNOWN)
    if "anyOf" in schema:
        check_any(value, schema["anyOf"], where)
    if "type" in schema:
        types = schema["type"]
        types = types if isinstance(types, list) else [types]
        assert any(is_type(value, t) for t in types), \
            "%s: %r is not %s" % (where, value, "/".join(types))
    if "const" in schema:
        assert value == schema["const"] and \
            type(value) is type(schema["const"]), "%s: %r" % (where, value)
    if "enum" in schema:
        assert value in schema["enum"], "%s: %r" % (where, value)
    if isinstance(value, str) and "pattern" in schema:
        assert re.search(schema["pattern"], value), "%s: %r" % (where, value)
    if is_type(value, "integer"):
        assert value >= schema.get("minimum", value), where
        assert value <= schema.get("maximum", value), where
    if isinstance(value, dict):
        check_object(value, schema, where)
    if isinstance(value, list) and "items" in schema:
        for i, one in enumerate(value):
            check(one, schema["items"], "%s[%d]" % (where, i))


def check_any(value, schemas, where):
    wrong = []
    for schema in schemas:
        try:
            return check(value, schema, where)
        except AssertionError as e:
            wrong.append(str(e))
    raise AssertionError(", and ".join(wrong))


def check_object(value, schema, where):
    known = schema.get("properties", {})
    for key in schema.get("required", []):
        assert key in value, "%s: no %s" % (where, key)
    for key, one in value.items():
        if key in known:
            check(one, known[key], "%s.%s" % (where, key))
        elif schema.get("additionalProperties", True) is False:
            raise AssertionError("%s: what is %s?" % (where, key))
        elif isinstance(schema.get("additionalProperties"), dict):
            check(one, schema["additionalProperties"], "%s.%s" % (where, key))
