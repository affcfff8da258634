from stromal.protocol.order import check_order


def test_numbers_in_order_have_no_issue():
    assert list(check_order((1, 2, 5), "days")) == []


def test_every_number_out_of_order_is_named():
    issues = list(check_order((1, 1, 5, 4), "days"))
    assert [issue.column for issue in issues] == ["days[1]", "days[3]"]
