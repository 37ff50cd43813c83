"""Logs are JSON, one line an event, on standard error. No codes, tokens, addresses of people or card numbers."""

import logging
import sys

import structlog

from foundation.config import settings


def plug() -> None:
    """Set up structlog for this process."""
    level = logging.getLevelNamesMapping().get(settings().log_level.upper(), logging.INFO)
    logging.basicConfig(level=level, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
