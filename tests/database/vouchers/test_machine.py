"""Random lives of vouchers against the plain model, and the broken builds that the comparison must catch.

`make random OPERATIONS=100000` runs the long one with a seed of its own; here it is short and always the same.
"""

import os

import psycopg
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from foundation.config import settings as configured
from tests.database.vouchers.machine import Machine

STEPS = 50
OPERATIONS = int(os.environ.get("OPERATIONS", "2000"))
LOOSE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]
QUICK = {
    "phases": [Phase.generate],
    "report_multiple_bugs": False,
}  # the failing steps are printed; shrinking takes minutes
LOCKED = "WHERE token_hash = p_secret FOR NO KEY UPDATE;"
SLOW = "PERFORM pg_sleep(0.1);"  # between looking and writing: a race that is there is seen

# The key is looked for and then written, and nothing is unique: two at once both find none.
CLAIM = (
    "VALUES (p_till.outlet_id, p_key, p_fingerprint, p_operation, p_till.id, p_at)\n"
    "  ON CONFLICT (outlet_id, key) DO NOTHING;",
    "SELECT p_till.outlet_id, p_key, p_fingerprint, p_operation, p_till.id, p_at"
    " WHERE NOT EXISTS (SELECT 1 FROM till_key WHERE outlet_id = p_till.outlet_id AND key = p_key);",
)

BROKEN = {
    "no lock": {
        "voucher_redeem": [
            (LOCKED, "WHERE token_hash = p_secret;"),
            ("v_acceptance := voucher_acceptance", f"{SLOW} v_acceptance := voucher_acceptance"),
        ]
    },
    "no look at the key": {
        "till_claim_key": [("RETURN till_replay(p_till.outlet_id, p_key, p_fingerprint);", "RETURN NULL;")],
        "": ["UNIQUE"],
    },
    "no unique key": {"till_claim_key": [CLAIM], "": ["UNIQUE"]},
    "clamp": {
        "voucher_refusal": [("WHEN p_free < p_cents THEN 'insufficient'", "WHEN false THEN ''")],
        "voucher_debit_lots": [("IF v_left <> 0 THEN", "IF false THEN")],
    },
    "another order": {"voucher_debit_lots": [("ORDER BY spend_rank, legal_end, id", "ORDER BY id DESC")]},
}


def run(app: Flask, operations: int, seen: list[Exception], **chosen: object) -> None:
    kind = type("Running", (Machine,), {"app": app, "disagreements": seen})
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=max(1, operations // STEPS),
            stateful_step_count=STEPS,
            suppress_health_check=LOOSE,
            database=None,
            **chosen,  # type: ignore[arg-type]
        ),
    )


@pytest.mark.timeout(36_000)
def test_whatever_happens_vouchers_agree_with_the_plain_model(app: Flask) -> None:
    run(app, OPERATIONS, [], derandomize="OPERATIONS" not in os.environ, print_blob=True, **QUICK)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_build_is_caught(own_database: Flask, name: str) -> None:
    with psycopg.connect(configured().database_url, autocommit=True) as connection:
        _break(connection, BROKEN[name])
    seen: list[Exception] = []
    with pytest.raises(Exception):  # noqa: B017, PT011 whatever Hypothesis makes of it; what was seen is asserted
        run(own_database, 1500, seen, derandomize=True, verbosity=Verbosity.quiet, **QUICK)
    assert seen


def _break(connection: psycopg.Connection, build: dict[str, list]) -> None:
    for function, changes in build.items():
        if not function:
            connection.execute("ALTER TABLE voucher_operation DROP CONSTRAINT uq_voucher_operation_key")
            if CLAIM in build.get("till_claim_key", []):
                connection.execute("ALTER TABLE till_key DROP CONSTRAINT pk_till_key")
            continue
        row = connection.execute("SELECT pg_get_functiondef(%s::regproc)", [function]).fetchone()
        source = str(row[0]) if row else ""
        for old, new in changes:
            assert old in source, old
            source = source.replace(old, new)
        connection.execute(source.encode())
