"""Log lines: one per record, each with the id of its request."""

import logging
import sys
from contextvars import ContextVar

from backend.settings import settings

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class Line(logging.Formatter):
    """Escapes line breaks, so that user text cannot forge a log line."""

    def format(self, record: logging.LogRecord) -> str:
        if not hasattr(record, "request_id"):  # workers pass the id of their job's request
            record.request_id = request_id.get()
        line = super().format(record)
        # tracebacks have several lines
        return line if record.exc_info else line.replace("\n", "\\n").replace("\r", "\\r")


def set_up_logs() -> None:
    """Log to standard error, replacing any previous handlers."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"))
    logging.basicConfig(level=settings().log_level.upper(), handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
