"""Taking a statement over: every credit in a transaction of its own, so that a broken line stops no other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from foundation import audit
from foundation.database import session, transact
from foundation.errors import DomainError
from money.bank import accounts, errors, receiving, statements
from money.bank.receiving import BankCredit
from money.bank.statements import BankStatement
from money.bank.states import HARMLESS, LeftOutReason, ReceiptSource


@dataclass
class StatementReport:
    """What became of a file. `refused` holds (bank's reference, reason)."""

    new: int = 0
    new_cents: int = 0
    known: int = 0
    paid: int = 0
    to_decide: int = 0
    left_out: dict[LeftOutReason, int] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every credit was taken over or known."""
        return not self.refused and not set(self.left_out) - HARMLESS


def import_file(
    raw: bytes,
    *,
    dry_run: bool = False,
    allowed: Callable[[UUID], bool] = lambda organisation_id: True,
    entered_by: UUID | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> StatementReport:
    """Take over all credits of a file. The same file again takes nothing. Outside of transactions.

    Refuses files that cannot be read and accounts that nobody recorded or that the person may not see (`allowed`).
    """
    found = statements.read_statements(raw)
    places = [_account_of(statement, allowed) for statement in found]
    report = StatementReport()
    for statement, account_id in zip(found, places, strict=True):
        for reason, _reference in statement.left_out:
            report.left_out[reason] = report.left_out.get(reason, 0) + 1
        for credit in statement.credits:
            _take(report, account_id, credit, dry_run, entered_by)
            progress(report.new + report.known + len(report.refused))
    if not dry_run:
        transact(_note, report)
    return report


def _account_of(statement: BankStatement, allowed: Callable[[UUID], bool]) -> UUID:
    found = accounts.find_by_iban(statement.iban)
    if found is None or not allowed(found.organisation_id):
        raise errors.statement_account_unknown(statement.iban[-4:])
    account_id: UUID = found.id
    return account_id


def _take(
    report: StatementReport, account_id: UUID, credit: BankCredit, dry_run: bool, entered_by: UUID | None
) -> None:
    try:
        if dry_run:
            taken = _tried(account_id, credit)
        else:
            taken = transact(
                receiving.record_receipt, account_id, credit, source=ReceiptSource.FILE, entered_by=entered_by
            )
    except DomainError as refusal:
        report.refused.append((credit.bank_reference, str(refusal.sentence)))
        return
    if not taken.new:
        report.known += 1
        return
    report.new += 1
    report.new_cents += credit.cents
    if taken.payment_id:
        report.paid += 1
    else:
        report.to_decide += 1


def _tried(account_id: UUID, credit: BankCredit) -> receiving.ReceiptResult:
    """The same, undone at once."""
    try:
        return receiving.record_receipt(account_id, credit, source=ReceiptSource.FILE)
    finally:
        session.rollback()


def _note(report: StatementReport) -> None:
    audit.record(
        "bank.statement_imported", "bank_receipt", None, new=report.new, known=report.known, refused=len(report.refused)
    )
