from stromal.tables.disagreements import DISAGREEMENTS


def test_a_patient_differs_once_in_an_analysis():
    assert DISAGREEMENTS.key == ("analysis", "subject")
    assert DISAGREEMENTS.names == ("analysis", "subject", "ours", "reported", "reason")
