"""Priorities of threads: what takes long runs beside what must be quick, and leaves it the processor."""

import os
import sys
import threading

LARGE, LOWEST = 10, 19  # nice values; a request has 0


def lower_priority(nice: int) -> None:
    """Let the operating system prefer threads with a lower `nice` to the current one.

    Only Linux has a priority for each thread; elsewhere they share the processor evenly.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)
