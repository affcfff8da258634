"""The model of a simulation: its text, parameters and ports, read together, and proof of which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from stromal.errors import InvalidInput, Issue, IssueList, has_errors
from stromal.models.check.folder import MODEL_FILES, PARAMETERS_FILE
from stromal.models.library.read import list_library_models, read_library_model
from stromal.models.model import Model
from stromal.models.parameters import find_values, read_parameters, set_parameters
from stromal.models.parse import read_model
from stromal.models.ports import PORTS_FILE, Ports, read_ports
from stromal.protocol.simulation import Simulation
from stromal.simulate.posterior import read_limits, read_posterior
from stromal.simulate.uncertain import STUDY_SHARE, Members
from stromal.store.digest import digest_folder


@dataclass(frozen=True, slots=True)
class SimulatedModel:
    """A model that patients are simulated with.

    Parameters
    ----------
    name
        Of its folder.
    species
        Whose values the model has.
    model
        What its text says, with the values of `parameters`.
    parameters
        Its table of parameters, as `read_parameters` gives it.
    ports
        Where it meets the tables.
    files
        SHA-256 of each file by its name: which version this is.
    vary
        Parameters that vary between patients; None for all that the table lets vary.
    correlations
        Of pairs of them, on the normal scale.
    uncertain
        Limits of the parameters that all patients share and whose value is uncertain.
    posterior
        What a fit left of what is not known, where there was one.
    study_share
        Standard deviation between studies of parameters without a level, in that between patients.
    """

    name: str
    species: str
    model: Model
    parameters: pl.DataFrame
    ports: Ports
    files: Mapping[str, str]
    vary: tuple[str, ...] | None = None
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)
    uncertain: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    posterior: Members | None = None
    study_share: float = 0.0

    @property
    def values(self) -> Mapping[str, float]:
        """Return the value of each parameter of the table."""
        return find_values(self.parameters, self.species)


def read_model_of(simulation: Simulation, study: Path, species: str) -> SimulatedModel:
    """Read the model that a simulation names: a folder beside the protocol, else of the library.

    Parameters
    ----------
    simulation
        Names the model and, of the library, the setting.
    study
        Folder of the protocol.
    species
        Whose values.

    Raises
    ------
    InvalidInput
        Every error of the model's files; there is no such model or setting.
    """
    own = study / simulation.model
    if any((own / name).exists() for name in MODEL_FILES):
        return read_folder(own, species)
    if simulation.model not in list_library_models():
        listed = ", ".join(list_library_models())
        hint = f"name a folder beside protocol.toml with `model.ant`, or of the library {listed}"
        message = f"there is no model `{simulation.model[:60]}`"
        raise InvalidInput([Issue(message, "protocol.toml", column="simulation.model", hint=hint)])
    try:
        found = read_library_model(simulation.model, species, simulation.setting)
    except InvalidInput as error:
        raise InvalidInput([_place(issue) for issue in error.issues]) from None
    return SimulatedModel(
        f"{found.name}, {found.setting}",
        species,
        found.model,
        found.parameters,
        found.ports,
        digest_folder(found.folder),
        found.vary,
        found.correlations,
        read_limits(found.folder),
        read_posterior(found.folder),
        STUDY_SHARE,
    )


def _place(issue: Issue) -> Issue:
    """Return an issue of what is asked of the library as one of the protocol."""
    if issue.table is not None:
        return issue
    return replace(issue, table="protocol.toml", column="simulation.setting")


def read_folder(folder: Path, species: str) -> SimulatedModel:
    """Read text, parameters and ports of a model of the study's own.

    Raises
    ------
    InvalidInput
        Every error of the three files; a model without ports, which no study can use.
    """
    found = IssueList()
    text = next(folder / name for name in MODEL_FILES if (folder / name).exists())
    model = found.of(read_model, text)
    parameters, issues = read_parameters(folder / PARAMETERS_FILE)
    if has_errors(issues) or parameters is None:
        found.issues += issues
    if (folder / PORTS_FILE).exists():
        ports = found.of(read_ports, folder)
    else:
        hint = f"write `{PORTS_FILE}` beside the model's text"
        ports = Ports()
        found.issues.append(Issue("the model has no ports", table=folder.name, hint=hint))
    found.stop()
    if parameters is None:
        raise InvalidInput(issues)
    return SimulatedModel(
        folder.name,
        species,
        set_parameters(model, parameters, species),
        parameters,
        ports,
        digest_folder(folder),
    )
