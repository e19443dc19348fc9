"""The version that each process runs, to find those that were forgotten in an upgrade."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from backend.migrations.revisions import expected


@cache
def own() -> dict[str, str]:
    """The version of this process and of the tables that it needs."""
    return {"version": version("glassbox"), "tables": expected()}


def others(workers: Iterable[Mapping[str, Any]]) -> list[str]:
    """A sentence for each of these announced workers that runs another version than this process."""
    return [
        f"{worker.get('owner', '?')} runs {_named(worker)}, not {_named(own())}: restart it with this version"
        for worker in workers
        if _named(worker) != _named(own())
    ]


def _named(about: Mapping[str, Any]) -> str:
    return f"version {about.get('version', 'unknown')} with tables {about.get('tables', 'unknown')}"
