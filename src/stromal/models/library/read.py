"""Reading a model of the library: its text with the numbers of a species and of a setting.

A setting is a kind of patient, such as those with relapsed lymphoma: `settings.csv` holds what of
`parameters.csv` is different in them, and which parameters vary between them; `correlations.csv`
holds what of it moves together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import polars as pl

from stromal.errors import InvalidInput, Issue, has_errors
from stromal.likeness import find_similar
from stromal.models.model import Model
from stromal.models.parameters import PARAMETERS, read_parameters, set_parameters
from stromal.models.parse import read_model
from stromal.models.ports import Ports, read_ports
from stromal.tables.subjects import SPECIES

HEALTHY = "healthy"
"""The setting without rows of its own: the values of `parameters.csv`, and nothing varies."""

_HOME = Path(__file__).parent
_VARIATION = ("distribution", "sd", "low", "high", "share", "level", "level_sd")
_WORDS = ("confidence", "source", "locator")


@dataclass(frozen=True)
class LibraryModel:
    """A model of the library for one species and one setting.

    Attributes
    ----------
    name, species, setting
        What was asked for.
    folder
        Holds `model.ant`, `parameters.csv`, `ports.toml`, `settings.csv` and `README.md`.
    model
        Its text, with the values of the species and the setting.
    parameters
        As `read_parameters` gives them, with the rows of the setting in place of the model's own.
    ports
        What products, outputs and events are in the model.
    vary
        Names of the parameters that vary between patients of the setting, in order of the table.
    correlations
        Of pairs of them, on the normal scale.
    """

    name: str
    species: str
    setting: str
    folder: Path
    model: Model
    parameters: pl.DataFrame
    ports: Ports
    vary: tuple[str, ...]
    correlations: Mapping[tuple[str, str], float]


def list_library_models() -> tuple[str, ...]:
    """Return the names of the models of the library.

    Examples
    --------
    >>> list_library_models()
    ('physiology',)
    """
    return tuple(sorted(path.parent.name for path in _HOME.glob("*/model.ant")))


def list_settings(name: str) -> tuple[str, ...]:
    """Return the settings of a model, `healthy` first.

    Examples
    --------
    >>> list_settings("physiology")[:2]
    ('healthy', 'lymphoma')
    """
    settings = _read_settings(find_folder(name))
    return (HEALTHY, *settings["setting"].unique(maintain_order=True))


def read_library_model(name: str, species: str = "human", setting: str = HEALTHY) -> LibraryModel:
    """Return a model of the library with the numbers of a species and of a setting.

    Parameters
    ----------
    name
        One of `list_library_models()`.
    species
        `human` or `mouse`.
    setting
        One of `list_settings(name)`: whose patients they are.

    Returns
    -------
    LibraryModel
        Its `model` can be compiled, its `parameters` drawn from: `derive_distributions(
        found.parameters, found.species, vary=found.vary)`.

    Raises
    ------
    InvalidInput
        There is no such model, species or setting; the hint names those there are.

    Examples
    --------
    >>> found = read_library_model("physiology", setting="lymphoma")
    >>> found.ports.outputs["platelets"].output, "reserve" in found.vary
    ('platelets_blood', True)
    """
    folder = find_folder(name)
    _check_name("species", species, SPECIES)
    _check_name("setting", setting, list_settings(name))
    parameters, issues = read_parameters(folder / "parameters.csv")
    if parameters is None or has_errors(issues):
        raise InvalidInput(issues)
    own = _read_settings(folder).filter(pl.col("setting") == setting)
    table = _put(parameters, own)
    varying = table.filter((pl.col("distribution") != "fixed") & pl.col("name").is_in(own["name"]))
    return LibraryModel(
        name=name,
        species=species,
        setting=setting,
        folder=folder,
        model=set_parameters(_read_text(folder), table, species),
        parameters=table,
        ports=read_ports(folder),
        vary=tuple(varying["name"]),
        correlations=_read_correlations(folder, setting),
    )


@cache
def _read_text(folder: Path) -> Model:
    return read_model(folder / "model.ant")


def find_folder(name: str) -> Path:
    """Return the folder of a model; InvalidInput names those there are.

    Examples
    --------
    >>> find_folder("physiology").name
    'physiology'
    """
    _check_name("model", name, list_library_models())
    return _HOME / name


def _check_name(what: str, given: str, known: tuple[str, ...]) -> None:
    if given in known:
        return
    near = find_similar(str(given), known)
    hint = f"did you mean `{near}`?" if near else f"there are {', '.join(known)}"
    raise InvalidInput([Issue(f"there is no {what} `{str(given)[:60]}`", hint=hint)])


@cache
def _read_settings(folder: Path) -> pl.DataFrame:
    """Rows of `settings.csv`: the setting, and the columns of parameters that it changes."""
    numbers = ("value", "sd", "low", "high", "share", "level_sd")
    types = {name: pl.Float64 if name in numbers else pl.String for name in _COLUMNS}
    return pl.read_csv(folder / "settings.csv", schema=types)


_COLUMNS = ("setting", "name", "value", *_VARIATION, *_WORDS)


def _put(parameters: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Put the rows of a setting in the place of the model's own.

    A value or a distribution is put with all that belongs to it; where a row has neither, the
    model's own row holds, and the parameter varies as it says.
    """
    said = {column: f"{column}_own" for column in own.columns if column != "name"}
    joined = parameters.join(own.rename(said), on="name", how="left", maintain_order="left")
    valued = pl.col("value_own").is_not_null()
    varied = pl.col("distribution_own").is_not_null()
    changes = [
        pl.when(valued).then("value_own").otherwise("value").alias("value"),
        # a value of a setting is that of the species whose setting it is
        pl.when(valued).then(None).otherwise("mouse").alias("mouse"),
        *(pl.when(varied).then(f"{name}_own").otherwise(name).alias(name) for name in _VARIATION),
        *(pl.coalesce(f"{name}_own", name).alias(name) for name in _WORDS),
    ]
    return PARAMETERS.conform(joined.with_columns(changes).select(parameters.columns))


def _read_correlations(folder: Path, setting: str) -> Mapping[tuple[str, str], float]:
    rows = pl.read_csv(folder / "correlations.csv").filter(pl.col("setting") == setting)
    pairs = rows.select("first", "second", "correlation").iter_rows()
    return MappingProxyType({(first, second): number for first, second, number in pairs})
