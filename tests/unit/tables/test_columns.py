import numpy as np
import polars as pl

from stromal.tables.columns import read_columns
from stromal.tables.labs import LABS


def read(columns, *, decimal_commas=False, measured=True, **cells):
    texts = {name: pl.Series(texts) for name, texts in cells.items()}
    rows = np.arange(2, 2 + len(next(iter(cells.values()))))
    return read_columns(
        texts,
        [LABS.column(name) for name in columns],
        rows,
        decimal_commas=decimal_commas,
        measured=measured,
    )


def test_a_sign_of_the_value_fills_the_bound():
    found = read(["value"], value=["<0,1", "0,7"], decimal_commas=True)
    assert found.frame.to_dict(as_series=False) == {"value": [0.1, 0.7], "bound": ["below", None]}
    assert (found.faults, found.commas["value"].comma) == ((), 2)


def test_without_a_sign_there_is_no_bound():
    assert read(["value"], value=["1", "2"]).frame.columns == ["value"]


def test_the_order_of_columns_does_not_matter():
    for order in (["value", "bound"], ["bound", "value"]):
        found = read(order, value=["0.1", "<2"], bound=["below", None])
        assert found.frame["bound"].to_list() == ["below", "below"]


def test_limits_take_no_sign():
    found = read(["lower_limit"], lower_limit=["<1.5", "2"])
    assert found.frame["lower_limit"].to_list() == [None, 2.0]
    assert found.faults[0].kind == "number"


def test_typed_columns_stay():
    assert read(["value"], value=[1.0, 2.0]).frame["value"].to_list() == [1.0, 2.0]


def test_numbers_of_anything_but_patients_may_be_of_any_size():
    assert read(["value"], value=["1e40"], measured=False).frame["value"].to_list() == [1e40]
    assert read(["value"], value=["1e40"]).faults[0].kind == "code"
