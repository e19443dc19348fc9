"""The sheets of samples of a running training, on their way from its child process to the storage."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from backend.outages import outage_of, retry_while_away
from backend.services.jobs import sheets
from backend.services.jobs.leases import Claim

log = logging.getLogger(__name__)

_PUT_OFF_SECONDS = 5.0  # until the storage or the database is tried again


class LiveSamples:
    """Stores sheets in order. While the storage or the database is away they wait in `folder`."""

    def __init__(self, claim: Claim, folder: Path):
        self.claim, self.folder = claim, folder
        self._waiting: list[dict[str, Any]] = []
        self._try_at = 0.0

    def add(self, sheet: dict[str, Any]) -> None:
        """Store a sheet whose picture is in the folder, now or as soon as it is possible."""
        self._waiting.append(sheet)
        self.store_if_due()

    def store_if_due(self) -> None:
        """Store those that wait. A training goes on without them."""
        if not self._waiting or time.monotonic() < self._try_at:
            return
        try:
            self._store()
        except (OSError, SQLAlchemyError) as error:
            if outage_of(error) is None and not isinstance(error, OSError):
                raise
            log.warning("samples of job %s are not stored yet: %s", self.claim.job_id, error)
            self._try_at = time.monotonic() + _PUT_OFF_SECONDS

    def store_rest(self, seconds: float, gives_up: Callable[[], bool]) -> None:
        """At the end: store those that wait, retrying while the storage is away. Raises StorageAway."""
        retry_while_away(self._store, seconds, gives_up)

    def _store(self) -> None:
        while self._waiting:
            sheet = self._waiting[0]
            file = self.folder / sheet["file"]
            try:
                sheets.store(self.claim, sheet, file.read_bytes())
            except (ValueError, FileNotFoundError) as error:
                log.warning("samples of job %s are left out: %s", self.claim.job_id, error)
            self._waiting.pop(0)
            file.unlink(missing_ok=True)
