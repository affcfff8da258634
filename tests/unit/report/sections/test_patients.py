from stromal.report.sections.patients import section


def test_flow_doses_and_baseline_follow_each_other(content):
    captions = [view.caption for view in section(content).blocks]
    assert captions == ["Patient flow", "Doses given", "Patients at baseline"]


def test_each_origin_has_its_own_tables(two_origins):
    flows = [child.blocks[0] for child in section(two_origins).children]
    assert [flow.rows[0][1].text for flow in flows] == ["2", "2"]
