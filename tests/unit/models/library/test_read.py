"""Models of the library are read for a species and a setting, and are what their files say."""

from __future__ import annotations

import re

import pytest

from stromal.errors import InvalidInput
from stromal.kernels.draws import Population, derive_distributions
from stromal.models.check.folder import check_model_folder
from stromal.models.library.read import list_library_models, list_settings, read_library_model
from stromal.models.parameters import find_values

MODELS = list_library_models()


@pytest.mark.parametrize("name", MODELS)
def test_nothing_is_left_to_tell_of_a_model(name):
    assert check_model_folder(read_library_model(name).folder) == ()


@pytest.mark.parametrize("name", MODELS)
def test_text_and_table_name_the_same_parameters(name):
    found = read_library_model(name)
    rows = set(found.parameters["name"])
    assert {item.name for item in found.model.parameters if item.constant} == rows
    text = (found.folder / "model.ant").read_text("utf-8")
    assert not [row for row in rows if re.search(rf"\b{row} *= *[\d.]", text)]


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_values_are_those_of_the_species(species):
    found = read_library_model("physiology", species)
    values = {item.name: item.value for item in found.model.parameters}
    wanted = find_values(found.parameters, species)
    assert {name: values[name] for name in wanted} == wanted
    assert wanted["platelets_rest"] == {"human": 250.0, "mouse": 950.0}[species]


@pytest.mark.parametrize("setting", list_settings("physiology")[1:])
def test_patients_of_a_setting_can_be_drawn(setting):
    species = "mouse" if setting.startswith("mouse") else "human"
    found = read_library_model("physiology", species, setting)
    distributions = derive_distributions(found.parameters, species, vary=found.vary)
    levels = {"study": lambda patient: patient // 4, "lot": lambda patient: patient // 2}
    population = Population(
        distributions, seed=1, correlation=dict(found.correlations), levels=levels
    )
    drawn = population(0, 8)
    assert set(population.names) == set(found.vary)
    assert all(len(set(drawn[name])) > 1 for name in ("msc_half_effect",))


def test_a_setting_changes_the_table_and_the_model():
    healthy = read_library_model("physiology")
    lymphoma = read_library_model("physiology", setting="lymphoma")
    values = {item.name: item.value for item in lymphoma.model.parameters}
    assert (healthy.vary, values["reserve"]) == ((), 0.7)
    (row,) = lymphoma.parameters.filter(name="reserve").iter_rows(named=True)
    assert (row["distribution"], row["low"], row["high"]) == ("lognormal", 0.1, 1.1)


def test_every_row_of_a_setting_is_of_the_model():
    found = read_library_model("physiology")
    for setting in list_settings("physiology")[1:]:
        own = read_library_model("physiology", setting=setting)
        assert set(own.vary) <= set(found.parameters["name"])
        assert own.parameters.height == found.parameters.height


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("fisiology",), "did you mean `physiology`?"),
        (("physiology", "rat"), "there are human, mouse"),
        (("physiology", "human", "lymphom"), "did you mean `lymphoma`?"),
    ],
)
def test_what_is_not_there_is_told(arguments, hint):
    with pytest.raises(InvalidInput) as told:
        read_library_model(*arguments)
    assert told.value.issues[0].hint == hint
