"""Tables that are written once for several: `each` names the values that take turns in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from stromal.errors import InvalidInput, Issue
from stromal.likeness import find_nearest
from stromal.toml.locate import KeyPath, format_key_path, parse_key_path

EACH, MEMBER, NAME = "each", "member", "name"
FAMILIES = "families"
"""Table of lists that several families share, by name."""
SPOKEN = ("label", "note")
"""Keys whose text is read by people: a value stands in it without underscores."""

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_WHOLE = re.compile(r"^\{([a-z][a-z0-9_]*)\}$")
MOST = 200
"""Tables that one may stand for."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """The tables of a file with families written out, and which of those written each is.

    `written` holds, for the path of a list that has families or is written by name, the place or
    the name of every table of it in the file.
    """

    data: dict[str, Any]
    written: Mapping[KeyPath, tuple[int | str, ...]] = field(default_factory=dict)

    def spread(self, lines: Mapping[KeyPath, int]) -> dict[KeyPath, int]:
        """Return the lines of keys by the places of the tables that were written out."""
        spread = dict(lines)
        for path, places in self.written.items():
            spread = {key: line for key, line in spread.items() if key[: len(path)] != path}
            own = [(key[len(path) :], line) for key, line in lines.items() if _is_in(key, path)]
            spread |= {path: lines[path]} if path in lines else {}
            for place, source in enumerate(places):
                for key, line in own:
                    if key[0] == source:
                        spread[(*path, place, *key[1:])] = line
        return spread

    def fold(self, issues: Iterable[Issue]) -> tuple[Issue, ...]:
        """Return issues with the places of tables as they are written, each once."""
        return tuple(dict.fromkeys(self._fold(issue) for issue in issues))

    def _fold(self, issue: Issue) -> Issue:
        if not issue.column:
            return issue
        key = parse_key_path(issue.column)
        for path, places in self.written.items():
            place = key[len(path)] if _is_in(key, path) else None
            if isinstance(place, int) and place < len(places):
                told = format_key_path((*path, places[place], *key[len(path) + 1 :]))
                return replace(issue, column=told)
        return issue


def expand_families(data: dict[str, Any], lists: Mapping[KeyPath, bool], table: str) -> Expanded:
    """Write out every table that has `each`, one for each combination of its values.

    `{name}` in any text stands for the value; a text that is nothing else takes the value itself,
    also a number. `each = ["lineage"]` takes the values of `lineage` in the table `families`. A
    list may be written as tables by name: `[endpoints.response]` is one of `[[endpoints]]` with
    `name = "response"`.

    Parameters
    ----------
    data
        The file as read.
    lists
        Paths of the lists of tables that may hold families, and whether their tables keep the
        values that were put in, under `member`.
    table
        Name of the file, for issues.

    Raises
    ------
    InvalidInput
        Values of `each` are no lists, a text names a value that `each` does not have, `each` names
        a family that is not there, or a table has two names.

    Examples
    --------
    >>> data = {"endpoints": [{"each": {"day": [28, 56]}, "name": "day_{day}", "at": "{day}"}]}
    >>> expand_families(data, {("endpoints",): True}, "protocol.toml").data["endpoints"][1]
    {'name': 'day_56', 'at': 56, 'member': {'day': '56'}}
    """
    found = {key: value for key, value in data.items() if key != FAMILIES}
    written: dict[KeyPath, tuple[int | str, ...]] = {}
    issues: list[Issue] = []
    shared = _read_shared(data.get(FAMILIES, {}), issues)
    for path, keeps in lists.items():
        entries = _look_up(found, path)
        by_name = _is_by_name(entries)
        if not by_name and not (isinstance(entries, list) and any(map(_has_each, entries))):
            continue
        members: list[Any] = []
        places: list[int | str] = []
        for place, entry in _name_tables(entries, path, issues):
            own = list(_write_out(entry, (*path, place), shared, issues, keeps=keeps))
            members += own
            places += [place] * len(own)
        found = _put(found, path, members)
        written[path] = tuple(places)
    if issues:
        raise InvalidInput([replace(issue, table=table) for issue in issues])
    return Expanded(found, written)


def _read_shared(given: Any, issues: list[Issue]) -> Mapping[str, Any]:  # noqa: ANN401
    """Return the lists that families share; what is none is an issue."""
    hint = 'write `lineage = ["anaemia", "neutropenia"]` under `[families]`'
    if not isinstance(given, dict):
        issues.append(Issue("`families` is a table of lists", column=FAMILIES, hint=hint))
        return {}
    for name, values in given.items():
        if not _is_values(values):
            what = f"`{name}` is a list of texts or numbers"
            issues.append(Issue(what, column=f"{FAMILIES}.{name}", hint=hint))
    return {name: values for name, values in given.items() if _is_values(values)}


def _is_by_name(entries: Any) -> bool:  # noqa: ANN401
    """Tell whether a list of tables is written as tables by name."""
    return (
        isinstance(entries, dict)
        and bool(entries)
        and all(isinstance(entry, dict) for entry in entries.values())
    )


def _name_tables(
    entries: Any,  # noqa: ANN401
    path: KeyPath,
    issues: list[Issue],
) -> Iterator[tuple[int | str, Any]]:
    """Yield the tables of a list with their place, or those by name with it as their `name`."""
    if isinstance(entries, list):
        yield from enumerate(entries)
        return
    for name, entry in entries.items():
        if NAME in entry:
            column = format_key_path((*path, name, NAME))
            hint = f"leave `name` out: the heading says `{name}`"
            issues.append(Issue("the table has two names", column=column, hint=hint))
        yield name, {NAME: name, **{key: value for key, value in entry.items() if key != NAME}}


def _write_out(
    entry: Any,  # noqa: ANN401
    path: KeyPath,
    shared: Mapping[str, Any],
    issues: list[Issue],
    *,
    keeps: bool,
) -> Iterator[Any]:
    """Yield the members of a family, or the table itself where it is none."""
    if not _has_each(entry):
        yield entry
        return
    plain = {key: value for key, value in entry.items() if key != EACH}
    each = entry[EACH]
    said = list(_check_shared(each, shared, path))
    if _is_names(each):
        each = {name: shared[name] for name in each if name in shared}
    said = said or list(_check(each, plain, path))
    issues += said
    if said:
        return
    for values in product(*each.values()):
        chosen = dict(zip(each, values, strict=True))
        member = {key: _fill(value, chosen, key) for key, value in plain.items()}
        if keeps:
            own = member.get(MEMBER, {})
            values_of = {name: str(value) for name, value in chosen.items()}
            member |= {MEMBER: {**values_of, **own} if isinstance(own, dict) else own}
        yield member


def _check_shared(each: Any, shared: Mapping[str, Any], path: KeyPath) -> Iterator[Issue]:  # noqa: ANN401
    """Yield the names of `each` that the table `families` does not have."""
    column = format_key_path((*path, EACH))
    for name in each if _is_names(each) else ():
        if name not in shared:
            near = find_nearest(name, shared)
            known = f"its lists are {', '.join(shared)}" if shared else "write them there"
            hint = f"did you mean `{near}`?" if near else known
            yield Issue(f"`{name}` is not among the lists of `families`", column=column, hint=hint)


def _check(each: Any, plain: Mapping[str, Any], path: KeyPath) -> Iterator[Issue]:  # noqa: ANN401
    """Yield what is wrong with the values of a family, and with the places they go to."""
    column = format_key_path((*path, EACH))
    right = isinstance(each, dict) and each and all(_is_values(values) for values in each.values())
    if not right:
        hint = 'write `each = { lineage = ["anaemia", "neutropenia"] }`'
        what = "`each` is a table of lists of texts or numbers, or a list of names of `families`"
        yield Issue(what, column=column, hint=hint)
        return
    size = 1
    for values in each.values():
        size *= len(values)
    if size > MOST:
        yield Issue(
            f"`each` stands for {size} tables, more than {MOST}",
            column=column,
            hint="write fewer values, or several tables",
        )
    for name in sorted(set(_list_places(plain)).difference(each)):
        near = find_nearest(name, each)
        hint = f"did you mean `{{{near}}}`?" if near else f"its values are {', '.join(each)}"
        yield Issue(f"`{{{name}}}` is not among the values of `each`", column=column, hint=hint)


def _fill(value: Any, chosen: Mapping[str, Any], key: str = "") -> Any:  # noqa: ANN401
    """Put the chosen values in place; in labels they stand as words."""
    if isinstance(value, dict):
        return {name: _fill(item, chosen, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, chosen, key) for item in value]
    if not isinstance(value, str):
        return value
    whole = _WHOLE.match(value)
    if whole and key not in SPOKEN:
        return chosen[whole.group(1)]
    filled = _PLACE.sub(lambda found: _spell(chosen[found.group(1)], key), value)
    return filled[:1].upper() + filled[1:] if key in SPOKEN else filled


def _spell(value: Any, key: str) -> str:  # noqa: ANN401
    return str(value).replace("_", " ") if key in SPOKEN else str(value)


def _list_places(value: Any) -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, dict):
        for item in value.values():
            yield from _list_places(item)
    elif isinstance(value, list):
        for item in value:
            yield from _list_places(item)
    elif isinstance(value, str):
        yield from _PLACE.findall(value)


def _has_each(entry: Any) -> bool:  # noqa: ANN401
    return isinstance(entry, dict) and EACH in entry


def _is_names(each: Any) -> bool:  # noqa: ANN401
    return isinstance(each, list) and bool(each) and all(isinstance(one, str) for one in each)


def _is_values(values: Any) -> bool:  # noqa: ANN401
    return (
        isinstance(values, list)
        and bool(values)
        and all(isinstance(item, str | int | float) for item in values)
    )


def _is_in(key: KeyPath, path: KeyPath) -> bool:
    return len(key) > len(path) and key[: len(path)] == path


def _look_up(data: Any, path: KeyPath) -> Any:  # noqa: ANN401
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _put(data: dict[str, Any], path: KeyPath, value: list[Any]) -> dict[str, Any]:
    """Return the data with another list at a path; what was read is left as it is."""
    first, *rest = path
    inner = _put(data[str(first)], tuple(rest), value) if rest else value
    return {**data, str(first): inner}
