"""Products of a protocol: what is given, by kind.

Kinds, and what their doses are measured in, stand in `tables/vocabulary/products.csv`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stromal.toml.part import Part

Label = Annotated[str, Field(min_length=1)]
Priming = Literal[
    "none",
    "interferon gamma",
    "tumour necrosis factor",
    "interleukin 1 beta",
    "interleukin 17",
    "toll-like receptor ligand",
    "hypoxia",
    "three-dimensional culture",
    "other",
]


class _Cultured(Part):
    """Cells from a donor's tissue, or what they release.

    `priming` says what they were exposed to before harvest, and is empty where it is not stated.
    `modification` names the gene that was added or taken out, and how.
    """

    label: Label
    source: Literal[
        "bone marrow", "umbilical cord", "adipose", "placenta", "cord blood", "not stated"
    ]
    donor: Literal["autologous", "related", "third party", "hsc donor", "syngeneic", "not stated"]
    species: Literal["human", "mouse"] = "human"
    passage_min: Annotated[int, Field(ge=0)] | None = None
    passage_max: Annotated[int, Field(ge=0)] | None = None
    priming: tuple[Priming, ...] = ()
    modification: str = ""
    preparation: Literal["fresh", "thawed", "not stated"] = "not stated"


class MscProduct(_Cultured):
    """An MSC preparation."""

    kind: Literal["msc"]
    viability_percent: Annotated[float, Field(ge=0, le=100)] | None = None


class ExtracellularVesicleProduct(_Cultured):
    """Extracellular vesicles that MSC release, dosed in particles or in mass of protein."""

    kind: Literal["extracellular_vesicles"]
    isolation: str = "not stated"


class CarTProduct(Part):
    """Chimeric antigen receptor T cells."""

    kind: Literal["car_t"]
    label: Label
    target: str
    costimulation: str = "not stated"
    species: Literal["human", "mouse"] = "human"


class GraftProduct(Part):
    """A haematopoietic graft."""

    kind: Literal["graft"]
    label: Label
    source: Literal["bone marrow", "peripheral blood", "cord blood", "not stated"]
    donor: Literal[
        "autologous",
        "matched sibling",
        "matched unrelated",
        "mismatched",
        "haploidentical",
        "syngeneic",
        "not stated",
    ]


class DrugProduct(Part):
    """A drug."""

    kind: Literal["drug"]
    label: Label


class IrradiationProduct(Part):
    """Irradiation of the whole body or a part of it."""

    kind: Literal["irradiation"]
    label: Label
    field: Literal["total body", "total lymphoid", "local"] = "total body"


class CellProduct(Part):
    """Cells that are neither treatment nor graft: tumour cells given to a mouse."""

    kind: Literal["cells"]
    label: Label


Product = Annotated[
    MscProduct
    | ExtracellularVesicleProduct
    | CarTProduct
    | GraftProduct
    | DrugProduct
    | IrradiationProduct
    | CellProduct,
    Field(discriminator="kind"),
]
