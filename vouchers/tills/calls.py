"""Calls of the till's functions in the database: one statement, one round trip, one transaction of its own.

Decision 0301: authentication, acceptance at this second, idempotency, decision and booking are one function.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from psycopg.errors import LockNotAvailable, OperationalError
from sqlalchemy import exc

from foundation import database
from vouchers.stored_value.states import Outcome
from vouchers.tills import books, errors


@dataclass(frozen=True)
class TillAnswer:
    """What was decided and answered; `replay` says that it was decided earlier, under the same key."""

    replay: bool
    body: dict[str, Any]


def act(statement: str, refusals: Mapping[str, errors.Refusal], **values: object) -> TillAnswer:
    """Run an act of a till, and refuse as `refusals` say what was not done.

    The database names an operation exactly when something stands under the key: the refusal says so (`decided`).
    """
    outcome, replay, answer, operation_id = run(statement, **values)
    if outcome != Outcome.DONE:
        errors.refuse(outcome, answer, refusals, decided=operation_id is not None)
    return TillAnswer(replay, answer)


def run(statement: str, **values: object) -> Any:
    """Run a statement that answers one row, in the schema of the current books (`{schema}`).

    In the driver's own notation: compiling costs a tenth of the whole call.

    Refuses (`InProgress`) while the voucher's row is locked by others, and (`Busy`) what broke before its answer.
    """
    statement = _in_schema(statement, books.current().schema)
    try:
        return database.call_directly(statement, values)
    except LockNotAvailable as error:
        raise errors.in_progress() from error
    except (OperationalError, exc.OperationalError, exc.TimeoutError) as error:
        raise errors.result_unknown() from error  # the same key finds out


@cache
def _in_schema(statement: str, schema: str) -> str:
    return statement.replace("{schema}", schema)
