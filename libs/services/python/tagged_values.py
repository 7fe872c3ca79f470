"""Python values as JSON that says which Python type each had.

Plain: None, bool, str, list, dict with text keys, int within 2**53, float with a fraction. Everything else is
{"$python": <type>, "value": <JSON>}; so is a dict that has the key "$python" itself.
"""
import base64
import datetime
import decimal
import math
import uuid

TAG = '$python'
SAFE_INTEGER = 2 ** 53 - 1

#: In the order of the checks: a datetime is a date too.
TEXT_TYPES = (
    ('datetime', datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    ('date', datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    ('time', datetime.time, datetime.time.isoformat, datetime.time.fromisoformat),
    ('decimal', decimal.Decimal, str, decimal.Decimal),
    ('uuid', uuid.UUID, str, uuid.UUID),
    ('bytes', bytes, lambda value: base64.b64encode(value).decode(), base64.b64decode),
)


def tagged(kind, value):
    return {TAG: kind, 'value': value}


def to_json(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= SAFE_INTEGER else tagged('int', str(value))
    if isinstance(value, float):
        # JavaScript has no integral floats: 1.0 would come out as 1.
        plain = math.isfinite(value) and not value.is_integer()
        return value if plain else tagged('float', repr(value))
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, tuple):
        return tagged('tuple', [to_json(item) for item in value])
    if isinstance(value, dict):
        if TAG not in value and all(isinstance(key, str) for key in value):
            return {key: to_json(item) for key, item in value.items()}
        return tagged('dict', [[to_json(key), to_json(item)] for key, item in value.items()])
    for kind, cls, write, _ in TEXT_TYPES:
        if isinstance(value, cls):
            return tagged(kind, write(value))
    return tagged(f'{type(value).__module__}.{type(value).__qualname__}', repr(value))


def from_json(value):
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if TAG not in value:
        return {key: from_json(item) for key, item in value.items()}
    kind, inner = value[TAG], value['value']
    if kind == 'int':
        return int(inner)
    if kind == 'float':
        return float(inner)
    if kind == 'tuple':
        return tuple(from_json(item) for item in inner)
    if kind == 'dict':
        return {from_json(key): from_json(item) for key, item in inner}
    for known, _, _, read in TEXT_TYPES:
        if kind == known:
            return read(inner)
    raise ValueError(f'no such Python type: {kind!r}')
