"""Taking a bank's file over: all its statements in one transaction or none, then line by line what places itself.

What is left after a crash in between is placed by the next file, or by the job.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import ARRAY

from foundation import audit
from foundation.database import session, transact
from foundation.errors import DomainError
from foundation.jobs import job
from money.bank import accounts, clearing, details, errors, lines, placing, statements
from money.bank.matching import Names
from money.bank.models import BankLine
from money.bank.stated import BankStatement
from money.bank.states import Direction, LeftOutReason

COUNT_OPEN = sa.text("""
SELECT count(*) FROM bank_line l WHERE l.statement_id = ANY (:statements) AND l.moves
   AND l.cents > coalesce((SELECT sum(CASE WHEN p.undoes IS NULL THEN p.cents ELSE -p.cents END) FROM bank_placement p
                            WHERE p.receipt_id = l.receipt_id OR p.line_id = l.id), 0)
               + coalesce((SELECT sum(b.cents) FROM bank_return b WHERE b.receipt_id = l.receipt_id), 0)
""").bindparams(sa.bindparam("statements", type_=ARRAY(sa.Uuid())))
log = structlog.get_logger("bank")


@dataclass
class StatementReport:
    """What became of a file: credits (`new`, with their cents), debits, payments that they completed, notices.

    `known`: lines of statements that were taken before, or that a person had typed. `to_decide`: wait for people.
    """

    new: int = 0
    new_cents: int = 0
    known: int = 0
    paid: int = 0
    debits: int = 0
    notices: int = 0
    to_decide: int = 0
    left_out: dict[LeftOutReason, int] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every line that the file asked us to act on was acted on."""
        return not self.refused


def import_file(
    raw: bytes,
    *,
    dry_run: bool = False,
    allowed: Callable[[UUID], bool] = lambda organisation_id: True,
    entered_by: UUID | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> StatementReport:
    """Take over a file. The same file again takes nothing. Outside of transactions.

    Refuses files that cannot be read or do not add up, and accounts that nobody recorded or that the person may not see
    (`allowed`); then nothing of the file is taken.
    """
    pairs = [(_find_account(stated, allowed), stated) for stated in _in_order(statements.read_statements(raw))]
    return take(pairs, dry_run=dry_run, entered_by=entered_by, progress=progress)


def take(
    pairs: list[tuple[UUID, BankStatement]],
    *,
    dry_run: bool = False,
    entered_by: UUID | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> StatementReport:
    """Take over statements, each for its account, and decide about their lines as far as they leave no doubt."""
    report = StatementReport()
    for _account_id, stated in pairs:
        lines.check_statement(stated)
        for reason, _reference in stated.left_out:
            report.left_out[reason] = report.left_out.get(reason, 0) + 1
    run: Callable[..., Any] = _try if dry_run else transact
    try:
        taken = run(_take_all, pairs, entered_by)
        _count(report, pairs, taken)
        for account_id in dict.fromkeys(account_id for account_id, _stated in pairs):
            decide(account_id, report, run=run, progress=progress)
        report.to_decide = _count_open([statement.statement_id for statement in taken if not statement.known])
        if not dry_run:
            transact(_note, report)
    finally:
        session.rollback()
    return report


def decide(
    account_id: UUID,
    report: StatementReport,
    *,
    run: Callable[..., Any] = transact,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Decide about the lines that wait on an account as far as that leaves no doubt; one that fails stops no other."""
    run(details.explain_all, account_id)
    done = 0

    def place(receipt_id: UUID, names: Names) -> None:
        nonlocal done
        placed = run(placing.place, receipt_id, names)
        report.paid += len(placed.paid)
        done += 1
        progress(done)

    for receipt_id, names in placing.list_named(account_id):
        _guard(report, place, receipt_id, names)
    for line_id in clearing.list_clearable(account_id):
        _guard(report, run, clearing.clear, line_id)


@job("money.decide_bank", every="*/10 * * * *", transaction=False)
def decide_regularly() -> None:
    """Decide about what an import had no time for, and about what has come together since, such as own transfers."""
    for account in accounts.list_open_accounts():
        report = StatementReport()
        decide(account.id, report)
        for reference, reason in report.refused:
            log.error("bank_line_not_decided", line=reference, reason=reason)


def _guard(report: StatementReport, act: Callable[..., object], *args: object) -> None:
    try:
        act(*args)
    except DomainError as refusal:
        report.refused.append((str(args[0]), str(refusal.sentence)))


def _take_all(pairs: list[tuple[UUID, BankStatement]], entered_by: UUID | None) -> list[lines.TakenStatement]:
    return [lines.take_statement(account_id, stated, entered_by) for account_id, stated in pairs]


def _try(act: Callable[..., Any], *args: object) -> Any:
    """Act without committing: the caller undoes all of it."""
    return act(*args)


def _in_order(found: list[BankStatement]) -> list[BankStatement]:
    """The statements of each account in the order of their days and numbers: archives hold them in any."""

    def key(stated: BankStatement) -> tuple[str, date, list[int]]:
        day = stated.closing.day if stated.closing else date.min
        return stated.account, day, [int(digits) for digits in re.findall(r"[0-9]{1,18}", stated.number)]

    return sorted(found, key=key)


def _find_account(stated: BankStatement, allowed: Callable[[UUID], bool]) -> UUID:
    found = accounts.find_by_stated(stated.account)
    if found is None or not allowed(found.organisation_id):
        raise errors.statement_account_unknown(stated.account[-4:])
    account_id: UUID = found.id
    return account_id


def _count(report: StatementReport, pairs: list[tuple[UUID, BankStatement]], taken: list[lines.TakenStatement]) -> None:
    for (_account_id, stated), statement in zip(pairs, taken, strict=True):
        if statement.known:
            report.known += len(stated.lines)
        elif not statement.moves:
            report.notices += len(stated.lines)
        else:
            rows = session.execute(
                sa.select(BankLine.direction, BankLine.moves, sa.func.count(), sa.func.sum(BankLine.cents))
                .where(BankLine.statement_id == statement.statement_id)
                .group_by(BankLine.direction, BankLine.moves)
            )
            for direction, moves, count, cents in rows:
                if not moves:
                    report.known += count
                elif direction == Direction.CREDIT:
                    report.new += count
                    report.new_cents += int(cents)
                else:
                    report.debits += count


def _count_open(statement_ids: list[UUID]) -> int:
    """Count the lines of these statements of which people have to decide something."""
    return int(session.scalar(COUNT_OPEN, {"statements": statement_ids}) or 0)


def _note(report: StatementReport) -> None:
    audit.record(
        "bank.statement_imported",
        "bank_statement",
        None,
        new=report.new,
        debits=report.debits,
        known=report.known,
        notices=report.notices,
    )
