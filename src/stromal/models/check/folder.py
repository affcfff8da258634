"""A model's folder: text, parameters and ports, read and checked together."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from stromal.errors import Issue, IssueList
from stromal.models.check.checks import check_model
from stromal.models.check.ports import check_ports
from stromal.models.meaning import Meaning
from stromal.models.model import Model
from stromal.models.parameters import read_parameters
from stromal.models.parse import read_model
from stromal.models.ports import PORTS_FILE, Ports, read_ports

MODEL_FILES = ("model.ant", "model.xml")
PARAMETERS_FILE = "parameters.csv"


def check_model_folder(folder: Path | str) -> tuple[Issue, ...]:
    r"""Return every issue of a model with its parameters and ports.

    Parameters
    ----------
    folder
        Holds `model.ant` (or `model.xml`); `parameters.csv` and `ports.toml` where there are any.
        A model without ports can be integrated, and no study can use it.

    Returns
    -------
    tuple of Issue
        Of reading all files, then of `check_model`, then of `check_ports`. States that reach no
        output of the ports are told.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "model.ant").write_text("PLT = 250; PLT' = -0.1*PLT")
    ...     _ = (Path(folder) / "ports.toml").write_text('[outputs.platelets]\noutput = "PLT"\n')
    ...     issues = check_model_folder(folder)
    >>> print(issues[0])
    ports.toml row 1 column outputs.platelets.unit: key `unit` is missing.
    hint: write `unit = "..."`
    """
    home = Path(folder)
    text = next((home / name for name in MODEL_FILES if (home / name).exists()), None)
    if text is None:
        hint = f"write the model's text to `{MODEL_FILES[0]}`, or SBML to `{MODEL_FILES[1]}`"
        return (Issue("has no model", table=home.name, hint=hint),)
    found = IssueList()
    model: Model | None = found.of(read_model, text)
    parameters: pl.DataFrame | None = None
    if (home / PARAMETERS_FILE).exists():
        parameters, issues = read_parameters(home / PARAMETERS_FILE)
        found.issues += issues
    ports: Ports | None = None
    if (home / PORTS_FILE).exists():
        ports = found.of(read_ports, home)
    if model is not None:
        outputs = _list_outputs(model, ports) if ports is not None else ()
        found.issues += check_model(model, parameters, outputs)
        if ports is not None:
            found.issues += check_ports(model, ports, parameters)
    return tuple(found.issues)


def _list_outputs(model: Model, ports: Ports) -> tuple[str, ...]:
    """Outputs of the model that ports read; those that it does not have are told elsewhere."""
    named = [port.output for port in ports.outputs.values()]
    named += [port.output for items in ports.stages.values() for port in items.values()]
    named += [name for port in ports.events.values() for name in (port.output, port.hazard) if name]
    known = {name for name, _ in Meaning(model).outputs()}
    return tuple(name for name in dict.fromkeys(named) if name in known)
