"""The floors of `make bench`: what Flask under the same gunicorn costs when it does nothing, and when it only redeems.

`/constant` answers a constant. `/redeem` reads the same JSON as the interface for tills and calls our own redemption
function on a connection of its thread: no session, no schema, no log. Nobody is faster with Flask and one statement.
Run by `tests.load.site` as `gunicorn tests.load.floor:app`; takes the same requests as the real addresses.
"""

import hashlib
import os
import threading
from uuid import uuid4

import psycopg
from flask import Flask, Response, jsonify, request

from foundation.security import keyed_hash
from tests.load.redeem import REDEEM

app = Flask(__name__)
_thread = threading.local()


def _connection() -> psycopg.Connection:
    if not hasattr(_thread, "connection"):
        options = "-c role=marktplatz_app -c TimeZone=Europe/Berlin"
        _thread.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, options=options)
    connection: psycopg.Connection = _thread.connection
    return connection


@app.get("/readyz")
def ready() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


@app.get("/constant")
def constant() -> Response:
    """Answer a constant."""
    return jsonify(status="ok")


@app.post("/redeem")
def redeem() -> tuple[Response, int]:
    """Redeem by our own SQL function and nothing else."""
    pepper = os.environ["CODE_PEPPER"]
    body = request.get_json()
    till = keyed_hash("till", request.headers["Authorization"].removeprefix("Bearer "), pepper)
    voucher = keyed_hash("voucher token", body["token"], pepper)
    fingerprint = hashlib.sha256(request.data).digest()
    values = (till, voucher, uuid4(), request.headers["Idempotency-Key"], body["amount_cents"], fingerprint)
    row = _connection().execute(REDEEM, values).fetchone()
    outcome = row[0] if row else "nothing"
    return jsonify(outcome=outcome), 201 if outcome == "done" else 409
