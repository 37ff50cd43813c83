"""Questions that tests of money ask of the books."""

from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from money.ledger import proof

DOCUMENTS_WAIT = "L-10"  # about the sealer's pace, not about the books: no sealer runs in tests


def balance(account: str, party: UUID) -> int:
    """Credit minus debit of a party on an account, in cents."""
    return int(
        session.scalar(
            sa.text(
                "SELECT coalesce(sum(CASE WHEN credit_account = :a AND credit_party = :p THEN cents ELSE 0 END"
                " - CASE WHEN debit_account = :a AND debit_party = :p THEN cents ELSE 0 END), 0) FROM entry"
                " WHERE (credit_account = :a AND credit_party = :p) OR (debit_account = :a AND debit_party = :p)"
            ),
            {"a": account, "p": party},
        )
        or 0
    )


def findings() -> list[str]:
    """The codes of what the proof of the books finds wrong."""
    return [found.code for found in proof.prove() if found.code != DOCUMENTS_WAIT]


def counts(voucher_id: UUID) -> tuple[int, int, int]:
    """How many operations, parts and booking sentences a voucher has."""
    row = session.execute(
        sa.text(
            "SELECT (SELECT count(*) FROM voucher_operation WHERE voucher_id = :v),"
            " (SELECT count(*) FROM operation_part WHERE voucher_id = :v),"
            " (SELECT count(*) FROM entry WHERE aggregate_id = :v)"
        ),
        {"v": voucher_id},
    ).one()
    return row[0], row[1], row[2]
