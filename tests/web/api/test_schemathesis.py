"""schemathesis on the whole interface: whatever comes in, only documented answers go out, and never a server error.

Every operation is called with data that fits the document and with data that does not; every second call carries real
vouchers, redemptions, holds and keys, so that success is among the answers. `make fuzz EXAMPLES=1000` looks longer.
"""

import os
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from foundation.clock import today
from foundation.database import session
from tests.builders import vouchers as build
from tests.builders.booking import findings
from vouchers.tills import holds, redeeming
from vouchers.tills.redeeming import RedemptionOrder

EXAMPLES = int(os.environ.get("EXAMPLES", "30"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = {
    "GET /api/v1/ping",
    "GET /api/openapi.json",
    "GET /api/docs",
    "GET /api/docs/{name}",
    "POST /api/v1/redemptions",
    "GET /api/v1/redemptions",
    "GET /api/v1/redemptions/by-key/{key}",
    "GET /api/v1/redemptions/{redemption_id}",
    "GET /api/v1/redemptions/{redemption_id}/receipt",
    "POST /api/v1/redemptions/{redemption_id}/void",
    "POST /api/v1/redemptions/{redemption_id}/refunds",
    "POST /api/v1/holds",
    "POST /api/v1/holds/{hold_id}/capture",
    "POST /api/v1/holds/{hold_id}/release",
    "GET /api/v1/vouchers/lookup",
    "GET /api/v1/reports/{date}",
    "GET /api/v1/exports/dsfinvk",
}


class Ground:
    """A shop with a till and vouchers, which makes what a call needs in order to succeed."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            self.programme, self.shop, self.voucher = build.scene(200_00)
            self.programme_id = self.programme.id
        self.used = 0

    def token(self) -> str:
        """A voucher's token; a fresh voucher before the old one is used too often or is empty."""
        self.used += 1
        if self.used % 25 == 0:
            with self.app.app_context():
                self.voucher = build.voucher(self.programme_id, 200_00)
                session.commit()
        return self.voucher.token

    def redeem(self, key: str) -> str:
        with self.app.app_context():
            said = redeeming.redeem(self.shop.token, RedemptionOrder(self.token(), 100, key, receipt_no="S-1"))
        return str(said.body["redemption_id"])

    def hold(self) -> str:
        with self.app.app_context():
            said = holds.hold(self.shop.token, self.token(), cents=100, key=str(uuid4()), expires_in_seconds=600)
        return str(said.body["hold_id"])

    def make_real(self, case: Case) -> None:
        """Put what exists where the document says only what it looks like."""
        path, given_path = case.operation.path, case.path_parameters
        if "{redemption_id}" in path:
            given_path["redemption_id"] = self.redeem(str(uuid4()))
        if "{hold_id}" in path:
            given_path["hold_id"] = self.hold()
        if "{key}" in path:
            given_path["key"] = str(uuid4())
            self.redeem(given_path["key"])
        if "{date}" in path:
            given_path["date"] = today().isoformat()
        if path.endswith("/exports/dsfinvk"):
            case.query["from"] = case.query["until"] = today().isoformat()
        if path.endswith("/lookup"):
            case.query.clear()
            case.headers.pop("Voucher-Code", None)
            case.headers["Voucher-Token"] = self.token()
        if isinstance(case.body, dict) and "amount_cents" in case.body:
            case.body["amount_cents"] = 1
            if "{" not in path:
                case.body.pop("code", None)
                case.body["token"] = self.token()
        if case.headers is not None and "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = str(uuid4())
        if path.endswith("/redemptions") and case.method == "GET":
            case.query["receipt_no"] = "S-1"
            case.query.pop("date", None)


@pytest.fixture
def ground(app: Flask) -> Ground:
    return Ground(app)


@pytest.fixture
def schema(app: Flask) -> Any:
    """The document, but strict: a field that it does not name is a mistake here, whatever readers must put up with."""
    document = app.test_client().get("/api/openapi.json").get_json()
    for shape in document["components"]["schemas"].values():
        if shape.get("additionalProperties") is True:
            shape["additionalProperties"] = False
    loaded = schemathesis.openapi.from_dict(document)
    loaded.app = app
    return loaded


def answers(operation: Any, mode: GenerationMode, ground: Ground) -> Counter[int]:
    """Call one operation many times, every second time with what exists. Raises what does not fit the document."""
    seen: Counter[int] = Counter()
    headers = {"Authorization": f"Bearer {ground.shop.token}"}

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Case) -> None:
        if seen.total() % 2:
            ground.make_real(case)
        response = case.call_and_validate(headers=headers, checks=CHECKS)
        seen[response.status_code] += 1

    call()
    return seen


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_comes_in_only_documented_answers_go_out(
    app: Flask, schema: Any, ground: Ground, mode: GenerationMode
) -> None:
    seen, wrong = {}, []
    for found in schema.get_all_operations():
        operation = found.ok()
        try:
            seen[operation.label] = answers(operation, mode, ground)
        except Unsatisfiable:
            seen[operation.label] = Counter({200: 1})  # takes nothing, so that nothing can be wrong
        except (Exception, BaseExceptionGroup) as error:
            wrong.append(f"{operation.label}: {error}")
    assert not wrong, "\n\n".join(wrong)
    assert set(seen) == OPERATIONS, "a new operation is called too; write it down here"
    if mode is GenerationMode.POSITIVE:
        assert {label for label, found in seen.items() if not {200, 201} & set(found)} == set()
    with app.app_context():
        assert findings() == []
