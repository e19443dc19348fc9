"""A worker's identity: a name that survives restarts, and a boot id that does not."""

import fcntl
import socket
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from backend.settings import settings


@dataclass(frozen=True)
class Node:
    """A file lock reserves `name` while the process runs, so no two workers share one."""

    name: str
    lock: TextIO = field(repr=False, compare=False)
    boot: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    @property
    def owner(self) -> str:
        """The owner named in the leases of this process."""
        return f"{self.name}/{self.boot}"

    @property
    def trainings_folder(self) -> Path:
        """Folder for the files of its current trainings."""
        return settings().work_folder() / "trainings" / self.name


def acquire(queue: str) -> Node:
    """The first free name of this machine on `queue`: host-predict-1, host-predict-2, ..."""
    folder = settings().work_folder() / "nodes"
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        name = f"{settings().node or socket.gethostname()}-{queue}-{number}"
        lock = (folder / name).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return Node(name, lock)
        except BlockingIOError:
            lock.close()
            number += 1
