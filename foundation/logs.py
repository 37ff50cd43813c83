"""Logs are JSON, one line an event, on standard error. No codes, tokens, addresses of people or card numbers."""

import json
import logging
import os

import structlog

from foundation.config import settings

STANDARD_ERROR = 2


class LineWriter:
    """Writes each line at once by one call of the system, which needs no lock: threads of tills would wait for it."""

    def __init__(self, _name: str = "") -> None:
        """Take the name that a module gives its logger; lines do not carry it."""

    def msg(self, line: str) -> None:
        """Write one line."""
        os.write(STANDARD_ERROR, f"{line}\n".encode())

    debug = info = warning = error = critical = exception = msg


_encode = json.JSONEncoder(ensure_ascii=False, default=repr).encode


def _serialise(event: object, **_options: object) -> str:
    return _encode(event)


def plug() -> None:
    """Set up structlog for this process."""
    level = logging.getLevelNamesMapping().get(settings().log_level.upper(), logging.INFO)
    logging.basicConfig(level=level, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(_serialise),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=LineWriter,
        cache_logger_on_first_use=True,
    )
