"""The rules of the library: what each gives, its parameters, and the criteria it applies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any, Literal, get_args, get_origin

from docstrings import read_lead, write_keys
from markdown_text import join_or, write_code, write_link, write_list, write_table
from pydantic import ValidationError

from stromal.endpoints import rules
from stromal.endpoints.criteria import Criteria
from stromal.endpoints.endpoint import Endpoint, Parameters
from stromal.endpoints.registry import ENDPOINTS
from stromal.sources import find_source

# What a rule's own parameters show already, and words that are no thresholds.
_SHOWN_ELSEWHERE = {"events", "competing", "until_day", "words"}
_SPOKEN = {
    "below_lower_limit": "below the lower limit of normal: grade",
    "skin_bsa": "% of body surface",
    "items": "signs",
    "signs": "by signs",
    "min_duration": "shortest duration, days",
    "limit_day": "last day",
}

# Values under which a model that needs more than its defaults can be made.
_FILLERS: dict[str, Any] = {
    "analyte": "platelets",
    "scale": "tumour",
    "item": "response",
    "window": {"day": 28.0},
}


def list_families() -> dict[str, list[Endpoint[Any]]]:
    """Return the rules by the title of their family, in the order of the registry."""
    homes: dict[str, str] = {}
    for module in iter_modules(rules.__path__):
        family = import_module(f"{rules.__name__}.{module.name}")
        title = (family.__doc__ or "").removeprefix("Rules on ").strip(".\n ")
        members: tuple[Endpoint[Any], ...] = getattr(family, module.name.upper())
        homes |= {rule.name: title[:1].upper() + title[1:] for rule in members}
    found: dict[str, list[Endpoint[Any]]] = {}
    for rule in ENDPOINTS.values():
        found.setdefault(homes[rule.name], []).append(rule)
    return found


# Criteria -----------------------------------------------------------------------------------------


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
    windows = [{**base, "window": _FILLERS["window"]} for name in options if name == "window"]
    for start in [base, *windows]:
        for extra in ({}, *({name: value} for name in options for value in options[name])):
            try:
                yield model.model_validate(start | extra)
            except ValidationError:
                continue


def list_criteria(endpoint: Endpoint[Any]) -> list[Criteria]:
    """Return every criteria file the endpoint can be asked to use, as the endpoint applies it."""
    found: dict[str, Criteria] = {}
    for parameters in _attempts(endpoint.parameters):
        criteria = endpoint.criteria_under(parameters)
        found.setdefault(criteria.name, criteria)
    if not found:
        raise ValueError(f"no parameters lead to criteria of {endpoint.name}")
    return list(found.values())


def write_title(criteria: Criteria) -> str:
    """Write the title of criteria as a heading has it."""
    return criteria.title[:1].upper() + criteria.title[1:]


def _words(key: object) -> str:
    return _SPOKEN.get(str(key), str(key).replace("_", " "))


def _plain(value: Any) -> str:
    """Write a value without tables inside it in words."""
    if isinstance(value, dict) and value and all(str(key).isdigit() for key in value):
        return "; ".join(f"grade {key}: {_plain(each)}" for key, each in value.items())
    if isinstance(value, dict):
        return ", ".join(f"{_words(key)} {_plain(each)}" for key, each in value.items())
    if isinstance(value, list):
        apart = "; " if any(isinstance(each, dict | list) for each in value) else " or "
        return apart.join(_plain(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else _words(value)


def _is_deep(value: Any) -> bool:
    """Say whether a value holds tables."""
    if isinstance(value, dict):
        return any(isinstance(each, dict | list) for each in value.values())
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def _rows(path: tuple[str, ...], value: Any) -> Iterator[tuple[str, str]]:
    """Yield a row for each threshold, named by the way to it."""
    name = ": ".join(filter(None, (path[0], ", ".join(path[1:]))))
    if isinstance(value, list) and all(isinstance(each, dict) for each in value) and value:
        if not any(_is_deep(each) for each in value) and "stage" in value[0]:
            yield name, "; ".join(_stage(each) for each in value)
            return
        for number, each in enumerate(value, 1):
            rest = dict(each)
            own = rest.pop("label", None) or str(number)
            rest.pop("value", None)
            yield ": ".join((name, _words(own))), _plain(rest).replace("any of ", "any of: ")
    elif isinstance(value, dict) and _is_deep(value):
        simple = {key: each for key, each in value.items() if not isinstance(each, dict | list)}
        if simple:
            yield name, _plain(simple)
        for key, each in value.items():
            if key not in simple:
                yield from _rows((*path, _words(key)), each)
    else:
        yield name, _plain(value)


def _stage(cut: dict[str, Any]) -> str:
    rest = {key: each for key, each in cut.items() if key != "stage"}
    return f"stage {cut['stage']} {_plain(rest)}".strip()


def write_thresholds(criteria: Criteria) -> str:
    """Write the thresholds of criteria as one table."""
    rows: list[tuple[str, str]] = []
    for key, value in criteria.rules.items():
        if key in _SHOWN_ELSEWHERE:
            continue
        if isinstance(value, dict) and not _is_deep(value):
            rows += [(f"{_words(key)}: {_words(inner)}", _plain(v)) for inner, v in value.items()]
        else:
            rows += _rows((_words(key),), value)
    return write_table(("threshold", "value"), rows)


def write_criteria(criteria: Criteria, used_by: Iterable[Endpoint[Any]]) -> str:
    """Write criteria: who applies them, their thresholds, how they were read, their sources."""
    links = ", ".join(write_link(rule.title) for rule in used_by)
    parts = [
        f"### {write_title(criteria)}\n",
        f"Version {criteria.version}. Applied by: {links}.\n",
        write_thresholds(criteria),
        f"How the criteria were read:\n\n{write_list(criteria.provenance.split('; '))}",
    ]
    if criteria.choices:
        parts.append(f"Choices made where the source is silent:\n\n{write_list(criteria.choices)}")
    if criteria.sources:
        references = [find_source(key).reference for key in criteria.sources]
        parts.append(f"Sources:\n\n{write_list(references)}")
    return "\n".join(filter(None, parts))


# Rules --------------------------------------------------------------------------------------------


def write_rule(endpoint: Endpoint[Any]) -> str:
    """Write one rule: what it gives, its parameters, and the criteria it applies."""
    gives = f'`rule = "{endpoint.name}"` gives a {endpoint.kind}'
    if endpoint.labels:
        gives += f": {', '.join(write_code(label.name) for label in endpoint.labels)}"
    links = join_or(write_link(write_title(criteria)) for criteria in list_criteria(endpoint))
    own = read_lead(endpoint.parameters)
    base = next((read_lead(each) for each in endpoint.parameters.__mro__[1:]), "")
    parts = [
        f"### {endpoint.title}\n",
        f"{gives}. Criteria: {links}.\n",
        f"{read_lead(endpoint.derive)}\n",
        f"**Parameters.** {own or base}\n",
        write_keys(endpoint.parameters, "parameter"),
    ]
    return "\n".join(parts)


def write_overview() -> str:
    """Write one row for each rule, by family."""
    rows = [
        (family, write_link(rule.title), write_code(rule.name), rule.kind)
        for family, members in list_families().items()
        for rule in members
    ]
    return write_table(("family", "rule", "`rule =`", "gives a"), rows)


def write_rules() -> str:
    """Write every rule of the library, family by family."""
    return "\n".join(
        f"## {family}\n\n" + "\n".join(map(write_rule, members))
        for family, members in list_families().items()
    )


def write_all_criteria() -> str:
    """Write every criteria file once, in the order in which rules name them."""
    found: dict[str, Criteria] = {}
    users: dict[str, list[Endpoint[Any]]] = {}
    for rule in ENDPOINTS.values():
        for criteria in list_criteria(rule):
            found.setdefault(criteria.name, criteria)
            users.setdefault(criteria.name, []).append(rule)
    return "\n".join(write_criteria(criteria, users[name]) for name, criteria in found.items())
