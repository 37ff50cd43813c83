"""Whether the process and the database answer, and the figures: for load balancers and Prometheus."""

import hmac

from flask import Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from foundation import errors
from foundation.config import settings
from foundation.database import current_migration


def report_alive() -> Response:
    """Say that the process answers, whatever the database does."""
    return jsonify(status="ok")


def report_ready() -> Response:
    """Say that the database answers, and which migration it carries."""
    return jsonify(status="ok", schema=current_migration())


def report_metrics() -> Response:
    """Give the figures for Prometheus. For this machine itself, or with METRICS_TOKEN as bearer token."""
    token = settings().metrics_token
    local = request.remote_addr in {"127.0.0.1", "::1"} and "X-Forwarded-For" not in request.headers
    if not (hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {token}") if token else local):
        raise errors.figures_not_public()
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
