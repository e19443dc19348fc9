"""Log lines: one a record, each with the id of the request that it belongs to."""

import logging
import sys
from contextvars import ContextVar

from backend.settings import settings

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class Line(logging.Formatter):
    """Keeps user text from starting a line of its own, which could pass for one of ours."""

    def format(self, record: logging.LogRecord) -> str:
        if not hasattr(record, "request_id"):  # a worker names the request of the job at hand itself
            record.request_id = request_id.get()
        line = super().format(record)
        # a traceback's lines are our own
        return line if record.exc_info else line.replace("\n", "\\n").replace("\r", "\\r")


def set_up_logs() -> None:
    """Write to standard error, in place of whatever was set up before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"))
    logging.basicConfig(level=settings().log_level.upper(), handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
