"""What docstrings say of a thing and of the keys of a model."""

from __future__ import annotations

import inspect
import re
from typing import Any

from markdown_text import name_default, name_type, write_code, write_table
from pydantic import BaseModel

_SECTION = r"^{}\n-+\n(.*?)(?=^\w+\n-+$|\Z)"
_KEYS = r"\s*\[[a-z]+\d{4}[a-z]?(?:,\s*[a-z]+\d{4}[a-z]?)*\]|\s*\[[a-z]+_[a-z]+\]"


def read_lead(thing: Any) -> str:
    """Return a docstring up to its first section, citation keys taken out."""
    text = inspect.cleandoc(thing.__doc__ or "")
    lead = re.split(r"^\w+\n-+$|^Witness:", text, maxsplit=1, flags=re.MULTILINE)[0]
    return re.sub(_KEYS, "", lead).strip()


def read_example(thing: Any) -> str:
    """Return what stands after `A protocol writes::` in a docstring."""
    text = inspect.cleandoc(thing.__doc__ or "").partition("A protocol writes::\n")[2]
    return inspect.cleandoc("\n" + re.split(r"^\S", text, maxsplit=1, flags=re.MULTILINE)[0])


def read_keys(model: type[BaseModel]) -> dict[str, str]:
    """Return the meanings of keys that the docstrings of a model and of its bases give."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        text = inspect.cleandoc(each.__doc__ or "") if issubclass(each, BaseModel) else ""
        pattern = _SECTION.format("(?:Parameters|Attributes)")
        for body in re.findall(pattern, text, re.MULTILINE | re.DOTALL):
            for names, meaning in re.findall(
                r"^(\w[\w, ]*)(?: :.*)?\n((?:[ ]+.*(?:\n|\Z)|\n)+)", body, re.MULTILINE
            ):
                words = " ".join(meaning.split()).rstrip(".")
                found |= {name.strip(): words for name in names.split(",")}
    return found


def write_keys(model: type[BaseModel], word: str, without: frozenset[str] = frozenset()) -> str:
    """Write one row for each key: what it takes, its default, its meaning."""
    described = read_keys(model)
    rows = [
        (
            write_code(name),
            name_type(field.annotation, field.metadata),
            name_default(field.get_default(call_default_factory=True)),
            described.get(name, ""),
        )
        for name, field in model.model_fields.items()
        if name not in without
    ]
    return write_table((word, "values", "default", "meaning"), rows)
