"""Drawn parameters depend on the seed, the parameter and the patient, and on nothing else."""

from __future__ import annotations

import pickle
from decimal import Decimal

import numpy as np
import pytest
from scipy.stats import kstest

from stromal.errors import InvalidInput, Issue
from stromal.kernels.door import Read, Work
from stromal.kernels.draws import (
    By,
    Categorical,
    Distribution,
    LogNormal,
    Normal,
    Population,
    Uniform,
    draw_parameters,
)
from stromal.kernels.draws.uniforms import draw_uniforms
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import Area
from stromal.kernels.stream import solve_to_parquet
from stromal.models.parse import read_model

POPULATION = {"k": LogNormal(2.0, 0.4), "u": Uniform(-1.0, 3.0)}


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64])
def test_chunks_give_the_same_patients(chunk):
    every = draw_parameters(5, 0, 64, POPULATION)
    for name, values in every.items():
        parts = [
            draw_parameters(5, first, min(chunk, 64 - first), POPULATION)[name]
            for first in range(0, 64, chunk)
        ]
        assert np.array_equal(np.concatenate(parts), values)


def test_another_parameter_changes_nothing():
    alone = draw_parameters(5, 3, 9, {"u": POPULATION["u"]})["u"]
    assert np.array_equal(alone, draw_parameters(5, 3, 9, POPULATION)["u"])


def test_seeds_and_names_differ():
    same = {"a": Uniform(0, 1), "b": Uniform(0, 1)}
    first, second = draw_parameters(1, 0, 50, same), draw_parameters(2, 0, 50, same)
    assert len({*first["a"], *first["b"], *second["a"], *second["b"]}) == 200


def test_distributions():
    drawn = draw_parameters(7, 0, 20_000, POPULATION)
    assert kstest(np.log(drawn["k"] / 2.0) / 0.4, "norm").pvalue > 1e-3
    assert kstest((drawn["u"] + 1.0) / 4.0, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(drawn["k"], drawn["u"])[0, 1]) < 0.03


def test_numbers_are_those_that_were_drawn_before():
    drawn = draw_parameters(7, 2, 2, POPULATION)
    assert drawn["k"] == pytest.approx([0.8870010491690068, 1.0807884864740713], rel=1e-15)
    assert drawn["u"].tolist() == [2.459565941627485, -0.42323229581739485]
    assert drawn["k"].tolist() == [
        POPULATION["k"].quantile(draw_uniforms(7, "k", n, 1))[0] for n in (2, 3)
    ]


def test_whole_numbers_of_any_kind_draw_the_same():
    usual = draw_parameters(7, 2, 3, POPULATION)["k"]
    numpy_kinds = draw_parameters(np.uint64(7), np.int32(2), np.int64(3), POPULATION)["k"]
    decimals = draw_parameters(7, 2, 3, {"k": LogNormal(Decimal(2), Decimal("0.4"))})["k"]
    assert np.array_equal(usual, numpy_kinds)
    assert np.array_equal(usual, decimals)


def test_least_and_most():
    assert draw_parameters(2**64 - 1, 2**63 - 1, 0, POPULATION)["k"].shape == (0,)
    alike = {"k": LogNormal(2, 0), "u": Uniform(3, 3)}
    drawn = draw_parameters(0, 2**63 - 1, 2, alike)
    assert (drawn["k"].tolist(), drawn["u"].tolist()) == ([2.0, 2.0], [3.0, 3.0])


def _issues(seed=1, first=0, count=2, distributions=POPULATION) -> tuple[Issue, ...]:
    with pytest.raises(InvalidInput) as caught:
        draw_parameters(seed, first, count, distributions)
    assert all(issue.hint for issue in caught.value.issues)
    return caught.value.issues


@pytest.mark.parametrize("name", ["seed", "first", "count"])
@pytest.mark.parametrize("given", [-1, 1.5, 2.0, np.nan, True, None, "1", 10**30, [1]])
def test_numbers_of_patients_are_whole(name, given):
    (issue,) = _issues(**{name: given})
    assert issue.message == f"{name} is {given!r}"


@pytest.mark.parametrize(
    ("distribution", "words"),
    [
        (0.5, "0.5 is no distribution"),
        (LogNormal, "is no distribution"),
        (LogNormal(-1, 1), "the median of LogNormal is -1"),
        (LogNormal(0.0, 1), "the median of LogNormal is 0.0"),
        (LogNormal(np.nan, 1), "the median of LogNormal is nan"),
        (LogNormal(np.inf, 1), "the median of LogNormal is inf"),
        (LogNormal("x", 1), "the median of LogNormal is 'x'"),
        (LogNormal(1, -0.3), "the log_sd of LogNormal is -0.3"),
        (LogNormal(1, np.inf), "the log_sd of LogNormal is inf"),
        (LogNormal(1, None), "the log_sd of LogNormal is None"),
        (Uniform(2, 1), "Uniform goes from 2 to 1"),
        (Uniform(np.nan, 1), "`low` of Uniform is nan"),
        (Uniform(0, np.inf), "`high` of Uniform is inf"),
        (Uniform(0, True), "`high` of Uniform is True"),
        (Uniform(-1e308, 1e308), "too far for a number"),
    ],
)
def test_a_distribution_that_makes_no_sense_says_so(distribution, words):
    (issue,) = _issues(distributions={"k": distribution, "u": Uniform(0, 1)})
    assert issue.column == "k"
    assert words in issue.message


@pytest.mark.parametrize("given", [None, 3, "k", [LogNormal(1, 1)], {1: LogNormal(1, 1)}])
def test_distributions_have_names_of_parameters(given):
    assert len(_issues(distributions=given)) == 1


def test_every_issue_is_said_at_once():
    wrong = {"k": LogNormal(-1, -1), "u": Uniform("a", np.nan), "v": 3, 4: Uniform(0, 1)}
    assert len(_issues(-1, -5, 1.5, wrong)) == 9


def test_a_distribution_of_ones_own_needs_no_check():
    class Always(Distribution):
        def quantile(self, probability):
            return 0.0 * probability + 4.0

    assert draw_parameters(1, 0, 2, {"k": Always()})["k"].tolist() == [4.0, 4.0]


def test_a_population_is_a_function_of_patients(tmp_path):
    model = read_model("drug = 1; ke = 1; drug' = -ke * drug")
    kernel = compile_kernel(model, outputs=["drug"], vary=["ke"])
    population = Population({"ke": By("lot", LogNormal(0.5, 0.3))}, seed=1, levels={"lot": _lots})
    assert population.names == ("ke",)
    stream = solve_to_parquet(
        kernel,
        population,
        Read([0, 200], [Area("drug")], keep=False),
        tmp_path / "run",
        patients=9,
        work=Work(chunk=4),
    )
    areas = stream.patients().select("area(drug)").collect().to_series().to_numpy()
    assert areas == pytest.approx(1 / population(0, 9)["ke"], rel=1e-2)
    copied = pickle.loads(pickle.dumps(population))
    assert np.array_equal(copied(3, 2)["ke"], population(3, 2)["ke"])


def _lots(patient):
    return patient // 2


def test_names_are_those_of_the_kernel():
    model = read_model("drug = 1; ke = 1; kin = 0; drug' = kin - ke * drug")
    kernel = compile_kernel(model, outputs=["drug"], vary=["ke"])
    assert draw_parameters(1, 0, 2, {"ke": Normal(1, 0)}, kernel=kernel)["ke"].tolist() == [1, 1]
    wrong = {"kee": Normal(1, 0), "kin": Normal(1, -1), "ke": Categorical({"a": 1.0})}
    with pytest.raises(InvalidInput) as caught:
        draw_parameters(1, -1, 2, wrong, kernel=kernel)
    told = [issue.message for issue in caught.value.issues]
    assert told == [
        "first is -1",
        "the sd of Normal is -1",
        "`kee` is no parameter of the kernel",
        "`kin` is no parameter of the kernel",
        "names are drawn, and a kernel takes numbers",
    ]
    assert [issue.hint for issue in caught.value.issues][2] == "did you mean `ke`?"
    with pytest.raises(InvalidInput, match="kernel is 3"):
        Population({"ke": Normal(1, 0)}, seed=1, kernel=3)


def test_a_population_says_all_that_is_wrong():
    with pytest.raises(InvalidInput) as caught:
        Population(
            {"k": LogNormal(None, 1), "u": By("lot", Uniform(1, 0)), "v": None},
            seed=None,
            correlation={("k", "w"): 3},
            levels={"site": [0]},
        )
    told = "; ".join(issue.message for issue in caught.value.issues)
    assert len(caught.value.issues) == 6
    for words in ("seed is None", "median of", "from 1 to 0", "None is no", "`w`", "level `lot`"):
        assert words in told
    assert all(issue.hint for issue in caught.value.issues)
    with pytest.raises(InvalidInput, match="count is None"):
        Population({"k": Normal(0, 1)}, seed=1)(0, None)
