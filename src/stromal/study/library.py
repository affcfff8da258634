"""The studies that come with the product: complete folders of data."""

from __future__ import annotations

from pathlib import Path

from stromal.errors import InvalidInput, Issue

# An installed package carries the studies; a source tree has them at its root.
_PLACES = (
    Path(__file__).parents[1] / "studies",
    Path(__file__).parents[3] / "studies",
)


def find_studies(*, with_patients: bool = False) -> list[Path]:
    """Folders of the shipped studies, in order; only those that hold patients, if asked.

    Examples
    --------
    >>> [folder.name for folder in find_studies(with_patients=True)]
    ['agvhd-children', 'hsct-engraftment', 'itp-dose']
    """
    root = next((place for place in _PLACES if place.is_dir()), None)
    if root is None:
        raise InvalidInput([Issue("the shipped studies are not installed", table=str(_PLACES[0]))])
    folders = sorted(path.parent for path in root.glob("*/protocol.toml"))
    return [path for path in folders if not with_patients or (path / "patients").is_dir()]


def find_study(name: str) -> Path:
    """Folder of the shipped study of that name.

    Parameters
    ----------
    name
        Name of the study: `agvhd-children`, `itp-dose` ...

    Returns
    -------
    Path
        The folder, with its `protocol.toml`.

    Raises
    ------
    InvalidInput
        There is no such study; the hint names those there are.

    Examples
    --------
    >>> find_study("itp-dose").name
    'itp-dose'
    """
    studies = {path.name: path for path in find_studies()}
    if name not in studies:
        hint = f"the shipped studies are {', '.join(studies)}"
        raise InvalidInput([Issue(f"there is no shipped study named {name}", hint=hint)])
    return studies[name]
