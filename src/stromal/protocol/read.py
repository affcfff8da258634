"""Read `protocol.toml`: a protocol, or every issue of the file at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from stromal.errors import InvalidInput, Issue
from stromal.protocol.protocol import AnalysisUse, Protocol
from stromal.toml.explain import Place, explain_errors
from stromal.toml.families import Expanded, expand_families
from stromal.toml.locate import KeyPath, find_line, locate_keys, parse_key_path
from stromal.toml.read import read_text, read_toml, with_tuples

PROTOCOL_FILE = "protocol.toml"

FAMILIES: Mapping[KeyPath, bool] = MappingProxyType(
    {
        ("visits",): False,
        ("endpoints",): True,
        ("groupings",): False,
        ("analyses",): False,
        ("evidence", "questions"): False,
    }
)
"""Lists of tables that may stand for several or be written by name; whether values are kept."""


def read_protocol(path: str | Path) -> Protocol:
    """The protocol of a study.

    Parameters
    ----------
    path
        A protocol file, or the study folder that holds `protocol.toml`. UTF-8, with or without a
        byte-order mark, with Unix or Windows line ends, at most 1 MB.

    Returns
    -------
    Protocol
        Frozen values; units, names and days are as written. `check_protocol` looks at what several
        keys say together.

    Raises
    ------
    InvalidInput
        Every issue of the file, in the order of its lines.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_protocol(Path("studies/itp-dose")).study.day_zero
    'first_msc_dose'
    """
    path = Path(path)
    file = path / PROTOCOL_FILE if path.is_dir() else path
    return parse_protocol(_read_text(file), table=file.name)


def parse_protocol(text: str, table: str = PROTOCOL_FILE) -> Protocol:
    """The protocol of a TOML text; InvalidInput with every issue where it is none.

    Examples
    --------
    >>> try:
    ...     parse_protocol("dose = 2,0")
    ... except InvalidInput as error:
    ...     print(error.issues[0].place, "-", error.issues[0].hint)
    protocol.toml row 1 column 9 - one key and one value a line; a number has a point, `dose = 2.0`
    """
    expanded = expand_families(read_toml(text, table), FAMILIES, table)
    try:
        return Protocol.model_validate(with_tuples(expanded.data), strict=True)
    except ValidationError as error:
        lines = expanded.spread(locate_keys(text))
        issues = expanded.fold(explain_errors(error, Place(Protocol, expanded.data, table, lines)))
        raise InvalidInput(
            replace(issue, hint=_OTHER_FORMAT) if issue.column == "format" and issue.row else issue
            for issue in issues
        ) from None


_OTHER_FORMAT = (
    "write `format = 2`; days of an endpoint are its `window` and `baseline` there, and "
    "`published.csv` has a column `by` and an empty group for all patients"
)


def read_written_analyses(path: str | Path) -> tuple[AnalysisUse | None, ...]:
    """Return the analyses of a protocol that is broken elsewhere; None for one that is no table.

    Their keys can then be checked beside everything else that is wrong. Empty where the file is
    no TOML at all.
    """
    path = Path(path)
    try:
        written = read_toml(_read_text(path / PROTOCOL_FILE if path.is_dir() else path), path.name)
        data = expand_families(written, FAMILIES, path.name).data
    except InvalidInput:
        return ()
    analyses = data.get("analyses")
    found: list[AnalysisUse | None] = []
    for entry in analyses if isinstance(analyses, list) else []:
        try:
            found.append(AnalysisUse.model_validate(entry, strict=True))
        except ValidationError:
            found.append(None)
    return tuple(found)


def locate_issues(issues: Iterable[Issue], path: str | Path) -> tuple[Issue, ...]:
    """Issues of the protocol's checks, each with the line of its key in the file.

    Issues of other tables, and those that name no key, are given back as they are.
    """
    path = Path(path)
    text = _read_text(path / PROTOCOL_FILE if path.is_dir() else path)
    lines, expanded = locate_keys(text), _try_expand(text)
    spread = lines if expanded is None else expanded.spread(lines)
    located: list[Issue] = []
    for issue in issues:
        own = issue.table == PROTOCOL_FILE and issue.row is None and issue.column
        if own:
            found = replace(issue, row=find_line(spread, parse_key_path(issue.column or "")))
            located += [found] if expanded is None else expanded.fold([found])
        else:
            located.append(issue)
    return tuple(dict.fromkeys(located))


def _try_expand(text: str) -> Expanded | None:
    """Write out the families of a text; None where it has none that can be."""
    try:
        return expand_families(read_toml(text, PROTOCOL_FILE), FAMILIES, PROTOCOL_FILE)
    except InvalidInput:
        return None


def _read_text(file: Path) -> str:
    return read_text(
        file,
        "a protocol",
        absent=f"give the path of a study folder, which holds a file `{PROTOCOL_FILE}`",
        large="patients and measurements stand in tables of their own, under `patients/`",
    )
