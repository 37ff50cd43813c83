"""Whether the process and the database answer, and the figures: for load balancers and Prometheus."""

import hmac

import sqlalchemy as sa
from flask import Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from foundation import errors
from foundation.config import settings
from foundation.database import session
from foundation.languages import _


def report_alive() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


def report_ready() -> Response:
    """Say that the database answers, and which migration it carries."""
    found = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return jsonify(status="ok", schema=found)


def report_metrics() -> Response:
    """Give the figures for Prometheus. For this machine itself, or with METRICS_TOKEN as bearer token."""
    token = settings().metrics_token
    local = request.remote_addr in {"127.0.0.1", "::1"} and "X-Forwarded-For" not in request.headers
    if not (hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {token}") if token else local):
        raise errors.NotAllowed(_("Diese Zahlen sind nicht öffentlich."))
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
