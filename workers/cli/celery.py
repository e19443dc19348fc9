"""Celery's command line in a process that starts without the garbage collector.

While modules are imported there is nothing to collect, but the collector would look at the million objects
that they make again and again: a tenth of the time. `bootstrap.prepare` switches it on.
"""

import gc
import runpy

if __name__ == "__main__":
    gc.disable()
    runpy.run_module("celery", run_name="__main__", alter_sys=True)
