"""The stored files that go from test to test are as they were, whatever a test did to them."""

import shutil
from pathlib import Path

from tests.prepared import Prepared


def test_files_that_a_test_added_deleted_or_replaced_are_as_before(tmp_path: Path) -> None:
    files = tmp_path / "prepared" / "files"
    for name in ("a/kept", "a/deleted", "a/replaced", "b/c/in-a-deleted-folder", "d"):
        (files / name).parent.mkdir(parents=True, exist_ok=True)
        (files / name).write_text(name)
    (tmp_path / "prepared" / "glassbox.db").write_text("models")
    prepared = Prepared(tmp_path / "prepared")

    with prepared.lend(tmp_path / "first"):
        lent = tmp_path / "first" / "files"
        (tmp_path / "first" / "glassbox.db").write_text("changed")
        (lent / "a" / "deleted").unlink()
        (lent / "partial").write_text("new")
        (lent / "partial").replace(lent / "a" / "replaced")
        shutil.rmtree(lent / "b")
        (lent / "d").unlink()
        (lent / "d").mkdir()
        (lent / "d" / "added").write_text("new")
    with prepared.lend(tmp_path / "second"):
        shutil.rmtree(tmp_path / "second" / "files")
    with prepared.lend(tmp_path / "third"):
        lent = tmp_path / "third" / "files"
        found = {str(path.relative_to(lent)): path.read_text() for path in lent.rglob("*") if path.is_file()}

        assert found == {name: name for name in found}
        assert len(found) == 5
        assert (tmp_path / "third" / "glassbox.db").read_text() == "models"
