"""The data folder after the API's first start, whose stored files go from test to test.

It holds a thousand files of samples: to copy or even to link them would take longer than most tests run.
Files that a test added are removed from it, and files that it deleted or replaced are linked again.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DATABASE = "glassbox.db"


class Prepared:
    """A prepared data folder; its files are never changed in place, as stored files never are."""

    def __init__(self, folder: Path):
        self.database = folder / DATABASE
        self.files = folder / "files"
        self.originals = folder / "originals"  # the same files by other names
        shutil.copytree(self.files, self.originals, copy_function=os.link)
        self.inodes = dict(_walk(self.originals))

    @contextmanager
    def lend(self, folder: Path) -> Iterator[None]:
        """`folder` is a data folder with these files and a copy of the database, until the test has ended."""
        folder.mkdir()
        if self.database.exists():
            shutil.copyfile(self.database, folder / DATABASE)
        self.files.rename(folder / "files")
        yield
        if (folder / "files").exists():
            (folder / "files").rename(self.files)
        self._restore()

    def _restore(self) -> None:
        self.files.mkdir(exist_ok=True)
        kept = set[str]()
        for name, inode in list(_walk(self.files)):
            path = self.files / name
            if self.inodes.get(name, "absent") == inode:
                kept.add(name)
            elif path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)  # it may have been in a folder that is gone by now
        for name, inode in self.inodes.items():
            if name not in kept:
                path = self.files / name
                path.mkdir() if inode is None else os.link(self.originals / name, path)


def _walk(folder: Path, start: str = "") -> Iterator[tuple[str, int | None]]:
    """The names of all folders and files below `folder`, outer ones first, and the inodes of the files."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{start}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield name, None
                yield from _walk(Path(entry.path), f"{name}/")
            else:
                yield name, entry.inode()
