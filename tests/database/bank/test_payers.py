"""Of what payers really write, 98 % find their payment by themselves and none another's; and what a large file costs.

`make payers` (LINES=1000, LARGE=20000, SEED=) prints the figures; the suite takes fewer and measures nothing.
"""

import os
import random
import time
from collections import Counter

import psutil
import sqlalchemy as sa
from flask import Flask

from foundation.database import session
from money.bank import accounts, importing, references
from money.bank.models import BankAllocation, BankLine
from tests.builders import bank
from tests.builders.booking import findings
from tests.builders.ledger import add_float
from tests.builders.organisations import organisation
from tests.builders.payers import WORDS, Waiting, write_lines

PAYMENTS = int(os.environ.get("LINES", "150"))
LARGE = int(os.environ.get("LARGE", "400"))
SEED = int(os.environ.get("SEED", "8"))
PLACED_SHARE = 0.98


def test_what_payers_write_finds_its_payment_and_no_other(context: Flask) -> None:
    chance = random.Random(SEED)
    ledger = organisation("issuer").id
    add_float(ledger, 100_00)
    session.commit()
    account = bank.account_of(ledger)
    made = [(bank.waits_for(ledger, cents), cents) for cents in chance.choices(range(5_00, 250_00, 50), k=PAYMENTS)]
    waiting = [Waiting(payment, cents, bank.expected(payment)[1]) for payment, cents in made]
    lines = write_lines(waiting, chance)[:PAYMENTS]
    entries = [bank.entry(f"{line.cents // 100}.{line.cents % 100:02}", line.words) for line in lines]
    importing.import_file(bank.camt(accounts.load_account(account).iban, *entries))
    found: dict[int, set[object]] = {}
    query = (
        sa.select(BankLine.position, BankAllocation.payment_id)
        .join(BankAllocation, BankAllocation.receipt_id == BankLine.receipt_id)
        .where(BankLine.account_id == account, BankAllocation.payment_id.is_not(None))
    )
    for position, payment in session.execute(query):
        found.setdefault(position, set()).add(payment)
    session.commit()
    placed = [line for place, line in enumerate(lines, 1) if found.get(place) == line.meant and line.meant]
    wrong = [line for place, line in enumerate(lines, 1) if found.get(place, set()) - set(line.meant)]
    left = Counter(line.kind for place, line in enumerate(lines, 1) if not found.get(place))
    print(
        f"\n{len(placed)} of {len(lines)} lines ({len(placed) / len(lines):.1%}) placed themselves, {len(wrong)} wrong"
    )
    print(f"left to people: {dict(left)}, seed {SEED}")
    assert wrong == []
    assert len(placed) >= PLACED_SHARE * len(lines)
    assert findings() == []


def test_a_large_statement_is_read_checked_stored_and_booked(context: Flask) -> None:
    """Half of the lines name payments that are over, a tenth are debits: people decide about all of them."""
    chance = random.Random(SEED)
    for lines in sorted({LARGE // 4, LARGE // 2, LARGE}):
        ledger = organisation("issuer").id
        add_float(ledger, lines * 1_00)
        session.commit()
        account = bank.account_of(ledger)
        words = (f"{chance.choice(WORDS)} {references.create()}", "Spende für den Verein")
        entries = [bank.entry("1.00", chance.choice(words), reference="NONREF") for _line in range(lines)]
        entries[::10] = [bank.entry("0.50", "Lastschrift", way="DBIT") for _line in entries[::10]]
        raw = bank.camt(accounts.load_account(account).iban, *entries)
        backend = psutil.Process(session.scalar(sa.text("SELECT pg_backend_pid()")))
        session.commit()
        before = sum(backend.cpu_times()[:2]), time.process_time()
        report = importing.import_file(raw)
        after = sum(backend.cpu_times()[:2]), time.process_time()
        spent = after[1] - before[1], after[0] - before[0]
        print(f"\n{lines} lines: {spent[0]:.2f} s CPU here, {spent[1]:.2f} s in PostgreSQL, {len(raw) >> 10} kB")
        assert (report.new + report.debits, report.to_decide) == (lines, lines)
        query = sa.select(sa.func.count()).select_from(BankLine).where(BankLine.account_id == account)
        assert session.scalar(query) == lines
        session.commit()
