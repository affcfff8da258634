from tests.unit.evidence.question.records import ask, record

from stromal.evidence.library.reader import read_library
from stromal.evidence.question.published import list_published


def test_reviews_of_the_outcome_are_listed_whatever_their_patients():
    designs = {"M": "meta_analysis", "R": "review"}
    library = record(
        {"study": "M", "value": 67.0, "events": None}, {"study": "M", "outcome": "relapse"},
        {"study": "R", "day": 28.0}, {"study": "A"},
        arms=[{"study": "M", "age_group": "mixed"}], designs=designs,
    )  # fmt: skip
    population = {"indications": ("acute_gvhd_treatment",), "age_groups": ("children",)}
    found = list_published(library, *ask(population=population))
    assert found["study"].to_list() == ["M", "R"]


def test_the_record_says_what_they_pooled_and_why_they_differ():
    population = {"indications": ("acute_gvhd_prophylaxis",)}
    asked = ask({"outcomes": ("chronic_gvhd",)}, population=population)
    found = list_published(read_library(), *asked)
    fisher = found.filter(study="Fisher2019_MA").row(0, named=True)
    assert (fisher["value"], fisher["scale"], fisher["studies"]) == (0.66, "risk_ratio", 7)
    assert fisher["differs"]
