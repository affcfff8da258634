"""The model of a simulation: its text, parameters and ports, read together, and proof of which."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stromal.errors import InvalidInput, Issue, IssueList, has_errors
from stromal.models.check.folder import MODEL_FILES, PARAMETERS_FILE
from stromal.models.model import Model
from stromal.models.parameters import find_values, read_parameters
from stromal.models.parse import read_model
from stromal.models.ports import PORTS_FILE, Ports, read_ports
from stromal.store.digest import digest_file

LIBRARY = Path(__file__).parents[1] / "models" / "library"
"""Where the models that come with the product stand, a folder each."""


@dataclass(frozen=True, slots=True)
class SimulatedModel:
    """A model that patients are simulated with.

    Parameters
    ----------
    name
        Of its folder.
    model
        What its text says, without the values of `parameters`.
    parameters
        Its table of parameters, as `read_parameters` gives it.
    ports
        Where it meets the tables.
    files
        SHA-256 of each file by its name: which version this is.
    """

    name: str
    model: Model
    parameters: pl.DataFrame
    ports: Ports
    files: dict[str, str]

    def values(self, species: str) -> dict[str, float]:
        """Return the value of each parameter of the table in a species."""
        return find_values(self.parameters, species)


def find_model_folder(name: str, study: Path) -> Path:
    """Return the folder of a model: one beside the protocol, else one of the library.

    Raises
    ------
    InvalidInput
        There is neither; the hint names those of the library.

    Examples
    --------
    >>> find_model_folder("no_such", Path("studies/itp-dose"))
    Traceback (most recent call last):
    stromal.errors.InvalidInput: protocol.toml simulation.model: there is no model `no_such`...
    """
    own, library = study / name, LIBRARY / name
    for folder in (own, library):
        if any((folder / text).exists() for text in MODEL_FILES):
            return folder
    shipped = sorted(
        path.name
        for path in (LIBRARY.iterdir() if LIBRARY.is_dir() else ())
        if any((path / text).exists() for text in MODEL_FILES)
    )
    listed = f"; the library has {', '.join(shipped)}" if shipped else ""
    hint = f"name a folder beside protocol.toml that holds `model.ant`{listed}"
    message = f"there is no model `{name[:60]}`"
    raise InvalidInput([Issue(message, "protocol.toml", column="simulation.model", hint=hint)])


def read_simulated_model(folder: Path) -> SimulatedModel:
    """Read text, parameters and ports of a model.

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
    names = (text.name, PARAMETERS_FILE, PORTS_FILE)
    files = {name: digest_file(folder / name) for name in names}
    return SimulatedModel(folder.name, model, parameters, ports, files)
