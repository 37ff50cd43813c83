"""Documents that people make for the ledger itself: putting own funds into the pool."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from foundation import audit
from foundation.clock import now
from foundation.database import session, uuid7
from money.errors import amount_not_positive
from money.ledger import errors, journal
from money.ledger.models import LedgerDocument

MAX_REFERENCE_CHARS = 200
MAX_FLOAT_CENTS = 10**12


def book_float(ledger_id: UUID, cents: int, reference: str, reason: str = "") -> UUID:
    """Book own funds into the trust account (Dr TB, Cr OB), so that fees and returns never leave debts uncovered.

    `reference` is the bank transfer's: the same one again books nothing and gives the same document back. Refused when
    it was used for another amount, or when amount or reference make no sense.
    """
    if not 0 < cents <= MAX_FLOAT_CENTS:
        raise amount_not_positive("cents")
    if not 1 <= len(reference.strip()) <= MAX_REFERENCE_CHARS or len(reason) > MAX_REFERENCE_CHARS:
        raise errors.reference_missing()
    document, made = _document(ledger_id, "float", reference.strip(), cents, reason)
    if document.cents != cents:
        raise errors.reference_used()
    if made:
        journal.post("float", document.id)
        audit.record("book_float", "ledger_document", document.id, cents=cents, ledger=str(ledger_id))
    return document.id


def _document(ledger_id: UUID, kind: str, reference: str, cents: int, reason: str) -> tuple[LedgerDocument, bool]:
    wanted = {"ledger_id": ledger_id, "kind": kind, "reference": reference}
    values = wanted | {"id": uuid7(), "cents": cents, "reason": reason, "recorded_at": now()}
    # Waits for a twin that is under way, and then finds what it left.
    new = session.execute(
        insert(LedgerDocument).values(values).on_conflict_do_nothing().returning(LedgerDocument.id)
    ).scalar()
    found = session.scalars(sa.select(LedgerDocument).filter_by(**wanted)).one()
    return found, new is not None
