"""The shape of a file: which keys a place of it may hold, and how a value is written."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from stromal.toml.locate import KeyPath

_EXAMPLES = {str: '"..."', float: "1.0", int: "1", bool: "true"}


def find_part(root: type[BaseModel], data: object, path: KeyPath) -> type[BaseModel] | None:
    """Return the model of the table at `path` of data that `root` describes; None if none is.

    Examples
    --------
    >>> from pydantic import create_model
    >>> Arm = create_model("Arm", label=str)
    >>> Study = create_model("Study", arms=dict[str, Arm])
    >>> find_part(Study, {"arms": {"msc": {}}}, ("arms", "msc")).__name__
    'Arm'
    """
    kind: Any = root
    for part in path:
        kind = _inside(kind, data, part)
        data = _child(data, part)
    return _as_model(kind, data)


def describe_field(name: str, field: FieldInfo) -> str:
    """Return how a key is written: `unit = "..."`, or all values it may have.

    Examples
    --------
    >>> class Study(BaseModel):
    ...     species: Literal["human", "mouse"]
    >>> describe_field("species", Study.model_fields["species"])
    'species = "human" or "mouse"'
    """
    kind = _plain(field.annotation)
    if get_origin(kind) is Literal:
        return f"{name} = " + " or ".join(_literal(value) for value in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return f"[{name}]"
    if get_origin(kind) is dict:
        return f"[{name}.some_name]"
    if get_origin(kind) is tuple:
        inner = _plain(get_args(kind)[0])
        return f"{name} = [{_EXAMPLES.get(inner, '...')}]"
    return f"{name} = {_EXAMPLES.get(kind, '...')}"


def _child(data: object, part: str | int) -> object:
    if isinstance(data, dict):
        return data.get(str(part))
    if isinstance(data, list | tuple) and isinstance(part, int) and part < len(data):
        return data[part]
    return None


def _plain(kind: Any) -> Any:  # noqa: ANN401 - annotations have no common type
    """An annotation without Annotated and without None."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, types.UnionType):
        rest = [item for item in get_args(kind) if item is not type(None)]
        if len(rest) == 1:
            return _plain(rest[0])
    return kind


def _as_model(kind: object, data: object) -> type[BaseModel] | None:
    """The model of an annotation; of several the one whose tag the table carries."""
    kind = _plain(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    if get_origin(kind) in (Union, types.UnionType) and isinstance(data, dict):
        for model in get_args(kind):
            for tag in ("kind", "estimate"):
                field = model.model_fields.get(tag)
                if field is not None and data.get(tag) in get_args(field.annotation):
                    found: type[BaseModel] = model
                    return found
    return None


def _inside(kind: object, data: object, part: str | int) -> object:
    model = _as_model(kind, data)
    if model is not None:
        field = model.model_fields.get(str(part))
        return None if field is None else field.annotation
    kind = _plain(kind)
    if get_origin(kind) is dict:
        return get_args(kind)[1]
    if get_origin(kind) is tuple:
        return get_args(kind)[0]
    return None


def _literal(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
