from stromal.tables.vocabulary.files import read_objects, read_rows, split_list


def test_names_of_a_file_are_names_and_written_once():
    for file in ("analytes.csv", "events.csv", "products.csv"):
        names = [row["name"] for row in read_rows(file)]
        assert len(set(names)) == len(names) > 5
        assert all(name.isidentifier() and name == name.lower() for name in names)


def test_scales_stand_in_files_of_their_name():
    assert {"acute_gvhd_stage", "ice"} <= {name for name, _ in read_objects("scales")}


def test_a_cell_holds_a_list():
    assert split_list(" plt; plts ;") == ("plt", "plts")
