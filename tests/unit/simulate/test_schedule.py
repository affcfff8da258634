"""Regimens become rows of doses, and rows become doses of a kernel."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from stromal.errors import InvalidInput, Severity
from stromal.kernels.door import Read, Schedule, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.models.parse import read_model
from stromal.models.ports import Amounts, Ports, ProductPort
from stromal.protocol.protocol import Protocol
from stromal.simulate.schedule import derive_doses, derive_kernel_doses
from stromal.tables.doses import DOSES

MSC = {"kind": "msc", "label": "MSC", "source": "adipose", "donor": "related"}
PER_KG = {"product": "cells", "dose": 2, "unit": "10^6 cells/kg", "days": [0, 7], "route": "iv"}
FLAT = {"product": "cells", "dose": 50, "unit": "10^6 cell", "days": [0]}
DRUG = {"product": "drug", "dose": 30, "unit": "mg/m^2", "days": [-5, -4]}
PEOPLE = pl.DataFrame(
    {"subject": ["1", "2", "3"], "arm": ["b", "a", "b"], "weight_kg": [50.0, 70.0, 80.0]}
)
PORTS = Ports(
    products={
        "msc": ProductPort(
            state="MB", unit="cell/kg", amount=Amounts(human=1e6, mouse=1e8), lag=0.5
        ),
        "drug": ProductPort(state="CH", unit="g/m2"),
    }
)


def protocol_of(
    a: list[dict[str, Any]], b: list[dict[str, Any]] | None = None, species: str = "human"
) -> Protocol:
    return Protocol.model_validate(
        {
            "format": 2,
            "study": {
                "name": "s", "title": "S", "day_zero": "first_msc_dose", "species": species
            },
            "population": {"description": "anybody"},
            "products": {"cells": MSC, "drug": {"kind": "drug", "label": "drug"},
                         "light": {"kind": "irradiation", "label": "total body irradiation"}},
            "arms": {"a": {"label": "A", "regimen": a}, "b": {"label": "B", "regimen": b or []}},
        }
    )  # fmt: skip


def refused(call, *arguments) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        call(*arguments)
    assert all(issue.hint for issue in caught.value.issues)
    return [f"{issue.place}: {issue.message}" for issue in caught.value.issues]


def rows(protocol: Protocol, people: pl.DataFrame = PEOPLE) -> list[tuple[Any, ...]]:
    doses, _ = derive_doses(protocol, people)
    assert doses.schema == DOSES.empty().schema
    return doses.select("subject", "day", "product", "amount", "unit", "route").rows()


def test_everybody_follows_the_regimen_of_the_arm() -> None:
    assert rows(protocol_of([DRUG, PER_KG], [FLAT])) == [
        ("1", 0.0, "cells", 1e6, "cell/kg", None),
        ("2", -5.0, "drug", 30.0, "mg/m2", None),
        ("2", -4.0, "drug", 30.0, "mg/m2", None),
        ("2", 0.0, "cells", 2e6, "cell/kg", "iv"),
        ("2", 7.0, "cells", 2e6, "cell/kg", "iv"),
        ("3", 0.0, "cells", 625_000.0, "cell/kg", None),
    ]


def test_origin_and_replicate_stay_with_the_patient() -> None:
    people = PEOPLE.with_columns(origin=pl.lit("simulated"), replicate=pl.Series([1, 1, 2]))
    doses, _ = derive_doses(protocol_of([PER_KG], [FLAT]), people)
    assert doses.select("subject", "origin", "replicate").unique(maintain_order=True).rows() == [
        ("1", "simulated", 1), ("2", "simulated", 1), ("3", "simulated", 2)
    ]  # fmt: skip


def test_nobody_and_nothing_give_an_empty_table() -> None:
    assert rows(protocol_of([PER_KG]), PEOPLE.clear()) == []
    assert rows(protocol_of([])) == []


@pytest.mark.parametrize(
    ("regimen", "said"),
    [
        ({"dose": None, "note": "unknown"}, "regimen[0]: the dose of `cells` is not stated"),
        (
            {"dose": None, "dose_min": 1, "dose_max": 2},
            "regimen[0].dose_min: the dose of `cells` is a range, 1 to 2 10^6 cells/kg",
        ),
        ({"days": [], "note": "unknown"}, "regimen[0]: the days of `cells` are not stated"),
        (
            {"repeat": {"every_days": 7, "count": 4, "from_day": 28,
                        "rule": {"endpoint": "response", "labels": ["PR"]}}},
            "regimen[0].repeat: `cells` is repeated by a rule, and rules cannot be simulated yet",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_simulated_is_refused(regimen: dict[str, Any], said: str) -> None:
    (issue,) = refused(derive_doses, protocol_of([PER_KG | regimen]), PEOPLE)
    assert issue == f"protocol.toml arms.a.{said}"


def test_every_issue_is_said_at_once() -> None:
    people = PEOPLE.with_columns(weight_kg=None, arm=pl.Series(["b", "a", "c"]))
    protocol = protocol_of([PER_KG | {"days": [], "note": "?"}, FLAT, FLAT], [FLAT])
    assert refused(derive_doses, protocol, people) == [
        "subjects arm: 1 patient is in arm `c`, which the protocol does not have",
        "protocol.toml arms.a.regimen[2].days: `cells` is given on day 0 by regimen 1 already",
        "protocol.toml arms.a.regimen[0]: the days of `cells` are not stated",
        *(
            f"protocol.toml arms.{place}: the dose of `cells` needs the body weight of 1 patient, "
            f"the first of them {who}"
            for place, who in (
                ("a.regimen[1]", "2"), ("a.regimen[2]", "2"), ("b.regimen[0]", "1")
            )
        ),
    ]  # fmt: skip


def test_an_arm_that_nobody_is_in_is_not_looked_at() -> None:
    protocol = protocol_of([PER_KG], [FLAT | {"days": [], "note": "?"}])
    assert len(rows(protocol, PEOPLE.filter(pl.col("arm") == "a"))) == 2


def test_a_varying_number_of_doses_is_a_warning() -> None:
    varying = FLAT | {"doses_min": 1, "doses_max": 4}
    _, (issue,) = derive_doses(protocol_of([], [varying]), PEOPLE)
    assert issue.severity is Severity.WARNING
    assert "patients got 1 to 4 doses of `cells`; everybody is given 1" in issue.message


def test_rows_become_doses_of_states() -> None:
    protocol = protocol_of([DRUG, PER_KG], [FLAT])
    doses, _ = derive_doses(protocol, PEOPLE)
    cells, drug = derive_kernel_doses(doses, PEOPLE, protocol, PORTS)
    assert (cells.state, drug.state) == ("MB", "CH")
    assert cells.patients.tolist() == [0, 1, 1, 2]
    assert cells.time.tolist() == [0.5, 0.5, 7.5, 0.5]
    assert cells.amount.tolist() == [1.0, 2.0, 2.0, 0.625]
    assert drug.time.tolist() == [-5.0, -4.0]
    assert drug.amount.tolist() == [0.03, 0.03]


def test_the_amount_that_makes_one_is_of_the_species() -> None:
    protocol = protocol_of([PER_KG], species="mouse")
    people = PEOPLE.with_columns(species=pl.Series(["human", None, "human"]))
    doses, _ = derive_doses(protocol, people)
    (cells,) = derive_kernel_doses(doses, people, protocol, PORTS)
    assert cells.amount.tolist() == [0.02, 0.02]


def test_a_port_for_the_whole_body_takes_the_weight() -> None:
    ports = Ports(products={"cells": ProductPort(kind="msc", state="X", unit="10^6 cell")})
    protocol = protocol_of([PER_KG], [FLAT])
    doses, _ = derive_doses(protocol, PEOPLE)
    (cells,) = derive_kernel_doses(doses, PEOPLE, protocol, ports)
    assert cells.amount.tolist() == [50.0, 140.0, 140.0, 50.0]
    light = PEOPLE.with_columns(weight_kg=None)
    (said,) = refused(derive_kernel_doses, doses, light, protocol, ports)
    assert said.startswith("subjects weight_kg: the dose of `cells` needs the body weight of 3")


def test_every_issue_of_the_way_to_a_kernel() -> None:
    protocol = protocol_of([])
    table = pl.DataFrame(
        {
            "subject": ["1", "2", "9", "1", "3"],
            "day": [0.0, None, 0.0, 0.0, 0.0],
            "product": ["cells", "cells", "light", "powder", "drug"],
            "amount": [1.0, None, 2.0, 1.0, 5.0],
            "unit": ["cell/kg", "cell/kg", "Gy", "cell", "mg"],
        }
    )
    assert refused(derive_kernel_doses, table, PEOPLE, protocol, PORTS) == [
        "doses subject: 1 of those dosed are not among the patients, the first 9",
        "doses day: 1 row has no day",
        "doses amount: 1 row has no amount",
        "ports.toml: the model has no port for `light`, which is of kind irradiation",
        "doses product: product `powder` is not in the protocol",
        "doses unit: doses of `drug` are in mg, and the port takes g/m2",
    ]


def test_a_species_that_the_port_does_not_know() -> None:
    port = ProductPort(state="MB", unit="cell/kg", amount=Amounts(human=1e6))
    protocol = protocol_of([PER_KG], species="mouse")
    doses, _ = derive_doses(protocol, PEOPLE)
    said = refused(derive_kernel_doses, doses, PEOPLE, protocol, Ports(products={"msc": port}))
    assert said == ["ports.toml: the port of `cells` does not say what makes one in a mouse"]


def test_a_kernel_takes_the_doses() -> None:
    protocol = protocol_of([PER_KG], [FLAT])
    doses, _ = derive_doses(protocol, PEOPLE)
    given = derive_kernel_doses(doses, PEOPLE, protocol, PORTS)
    model = read_model("MB = 0; k = 0; MB' = -k*MB")
    kernel = compile_kernel(model, outputs=["MB"], vary=["k"], dosed=["MB"])
    times, rates = [0.0, 1.0, 8.0], {"k": [0.0, 0.0, 0.0]}
    run = solve(
        kernel, rates, Read(times), schedule=Schedule(doses=list(given)), work=Work(backend="numpy")
    )
    assert run.output("MB").tolist() == [[0.0, 1.0, 1.0], [0.0, 2.0, 4.0], [0.0, 0.625, 0.625]]
