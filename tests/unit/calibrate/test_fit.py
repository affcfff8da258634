"""The fit is reproducible, reads role C alone, and narrows what data speak of."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.calibrate import fit as fits
from stromal.calibrate.comparisons import read_comparisons
from stromal.calibrate.fit import Fit, estimate_noise, fit_posterior
from stromal.calibrate.likeness import list_data


def test_noise_of_different_trials_is_independent():
    rest = np.random.default_rng(1).normal(size=(500, 3)) @ np.ones((3, 3)) + 1
    found = estimate_noise(rest, ["a", "a", "b"])
    assert found[0, 2] == found[1, 2] == 0
    assert found[0, 1] == pytest.approx(0.9 * found[0, 0], rel=0.01)
    assert np.linalg.eigvalsh(found).min() > 0


@pytest.fixture(scope="module")
def small() -> tuple[Fit, Fit]:
    """Two fits of the dose groups of ITP alone, with the same seed."""
    only = [each for each in read_comparisons(("C",)) if each.trial == "itp-18"]
    patch = pytest.MonkeyPatch()
    patch.setattr(fits, "list_data", lambda _: list_data(only))
    try:
        asked = {"members": 60, "assimilations": 2, "tell": lambda _: None}
        return fit_posterior(**asked), fit_posterior(**asked)
    finally:
        patch.undo()


def test_a_seed_gives_the_fit_to_the_bit(small: tuple[Fit, Fit]):
    one, other = small
    assert one.posterior.shifts.tobytes() == other.posterior.shifts.tobytes()


def test_only_role_c_is_read(small: tuple[Fit, Fit]):
    roles = {each.id: each.role for each in read_comparisons()}
    assert {roles[name] for name in small[0].data} == {"C"}


def test_parameters_of_other_patients_are_not_in_it(small: tuple[Fit, Fit]):
    assert "suppressor_most" in small[0].posterior.names
    assert "car_t_growth" not in small[0].posterior.names


def test_spreads_do_not_grow(small: tuple[Fit, Fit]):
    found = small[0]
    before, after = found.prior.shifts.std(axis=0), found.posterior.shifts.std(axis=0)
    assert np.mean(after / before) < 1.02
