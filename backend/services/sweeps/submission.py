"""New sweeps."""

from typing import Any

from backend.schemas.jobs import JobRead
from backend.schemas.sweeps import SweepCreate
from backend.services.jobs import submission
from backend.services.sweeps import requests


def create(body: SweepCreate, **options: Any) -> JobRead:
    """Queue a sweep and its fits. Raises as `requests.check` and `submission.submit`."""
    checked = requests.check(body, **options)
    return submission.create_sweep(checked.request, checked.about, [cell.params for cell in checked.cells])
