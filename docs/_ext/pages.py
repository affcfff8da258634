"""Pages that come from the library: a marker in a page is replaced by what the code knows.

`<!-- stromal: endpoints -->` on a line of its own becomes one section per rule of the registry;
`tables`, `scales` and `events` likewise. What stands between `<!-- begin: units -->` and
`<!-- end -->` is generated too and kept in the repository, so that it can be read there;
`python docs/_ext/pages.py --write` writes it anew. A fenced block `names` becomes the documentation
of the public names it lists.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import PydanticUndefined

from stromal.endpoints.criteria import Criteria
from stromal.endpoints.endpoint import Endpoint, Parameters
from stromal.endpoints.registry import ENDPOINTS
from stromal.sources import find_source
from stromal.tables import (
    assessments,
    doses,
    estimates,
    events,
    labs,
    outcomes,
    subjects,
)
from stromal.tables.estimates import ESTIMATES
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import PATIENT_TABLES
from stromal.tables.schema import Schema
from stromal.tables.vocabulary.products import PRODUCT_KINDS
from stromal.tables.vocabulary.scales import Item
from stromal.tables.vocabulary.units import SPELLINGS, UNITS
from stromal.tables.vocabulary.vocabulary import SHARED
from stromal.tables.windows import Window

if TYPE_CHECKING:
    from sphinx.application import Sphinx

MARKER = re.compile(r"^<!-- stromal: (\w+) -->$", re.MULTILINE)
BLOCK = re.compile(r"^(<!-- begin: (\w+) -->)$.*?^(<!-- end -->)$", re.MULTILINE | re.DOTALL)
ENDS = re.compile(r"^<!-- (?:begin: \w+|end) -->\n", re.MULTILINE)
NAMES = re.compile(r"^```names\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def markdown_table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table in Markdown."""
    names = list(header)
    lines = [names, ["---"] * len(names), *(list(map(_cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _code(text: object) -> str:
    return f"`{text}`" if str(text) else ""


def _list(items: Iterable[str]) -> str:
    return "".join(f"- {item}\n" for item in items)


# Tables -------------------------------------------------------------------------------------------


def _unit(unit: str | None) -> str:
    return {None: "", "row": "of its row"}.get(unit, unit or "")


def schema_section(schema: Schema, purpose: str) -> str:
    """One table: what it holds, its columns, its key."""
    rows = [
        (_code(column.name), column.kind, _unit(column.unit), column.presence, column.meaning)
        for column in schema.columns
    ]
    key = ", ".join(map(_code, schema.key))
    table = markdown_table(("column", "cells", "unit", "filled", "meaning"), rows)
    return f"### {schema.name}\n\n{purpose}\n\n{table}\nA row is named by {key}.\n"


def _purpose(schema: Schema) -> str:
    first = (inspect.getdoc(_SCHEMA_MODULES[schema.name]) or "").partition("\n\n")[0]
    text = " ".join(first.split()).partition(": ")[2]
    return text[:1].upper() + text[1:]


_SCHEMA_MODULES = {
    module.__name__.rpartition(".")[2]: module
    for module in (subjects, doses, labs, assessments, events, outcomes, estimates)
}


def tables_page() -> str:
    """What goes in, what comes out."""
    parts = ["## What goes in\n"]
    parts += [schema_section(schema, _purpose(schema)) for schema in PATIENT_TABLES.values()]
    parts += ["## What comes out\n"]
    parts += [schema_section(schema, _purpose(schema)) for schema in (OUTCOMES, ESTIMATES)]
    return "\n".join(parts)


def _values(item: Item) -> str:
    if item.labels:
        return ", ".join(map(_code, item.labels))
    low = "" if item.low is None else f"{item.low:g}"
    high = "" if item.high is None else f"{item.high:g}"
    number = "whole number" if item.whole else "number"
    return f"{number} {low} to {high}" if high else f"{number} from {low}"


def scales_page() -> str:
    """Every scale and its items."""
    header = ("item", "values", "meaning")
    return "\n".join(
        f"### {name}\n\n{scale.label}.\n\n"
        + markdown_table(header, [(_code(k), _values(v), v.label) for k, v in scale.items.items()])
        for name, scale in SHARED.scales.items()
    )


def events_page() -> str:
    """Every event name."""
    rows = [(_code(name), meaning) for name, meaning in SHARED.events.items()]
    return markdown_table(("event", "meaning"), rows)


def units_page() -> str:
    """Usual units by dimension, and how they are also written."""
    parts = []
    for dimension, group in groupby(UNITS.values(), key=lambda unit: unit.dimension):
        units = list(group)
        rows = [
            (
                _code(unit.name),
                str(unit.factor / units[0].factor),
                ", ".join(map(_code, SPELLINGS[unit.name])),
            )
            for unit in units
        ]
        header = ("unit", f"in {units[0].name}", "also written")
        parts.append(f"### {dimension.capitalize()}\n\n{markdown_table(header, rows)}")
    return "\n".join(parts)


def _ends(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if low is None:
        return f"up to {high:g}"
    return f"{low:g} to {high:g}" if high is not None else f"from {low:g}"


def analytes_page() -> str:
    """Every analyte, its internal unit, and the range outside which a value is questioned."""
    rows = [
        (
            _code(analyte.name),
            analyte.label,
            analyte.unit,
            _ends(*analyte.plausible)
            + (f"; mice {_ends(*analyte.mouse)}" if analyte.mouse else ""),
            _ends(*analyte.normal),
            "" if analyte.per_mole is None else f"{float(analyte.per_mole):.6g}",
            ", ".join(analyte.synonyms),
        )
        for analyte in SHARED.analytes.values()
    ]
    header = (
        "analyte",
        "meaning",
        "unit",
        "questioned outside",
        "normal",
        "g/mol",
        "suggested for",
    )
    return markdown_table(header, rows)


def products_page() -> str:
    """Every kind of product, and what its doses are measured in."""
    rows = [
        (_code(name), kind.label, ", ".join(kind.dimensions))
        for name, kind in PRODUCT_KINDS.items()
    ]
    return markdown_table(("kind", "meaning", "doses are"), rows)


# Endpoints ----------------------------------------------------------------------------------------


def _type(annotation: Any) -> str:
    if get_origin(annotation) is Annotated:
        return _type(get_args(annotation)[0])
    if get_origin(annotation) is Literal:
        return " or ".join(_code(option) for option in get_args(annotation))
    options = [each for each in get_args(annotation) if each is not type(None)]
    if get_origin(annotation) in (tuple, list):
        return "list of " + " or ".join(_type(each) for each in options if each is not Ellipsis)
    if options and len(options) < len(get_args(annotation)):
        return " or ".join(map(_type, options))
    if annotation is Window:
        return "table of `day`, `before` and `after`"
    plain = {"float": "number", "int": "whole number", "str": "text", "bool": "true or false"}
    name = getattr(annotation, "__name__", str(annotation))
    return plain.get(name, name)


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "must be given"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return _code(str(value).lower())
    if isinstance(value, tuple | list):
        return ", ".join(map(_code, value)) or "none"
    if isinstance(value, Window):
        return _code(value.written)
    return _code(f"{value:g}" if isinstance(value, float) else value)


def docstring_lead(thing: Any) -> str:
    """A docstring up to its first section, citation keys taken out."""
    text = inspect.cleandoc(thing.__doc__ or "")
    lead = re.split(r"^\w+\n-+$|^Witness:", text, maxsplit=1, flags=re.MULTILINE)[0]
    keys = r"\s*\[[a-z]+\d{4}[a-z]?(?:,\s*[a-z]+\d{4}[a-z]?)*\]"
    return re.sub(keys, "", lead).strip()


def parameter_words(model: type[Parameters]) -> str:
    """What the docstrings of a parameter model and of the models it builds on say."""
    bases = [each for each in model.__mro__ if issubclass(each, Parameters)]
    return "\n\n".join(docstring_lead(each) for each in bases if each is not Parameters)


def described_parameters(model: type[Parameters]) -> dict[str, str]:
    """Meanings that the docstrings of a parameter model and of the models it builds on give."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        text = inspect.cleandoc(each.__doc__ or "") if issubclass(each, Parameters) else ""
        for body in re.findall(
            r"^(?:Parameters|Attributes)\n-+\n(.*?)(?=^\w+\n-+$|\Z)", text, re.MULTILINE | re.DOTALL
        ):
            for names, meaning in re.findall(
                r"^(\w[\w, ]*)(?: :.*)?\n((?:[ ]+.*(?:\n|\Z)|\n)+)", body, re.MULTILINE
            ):
                words = " ".join(meaning.split()).rstrip(".")
                found |= {name.strip(): words for name in names.split(",")}
    return found


def _parameters(model: type[Parameters]) -> str:
    described = described_parameters(model)
    rows = [
        (
            _code(name),
            _type(field.annotation),
            _default(field.get_default(call_default_factory=True)),
            described.get(name, ""),
        )
        for name, field in model.model_fields.items()
    ]
    if not rows:
        return "None.\n"
    table = markdown_table(("parameter", "values", "default", "meaning"), rows)
    return f"{parameter_words(model)}\n\n{table}"


# Values under which a model that needs more than its defaults can be made.
_FILLERS: dict[str, Any] = {"analyte": "platelets", "window": {"day": 28.0}}


def _options(name: str, annotation: Any) -> list[Any]:
    """Values of a parameter to try, so that every version of the criteria is met."""
    if get_origin(annotation) is Annotated:
        return _options(name, get_args(annotation)[0])
    if name in _FILLERS:
        return [_FILLERS[name]]
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    inner = [each for each in get_args(annotation) if each not in (type(None), Ellipsis)]
    if get_origin(annotation) in (tuple, list):
        return [(option,) for each in inner for option in _options(name, each)]
    if inner:
        return [option for each in inner for option in _options(name, each)]
    plain: dict[Any, list[Any]] = {bool: [True, False], float: [28.0], int: [3], str: ["death"]}
    return plain.get(annotation, [])


def _attempts(model: type[Parameters]) -> Iterable[Parameters]:
    options = {n: _options(n, f.annotation) for n, f in model.model_fields.items()}
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    base = {name: options[name][0] for name in required if options[name]}
    starts = [
        base,
        *({**base, "window": _FILLERS["window"]} for name in options if name == "window"),
    ]
    for start in starts:
        for extra in ({}, *({name: value} for name in options for value in options[name])):
            try:
                yield model.model_validate(start | extra)
            except ValidationError:
                continue


def endpoint_criteria(endpoint: Endpoint[Any]) -> list[Criteria]:
    """Every criteria file the endpoint can be asked to use."""
    found = {}
    for parameters in _attempts(endpoint.parameters):
        criteria = endpoint.criteria_under(parameters)
        found[criteria.name] = criteria
    if not found:
        raise ValueError(f"no parameters lead to criteria of {endpoint.name}")
    return list(found.values())


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_words(key)} {_plain(each)}" for key, each in value.items())
    if isinstance(value, list):
        apart = "; " if any(isinstance(each, dict | list) for each in value) else " or "
        return apart.join(_plain(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else _words(str(value))


def _words(key: str) -> str:
    return str(key).replace("_", " ")


def _rules(rules: dict[str, Any]) -> str:
    """Thresholds as one table: the rule, and what it says."""
    rows: list[tuple[str, str]] = []
    for key, value in rules.items():
        if isinstance(value, dict):
            rows += [(f"{_words(key)}, {_words(inner)}", _plain(v)) for inner, v in value.items()]
        elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
            rows += [(f"{_words(key)} {n}", _plain(v)) for n, v in enumerate(value, 1)]
        else:
            rows.append((_words(key), _plain(value)))
    return markdown_table(("threshold", "value"), rows)


def _criteria_part(criteria: Criteria) -> str:
    parts = [
        f"#### {criteria.title}\n",
        f"Version {criteria.version}. How the rule was read:\n",
        _list(criteria.provenance.split("; ")),
        _rules(criteria.rules),
    ]
    if criteria.choices:
        parts.append(f"Choices made where the source is silent:\n\n{_list(criteria.choices)}")
    references = [find_source(key).reference for key in criteria.sources]
    parts.append(f"Sources:\n\n{_list(references)}")
    return "\n".join(parts)


def endpoint_section(endpoint: Endpoint[Any]) -> str:
    """One rule of the library: what it gives, its parameters, its thresholds and their sources."""
    parts = [
        f"## {endpoint.title}\n",
        f'`rule = "{endpoint.name}"` gives a {endpoint.kind}'
        + (
            f": {', '.join(_code(label.name) for label in endpoint.labels)}.\n"
            if endpoint.labels
            else ".\n"
        ),
        f"{docstring_lead(endpoint.derive)}\n",
        "### Parameters\n",
        _parameters(endpoint.parameters),
        "### Thresholds\n",
        *map(_criteria_part, endpoint_criteria(endpoint)),
    ]
    return "\n".join(parts)


def endpoints_page() -> str:
    """Every rule of the library, in the order of the registry."""
    return "\n".join(map(endpoint_section, ENDPOINTS.values()))


# Public names -------------------------------------------------------------------------------------


def names_part(names: Iterable[str]) -> str:
    """Documentation of public names, from their docstrings."""
    lines = []
    for name in names:
        module, _, own = f"stromal.{name}".rpartition(".")
        thing = getattr(import_module(module), own)
        kind = "class" if inspect.isclass(thing) else "function"
        lines += [f".. auto{kind}:: {module}.{own}", ""]
    return "```{eval-rst}\n" + "\n".join(lines) + "```\n"


PAGES: dict[str, Callable[[], str]] = {
    "analytes": analytes_page,
    "endpoints": endpoints_page,
    "events": events_page,
    "products": products_page,
    "scales": scales_page,
    "tables": tables_page,
    "units": units_page,
}


def refresh(text: str) -> str:
    """A page whose generated blocks are written anew, for pages that stand in the repository."""
    return BLOCK.sub(
        lambda match: f"{match.group(1)}\n\n{PAGES[match.group(2)]()}\n{match.group(3)}", text
    )


def fill(text: str) -> str:
    """A page with its blocks written anew and its markers replaced."""
    text = refresh(text)
    text = ENDS.sub("", text)
    text = MARKER.sub(lambda match: PAGES[match.group(1)](), text)
    return NAMES.sub(lambda match: names_part(match.group(1).split()), text)


def _on_read(app: Sphinx, name: str, content: list[str]) -> None:
    del app, name
    content[0] = fill(content[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx."""
    app.connect("source-read", _on_read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def main(arguments: list[str]) -> int:
    """Name pages in the repository that are stale; with `--write`, write them anew."""
    stale = 0
    for file in sorted(Path(__file__).parent.parent.glob("*.md")):
        text = file.read_text("utf-8")
        if (fresh := refresh(text)) != text:
            stale += 1
            sys.stdout.write(f"{file.name}\n")
            if "--write" in arguments:
                file.write_text(fresh, "utf-8")
    return 0 if "--write" in arguments else min(stale, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
