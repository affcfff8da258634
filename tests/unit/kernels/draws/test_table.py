"""Distributions of a table: of man and mouse, by confidence, and those of the second draft."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from scipy import stats
from tests.shared import shared_file

from stromal.errors import InvalidInput, has_errors
from stromal.kernels.draws import (
    Beta,
    By,
    Categorical,
    Levels,
    LogitNormal,
    LogNormal,
    Normal,
    Population,
    Truncated,
    Uniform,
    derive_distributions,
)
from stromal.kernels.kernel import compile_kernel
from stromal.models.parameters import PARAMETERS, read_parameters, set_parameters
from stromal.models.parse import read_model

HEAD = (
    "name,value,mouse,distribution,sd,low,high,share,level,level_sd,confidence,"
    "unit,meaning,source,locator\n"
)
ROWS = """\
ke,0.5,1.2,lognormal,0.3,,,,,,high
kin,2,,normal,0.5,0,,,,,low
bound,0.3,,logitnormal,0.6,,,,,,medium
size,4,,logitnormal,0.6,1,5,,,,low
share,0.2,,beta,0.1,,,,site,,low
dose,1,,uniform,,0,2,,lot,,low
trait,0.08,,two_values,,0.08,0.8,0.68,,,low
potency,1,3,lognormal,0.2,,,,lot,0.5,low
batch,1,,lognormal,,,,,lot,0.5,medium
idle,7,9,,,,,,,,low
"""
WANTED = {
    "ke": LogNormal(0.5, 0.3),
    "kin": Truncated(Normal(2.0, 0.5), 0.0),
    "bound": LogitNormal(0.3, 0.6),
    "size": LogitNormal(4.0, 0.6, 1.0, 5.0),
    "share": By("site", Beta(3.0, 12.0)),
    "dose": By("lot", Uniform(0.0, 2.0)),
    "trait": Categorical({0.08: 1 - 0.68, 0.8: 0.68}),
    "potency": Levels(LogNormal(1.0, 0.2), {"lot": 0.5}),
    "batch": Levels(LogNormal(1.0, 0.0), {"lot": 0.5}),
}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "parameters.csv"
    text = [f"{row},1,meaning of {place},assumed,why" for place, row in enumerate(ROWS.split())]
    path.write_text(HEAD + "\n".join(text))
    frame, issues = read_parameters(path)
    assert issues == ()
    return frame


def test_rows_become_distributions(table):
    found = derive_distributions(table)
    assert found.keys() == WANTED.keys()
    share, wanted = found.pop("share"), WANTED["share"]
    assert share.level == "site"
    alpha, beta = share.distribution.alpha, share.distribution.beta
    assert (alpha, beta) == pytest.approx((wanted.distribution.alpha, wanted.distribution.beta))
    assert stats.beta(alpha, beta).std() == pytest.approx(0.1)
    assert found == {name: each for name, each in WANTED.items() if name != "share"}


def test_species_confidence_and_names_choose(table):
    mouse = derive_distributions(table, "mouse", confidence=["high", "medium"])
    assert list(mouse) == ["ke", "bound", "batch"]
    assert mouse["ke"] == LogNormal(1.2, 0.3)
    mouse = derive_distributions(table, "mouse", vary=["potency"])
    assert mouse == {"potency": Levels(LogNormal(3.0, 0.2), {"lot": 0.5})}
    assert derive_distributions(table, confidence=["high"], vary=["kin"]) == {}


def test_a_population_of_the_table(table):
    numbers = {"lot": lambda patient: patient // 4, "site": lambda patient: patient // 8}
    drawn = Population(derive_distributions(table), seed=1, levels=numbers)(0, 8000)
    assert np.log(drawn["ke"] / 0.5).std() == pytest.approx(0.3, abs=0.01)
    assert (drawn["trait"] == 0.8).mean() == pytest.approx(0.68, abs=0.02)
    assert np.log(drawn["potency"]).std() == pytest.approx(math.hypot(0.2, 0.5), abs=0.03)
    assert (drawn["batch"].reshape(-1, 4) == drawn["batch"].reshape(-1, 4)[:, :1]).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"species": "rat"}, ["species is 'rat'"]),
        ({"species": None, "vary": "ke"}, ["species is None", "`ke` is no list of names"]),
        ({"confidence": ["lowest"]}, ["'lowest' is no confidence"]),
        ({"vary": ["idle", "kee"]}, ["`idle` does not vary", "`kee` is not in the table"]),
    ],
)
def test_choices_that_make_no_sense(table, arguments, words):
    with pytest.raises(InvalidInput) as caught:
        derive_distributions(table, **arguments)
    for issue, word in zip(caught.value.issues, words, strict=True):
        assert word in issue.message
        assert issue.hint


def test_rows_that_make_no_sense_are_told_together():
    rows = {"name": ["a", "b", "c"], "value": [0.2, -1.0, 1.0], "sd": [0.0, 0.3, None]}
    kinds = {"distribution": ["beta", "lognormal", "two_values"]}
    with pytest.raises(InvalidInput) as caught:
        derive_distributions(PARAMETERS.conform(pl.DataFrame(rows | kinds)))
    told = [issue.message.partition(":")[0] for issue in caught.value.issues]
    assert told == ["`a`", "`b`", "`c`", "`c`"]
    with pytest.raises(InvalidInput, match="parameters are None"):
        derive_distributions(None)


def _convert(draft):
    """The draft's table in the columns of `parameters.csv`.

    A share of responders stands there as variability and the two values in words; a parameter that
    is switched off, with the median 0, does not vary.
    """
    mixed = pl.col("distribution") == "mixture"
    normal = pl.col("distribution") == "normal"
    off = (pl.col("distribution") == "log-normal") & (pl.col("human") <= 0)
    spread = pl.col("variability").cast(pl.Float64, strict=False)
    return PARAMETERS.conform(
        draft.select(
            "unit",
            "meaning",
            "confidence",
            "mouse",
            name="symbol",
            value="human",
            distribution=pl.when(off)
            .then(pl.lit("fixed"))
            .when(mixed)
            .then(pl.lit("two_values"))
            .otherwise(pl.col("distribution").str.replace("-", "")),
            sd=pl.when(~off & (normal | (pl.col("distribution") == "log-normal"))).then(spread),
            share=pl.when(mixed).then(spread),
            low=pl.when(mixed).then(0.0),
            high=pl.when(mixed).then(0.8),
            source=pl.lit("assumed"),
            locator="source",
        )
    )


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_the_second_draft_varies_as_its_table_says(species, tmp_path):
    folder = shared_file("prototypes", "physiology_2")
    draft = pl.read_csv(folder / "parameters.csv", infer_schema_length=None)
    path = tmp_path / "parameters.csv"
    _convert(draft).write_csv(path)
    frame, issues = read_parameters(path)
    assert not has_errors(issues), "\n".join(map(str, issues))
    distributions = derive_distributions(frame, species)
    assert len(distributions) == 97 - 9 + 2 + 1
    confident = derive_distributions(frame, species, confidence=["medium", "high"])
    assert 0 < len(confident) < len(distributions)
    drawn = Population(distributions, seed=1)(0, 4000)
    rows = {row["symbol"]: row for row in draft.iter_rows(named=True)}
    for name, values in drawn.items():
        row = rows[name]
        if row["distribution"] == "log-normal":
            own = row["mouse"] if species == "mouse" and row["mouse"] is not None else row["human"]
            score = np.log(values / float(own)) / float(row["variability"])
            assert stats.kstest(score, "norm").pvalue > 1e-5, name
    # The model's own text gives every value: those of the mouse are given to the kernel.
    model = set_parameters(read_model(folder / "model.ant"), frame, species)
    kernel = compile_kernel(model, outputs=["ANC"], vary=list(confident), slopes=False)
    Population(confident, seed=1, kernel=kernel)
