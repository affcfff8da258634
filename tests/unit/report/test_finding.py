from stromal.report.finding import Finding


def test_a_finding_is_empty_unless_told():
    finding = Finding("survival", "Overall survival")
    assert not finding.table
    assert not finding.details
    assert (finding.sentences, finding.figure, finding.primary) == ((), None, False)
