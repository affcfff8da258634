"""Every issue of a study and of its simulation; nothing is computed."""

from __future__ import annotations

from pathlib import Path

from stromal.errors import InvalidInput, Issue
from stromal.protocol.read import locate_issues
from stromal.simulate.prepare import prepare_trial
from stromal.study.read import Study, read_study


def check_study(folder: Path | str) -> tuple[Issue, ...]:
    """Every issue of a study, without computing or writing anything.

    Parameters
    ----------
    folder
        The study, as for `read_study`.

    Returns
    -------
    tuple of Issue
        Errors, warnings and notes of every file; empty where there is none.

    Examples
    --------
    >>> for issue in check_study("no-such-study"):
    ...     print(issue)
    no-such-study: no such folder.
    hint: name the folder that holds protocol.toml
    """
    try:
        study = read_study(folder)
        return (*study.issues, *check_trials(study))
    except InvalidInput as error:
        return error.issues


def check_trials(study: Study) -> tuple[Issue, ...]:
    """Return every issue of a study's simulation, with its line; nothing is drawn."""
    if study.protocol.simulation is None:
        return ()
    try:
        found = prepare_trial(study.protocol, study.endpoints, study.folder).issues
    except InvalidInput as error:
        found = error.issues
    return locate_issues(found, study.folder)
