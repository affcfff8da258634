from stromal.protocol.read import read_protocol
from stromal.study.define import define_endpoints, label_endpoints
from stromal.study.library import find_study


def test_definitions_follow_the_protocol_and_cite_their_criteria():
    protocol = read_protocol(find_study("agvhd-children"))
    definitions = define_endpoints(protocol)
    assert [item.name for item in definitions] == [use.name for use in protocol.endpoints]
    magic = next(item for item in definitions if item.name == "grade_magic")
    assert magic.criteria == "MAGIC (Harris 2016)"
    assert magic.parameters["system"] == "magic"
    assert "harris2016" in magic.sources


def test_labels_depend_on_the_parameters():
    labels = label_endpoints(read_protocol(find_study("agvhd-children")))
    assert labels["grade_magic"] == ("0", "I", "II", "III", "IV")
    assert labels["grade_ibmtr"] == ("0", "A", "B", "C", "D")
