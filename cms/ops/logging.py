"""Logging to standard output: JSON for machines, plain lines for people; never query strings or bodies."""

import json
import logging
from datetime import UTC, datetime
from typing import Any, Literal

from .middleware import request_id_variable


class RequestIdFilter(logging.Filter):
    """Adds the id of the request that is being answered."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id_variable.get()
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object per line. Only these fields: what else hangs on a record may be personal."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
        }
        if record.exc_info:
            # The text may be there already, with secrets covered.
            entry["exception"] = record.exc_text or self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def logging_config(level: str = "INFO", style: Literal["plain", "json"] = "plain") -> dict[str, Any]:
    """The value of Django's LOGGING."""
    formatters: dict[str, Any] = {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
        "json": {"()": "cms.ops.logging.JsonFormatter"},
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "cms.ops.logging.RequestIdFilter"}},
        "formatters": formatters,
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": style, "filters": ["request_id"]},
        },
        "root": {"handlers": ["console"], "level": level},
        # A line for each request to others: httpx writes whole addresses, with tokens in them.
        "loggers": {
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            # Two lines for every search index entry say nothing.
            "django_tasks": {"level": "WARNING"},
        },
    }
