"""Checks a request against the parameter types of the official `stripe` package.

The package describes the parameters of every call as a TypedDict (generated from Stripe's own OpenAPI document), so no
list is kept here: the types are read and walked. Unknown, missing or wrongly typed parameters are refused with Stripe's
sentences, and texts become the integers and booleans they stand for.
"""

import re
import sys
import types
import typing
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import typing_extensions
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject

from .errors import StripeError, invalid

Json = dict[str, Any]
_CLIENT_ONLY = set(RequestOptions.__annotations__)
_MOST_METADATA, _LONGEST_KEY, _LONGEST_VALUE = 50, 40, 500
_LONGEST_TEXT = 5000


def check(params: Json, shape: type) -> Json:
    """The parameters with their right types. Refuses (400) what Stripe's parameter types do not allow."""
    return _object(params, shape, "")


def _check_metadata(metadata: Json, path: str) -> None:
    """Stripe's documented limits: 50 keys, 40 characters a key, 500 a value."""
    if len(metadata) > _MOST_METADATA:
        raise invalid(f"You can have at most {_MOST_METADATA} metadata keys.", path)
    for key, value in metadata.items():
        if len(key) > _LONGEST_KEY:
            raise invalid(f"Metadata keys can have up to {_LONGEST_KEY} characters: {key}", path)
        if isinstance(value, str) and len(value) > _LONGEST_VALUE:
            raise invalid(f"Metadata values can have up to {_LONGEST_VALUE} characters: {key}", f"{path}[{key}]")


@cache
def _fields(shape: type) -> dict[str, tuple[Any, bool]]:
    """name -> (type, required), without what only the client reads (api_key, idempotency_key …)."""
    module = sys.modules[shape.__module__]
    required: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
    return {
        name: (_resolve(annotation, module), name in required)
        for name, annotation in shape.__annotations__.items()
        if name not in _CLIENT_ONLY
    }


def _resolve(annotation: Any, module: types.ModuleType) -> Any:
    """Undoes forward references and NotRequired[…], one level at a time."""
    if isinstance(annotation, str):
        annotation = typing.ForwardRef(annotation)
    if isinstance(annotation, typing.ForwardRef):
        # Text from the installed stripe package itself, never from a request.
        return _resolve(eval(annotation.__forward_arg__, vars(module)), module)  # noqa: S307
    origin = typing_extensions.get_origin(annotation)
    arguments = typing_extensions.get_args(annotation)
    if origin in (typing_extensions.NotRequired, typing_extensions.Required):
        return _resolve(arguments[0], module)
    if origin is list:
        return list[_resolve(arguments[0], module)]  # type: ignore[misc]
    if origin is dict:
        return dict[str, _resolve(arguments[1], module)]  # type: ignore[misc]
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(_resolve(part, module) for part in arguments)]  # noqa: UP007
    return annotation


def _object(value: Any, shape: type, path: str) -> Json:
    if isinstance(value, list):
        value = {str(place): inner for place, inner in enumerate(value)}
    if not isinstance(value, dict):
        raise invalid("Invalid object", path or None)
    fields = _fields(shape)
    unknown = [_inside(path, name) for name in value if name not in fields]
    if unknown:
        word = "parameter" if len(unknown) == 1 else "parameters"
        raise invalid(f"Received unknown {word}: {', '.join(unknown)}", unknown[0], "parameter_unknown")
    for name, (_kind, required) in fields.items():
        if required and name not in value:
            missing = _inside(path, name)
            raise invalid(f"Missing required param: {missing}.", missing, "parameter_missing")
    return {name: _value(inner, fields[name][0], _inside(path, name)) for name, inner in value.items()}


def _inside(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _value(value: Any, kind: Any, path: str) -> Any:
    if typing_extensions.is_typeddict(kind):
        return _object(value, kind, path)
    origin = typing_extensions.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _either(value, typing_extensions.get_args(kind), path)
    if origin is list:
        return _list(value, typing_extensions.get_args(kind)[0], path)
    if origin is dict:
        return _dictionary(value, typing_extensions.get_args(kind)[1], path)
    if origin in (typing.Literal, typing_extensions.Literal):
        return _one_of(value, typing_extensions.get_args(kind), path)
    return _scalar(value, kind, path)


def _either(value: Any, kinds: tuple[Any, ...], path: str) -> Any:
    """Optional types, `""` that unsets, and enumerations. An enumeration that the package keeps open for the future
    (`Literal[…] | str`) is closed here: Stripe refuses a word it does not know."""
    literals = [k for k in kinds if typing_extensions.get_origin(k) in (typing.Literal, typing_extensions.Literal)]
    words = [word for literal in literals for word in typing_extensions.get_args(literal)]
    rest = [k for k in kinds if k not in literals and k is not type(None) and not _untyped(k)]
    if value == "" and "" in words:
        return ""
    if isinstance(value, dict):
        nested = [k for k in rest if typing_extensions.is_typeddict(k) or typing_extensions.get_origin(k) is dict]
        if nested:
            return _value(value, nested[0], path)
    if isinstance(value, list):
        lists = [k for k in rest if typing_extensions.get_origin(k) is list] or rest
        return _value(value, lists[0], path)
    if value in words:
        return value
    closed = [word for word in words if word != ""]
    if closed and (not rest or rest == [str]):
        return _one_of(value, tuple(closed), path)
    simple = [k for k in rest if isinstance(k, type) and not typing_extensions.is_typeddict(k)]
    return _value(value, (simple or rest)[0], path)


def _untyped(kind: Any) -> bool:
    return kind is UntypedStripeObject or typing_extensions.get_origin(kind) is UntypedStripeObject


def _list(value: Any, kind: Any, path: str) -> list[Any]:
    if value == "":
        return []
    if not isinstance(value, list):
        raise invalid("Invalid array", path)
    return [_value(inner, kind, _inside(path, str(place))) for place, inner in enumerate(value)]


def _dictionary(value: Any, kind: Any, path: str) -> Json:
    if isinstance(value, list):
        value = {str(place): inner for place, inner in enumerate(value)}
    if not isinstance(value, dict):
        raise invalid("Invalid hash", path)
    if path in ("metadata", f"{path.removesuffix('[metadata]')}[metadata]"):
        _check_metadata(value, path)
    # An empty value unsets one key of metadata, so it is let through.
    return {name: inner if inner == "" else _value(inner, kind, _inside(path, name)) for name, inner in value.items()}


def _one_of(value: Any, words: tuple[Any, ...], path: str) -> Any:
    if value in words:
        return value
    texts = [str(word) for word in words]
    listed = texts[0] if len(texts) == 1 else f"one of {', '.join(texts[:-1])}, or {texts[-1]}"
    raise invalid(f"Invalid {path}: must be {listed}", path)


def _scalar(value: Any, kind: Any, path: str) -> Any:
    if not isinstance(value, str):
        raise invalid(f"Invalid {getattr(kind, '__name__', 'value')}", path)
    if value == "":
        raise invalid(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{path}' cannot be unset. "
            f"You should remove '{path}' from your request or supply a non-empty value.",
            path,
            "parameter_invalid_empty",
        )
    if kind is int:
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise _wrong(f"Invalid integer: {value}", path, "parameter_invalid_integer")
        return int(value)
    if kind is bool:
        if value not in ("true", "false"):
            raise _wrong(f"Invalid boolean: {value}", path)
        return value == "true"
    if kind in (float, Decimal):
        try:
            return str(Decimal(value))
        except InvalidOperation as wrong:
            raise _wrong(f"Invalid decimal: {value}", path) from wrong
    if len(value) > _LONGEST_TEXT:
        raise _wrong(f"Invalid string: must be at most {_LONGEST_TEXT} characters", path)
    return value


def _wrong(message: str, path: str, code: str | None = None) -> StripeError:
    return invalid(message, path, code)
