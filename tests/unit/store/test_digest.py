from stromal.store.digest import digest_file, digest_folder

# SHA-256 of "abc", FIPS 180-2 appendix B.1
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_digest_of_the_standard_example(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    assert digest_file(tmp_path / "abc") == ABC


def test_folder_names_files_in_order_and_leaves_out_hidden_ones_and_links(tmp_path):
    (tmp_path / "figures").mkdir()
    for name in ("b.csv", "a.csv", "figures/c.svg", ".hidden"):
        (tmp_path / name).write_bytes(b"abc")
    (tmp_path / "link").symlink_to(tmp_path / "a.csv")
    assert digest_folder(tmp_path) == dict.fromkeys(["a.csv", "b.csv", "figures/c.svg"], ABC)
