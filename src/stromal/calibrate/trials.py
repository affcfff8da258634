"""The simulated trials that targets are compared with: protocols in `trials/`, a folder each."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from stromal.endpoints.bind import Bound, try_bind
from stromal.errors import InvalidInput
from stromal.models.library.read import find_folder
from stromal.models.ports import PORTS_FILE, read_ports
from stromal.protocol.protocol import Protocol
from stromal.protocol.read import read_protocol
from stromal.simulate.prepare import prepare_trial
from stromal.simulate.rounds import ACCURACY
from stromal.simulate.trial import Trial
from stromal.simulate.uncertain import CONFIDENCE, STUDY_SHARE
from stromal.store.digest import digest_file

HOME = Path(__file__).parent / "trials"

_SIMULATE = ("measurement.csv", "effective_doses.csv")
"""Data of `simulate` that decide what a ward sees and what of a dose acts."""


def list_trials() -> tuple[str, ...]:
    """Return the names of the trials.

    Examples
    --------
    >>> list_trials()[:2]
    ('car-t-258', 'car-t-26')
    """
    return tuple(sorted(path.parent.name for path in HOME.glob("*/protocol.toml")))


@cache
def read_trial(name: str) -> tuple[Protocol, tuple[Bound, ...]]:
    """Return a trial's protocol and its endpoints, bound to their rules; InvalidInput if faulty."""
    protocol = read_protocol(HOME / name)
    bound, issues = try_bind(protocol)
    if issues:
        raise InvalidInput(issues)
    return protocol, bound


def prepare(
    name: str, replicates: int, seed: int, *, largest: int | None = None, **changes: object
) -> Trial:
    """Make a trial ready to run.

    Parameters
    ----------
    name
        One of `list_trials()`.
    replicates
        Simulated trials; each is a study of its own, with a draw of uncertain parameters.
    seed
        Of everything random.
    largest
        Most patients of an arm, where fewer are enough.
    changes
        Other keys of the table `simulation`.

    Returns
    -------
    Trial
        Ready for `simulate_patients`.
    """
    protocol, bound = read_trial(name)
    simulation = protocol.simulation
    if simulation is None:
        raise InvalidInput([])
    told = dict(changes)
    if largest is not None:
        sizes = {
            arm: min(largest, simulation.size_of(arm, each.planned_n) or largest)
            for arm, each in protocol.arms.items()
        }
        told["patients"] = sizes
    changed = simulation.model_copy(update=told)
    trial = prepare_trial(
        protocol.model_copy(update={"simulation": changed}),
        bound,
        HOME / name,
        replicates=replicates,
        seed=seed,
    )
    return replace(trial, issues=())


def digest_version(model: str) -> dict[str, str]:
    """Return the SHA-256 of everything written down that decides a simulated number.

    The text of the model, its parameters, settings, correlations and ports, its targets, how they
    are compared, and the protocols of the trials; how counts are measured and doses act, how
    exactly trials are solved (`solver`), and how far draws and studies differ (`levels`). Of the
    ports those that only figures read are left out. Code has no digest: `find_probe` runs it.
    """
    folder = find_folder(model)
    own = [path for path in sorted(folder.iterdir()) if path.suffix in (".ant", ".csv", ".toml")]
    own = [path for path in own if path.name not in ("assertions.csv", PORTS_FILE)]
    found = {path.name: digest_file(path) for path in own}
    ports = read_ports(folder)
    read = (ports.products, ports.covariates, ports.outputs, ports.events, ports.stages)
    found["ports"] = sha256(repr(read).encode()).hexdigest()
    found |= {
        f"trials/{name}": digest_file(HOME / name / "protocol.toml") for name in list_trials()
    }
    for name in _SIMULATE:
        found[name] = digest_file(Path(str(files("stromal.simulate") / name)))
    found["solver"] = sha256(repr(ACCURACY).encode()).hexdigest()
    levels = (sorted(CONFIDENCE.items(), key=str), STUDY_SHARE)
    found["levels"] = sha256(repr(levels).encode()).hexdigest()
    found["comparisons.csv"] = digest_file(HOME.parent / "comparisons.csv")
    return found
