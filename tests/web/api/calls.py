"""Calling `/api/v1` in tests."""

from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def post(client: FlaskClient, token: str, url: str, body: Any = None, key: str | None = None) -> TestResponse:
    """A keyed call."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or str(uuid4())}
    return client.post(f"/api/v1{url}", json=body if body is not None else {}, headers=headers)


def get(client: FlaskClient, token: str, url: str, **headers: str) -> TestResponse:
    """A question."""
    return client.get(f"/api/v1{url}", headers={"Authorization": f"Bearer {token}"} | headers)


def refused(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal."""
    body: dict[str, Any] = response.get_json()
    assert (response.status_code, response.mimetype, body["code"]) == (status, "application/problem+json", code)
    return body
