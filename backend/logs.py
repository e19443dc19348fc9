"""Log lines: one record each, with the id of its request, as text or as JSON."""

import logging
import re
import sys
from typing import Any

from asgi_correlation_id import correlation_id
from pythonjsonlogger.orjson import OrjsonFormatter

from backend.settings import settings

request_id = correlation_id  # of the running request; None outside of one

NO_REQUEST = "-"
_TEXT = "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"
_INDENT = "    "
_FIELDS = {"levelname": "level", "name": "logger", "exc_info": "traceback"}
_QUIETER = {
    "alembic": logging.WARNING,
    "asgi_correlation_id": logging.ERROR,  # an id that was replaced is in the answer
    # a job's end has a line of its own
    "celery.app.trace": logging.WARNING,
    "celery.worker.strategy": logging.WARNING,
}
# also those that change the direction of what follows
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def _add_request_id(record: logging.LogRecord) -> None:
    if not hasattr(record, "request_id"):  # workers pass the id of their job's request
        record.request_id = request_id.get()
    record.request_id = getattr(record, "request_id", None) or NO_REQUEST


class Line(logging.Formatter):
    """One line, and the lines of a traceback indented below it: user text cannot forge a record."""

    def format(self, record: logging.LogRecord) -> str:
        _add_request_id(record)
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the library's name
        return _escaped(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return _indented(super().formatStack(stack_info))


class Json(OrjsonFormatter):
    """One object per line: level, logger, request_id, message, time (UTC), further fields, traceback."""

    def __init__(self) -> None:
        names = "%(levelname)s %(name)s %(request_id)s %(message)s"
        super().__init__(names, rename_fields=_FIELDS, timestamp="time")

    def format(self, record: logging.LogRecord) -> str:
        _add_request_id(record)
        return super().format(record)


def _escaped(line: str) -> str:
    if line.isprintable():
        return line
    return _CONTROL.sub(lambda sign: repr(sign[0])[1:-1], line)


def _indented(text: str) -> str:
    return "\n".join(_INDENT + _escaped(line) for line in text.split("\n"))


def set_up_logs() -> None:
    """Log to standard error, replacing any previous handlers."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if settings().log_format == "json" else Line(_TEXT))
    logging.basicConfig(level=settings().log_level.upper(), handlers=[handler], force=True)
    for name, level in _QUIETER.items():
        logging.getLogger(name).setLevel(level)
    # fields that no format uses, gathered for every record
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
