"""Cancellation within a long step, checked between the tiles of a large image.

A worker sets the condition for the length of a step; in notebooks and on the command line there is none.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from models.core.contract.errors import Canceled

# a context variable is per thread, and need not be passed through every function to the one that checks it
_is_needed: ContextVar[Callable[[], bool] | None] = ContextVar("is_needed", default=None)


@contextmanager
def while_needed(is_needed: Callable[[], bool]) -> Iterator[None]:
    """Within the block, in this thread, `check` calls `is_needed`."""
    token = _is_needed.set(is_needed)
    try:
        yield
    finally:
        _is_needed.reset(token)


def check() -> None:
    """Called between two pieces of work. Raises Canceled: the job was canceled."""
    is_needed = _is_needed.get()
    if is_needed is not None and not is_needed():
        raise Canceled
