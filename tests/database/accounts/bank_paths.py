"""Paths of the bank's own lines."""

from datetime import timedelta
from uuid import UUID

from foundation import clock
from foundation.database import session, transact, uuid7
from money.bank import accounts, allocation, debits, importing, queries, receiving
from money.bank.states import AccountPurpose
from money.ledger import checks, periods, sealing
from tests.builders import approvals as by_two
from tests.builders import bank
from tests.builders.day_end import close_days
from tests.builders.ledger import float_for
from tests.builders.organisations import organisation
from tests.database.accounts import ground
from tests.database.accounts.stage import Stage, money_path
from tests.database.bank.test_cases import Desk

GROUP = "The bank"


def issuer() -> UUID:
    """An issuer with a trust account and own funds."""
    made = transact(organisation, "issuer").id
    bank.account_of(made)
    float_for(made, ground.FLOAT)
    return made


@money_path(
    "own-funds",
    GROUP,
    "The issuer puts own funds into the pool, and takes some out",
    "Fees and returns must never leave holders short, so an issuer keeps a float in the pool.",
)
def put_own_funds(stage: Stage) -> None:
    made = transact(organisation, "issuer").id
    account = bank.account_of(made)
    with stage.step("A credit of 250.00 stands in the statement."):
        receipt = bank.received(account, bank.line(250_00, "Umbuchung"))
    with stage.step("Two people say that it is the issuer's own money: `flask money float`."):
        transact(
            allocation.reclassify, receipt, "own", person_id=uuid7(), approved_by=uuid7(), note="Schwankungsreserve"
        )
    with stage.step("A debit of 50.00 stands in the statement; nobody has said yet what it was."):
        bank.states(account, bank.line(-50_00, "Lastschrift Unbekannt", party_iban=None))
    (waits,) = queries.list_open_debits([made])
    line = waits.line.id
    session.commit()
    proposal = transact(debits.propose, line, "own", person_id=uuid7(), note="eigenes Geld")
    with stage.step("Two people explain it."):
        transact(debits.decide, proposal, person_id=uuid7(), agreed=True)


@money_path(
    "bank-fees-and-interest",
    GROUP,
    "The bank charges fees and credits interest",
    "Small sums are known by the bank's own code or words and posted by rule.",
)
def charge_fees(stage: Stage) -> None:
    account = ground.account_id(issuer())
    with stage.step("The statement shows a fee of 7.90 and interest of 0.41."):
        bank.states(
            account,
            bank.line(-7_90, "Kontoführung November", party_name="", party_iban=None),
            bank.line(41, "Zinsen", position=2, party_name="", party_iban=None),
        )


@money_path(
    "own-transfer",
    GROUP,
    "Money goes from one own account to another",
    "The debit of one account and the credit of the other stand against each other, whichever statement comes first.",
)
def transfer_between(stage: Stage) -> None:
    made = issuer()
    trust, operating = ground.account_id(made), bank.account_of(made, purpose=AccountPurpose.OPERATING)
    ibans = {account: accounts.load_account(account).iban for account in (trust, operating)}
    with stage.step("The trust account's statement shows 25.00 that came."):
        bank.states(trust, bank.line(25_00, "Umbuchung", party_iban=ibans[operating]))
    with stage.step("The operating account's statement shows the same sum that went: they match."):
        bank.states(operating, bank.line(-25_00, "Umbuchung", party_iban=ibans[trust]))
        importing.decide(trust, importing.StatementReport())


@money_path(
    "reversed-line",
    GROUP,
    "The bank takes back a credit that nobody had used",
    "Receipt and reversal stand against each other.",
)
def reverse_line(stage: Stage) -> None:
    account = ground.account_id(issuer())
    with stage.step("A credit of 7.00 comes that fits nothing."):
        bank.states(account, bank.line(7_00, "ohne"))
    with stage.step("The bank takes it back."):
        bank.states(account, bank.line(-7_00, "ohne", is_reversal=True))


@money_path(
    "typed-receipt",
    GROUP,
    "A person types a receipt before the bank states it",
    "Who cannot wait for the statement types a credit. It is worth nothing until another person says what it is for;"
    " the statement confirms it without booking it again. What the bank never states is crossed out.",
)
def type_receipt(stage: Stage) -> None:
    made = ground.programme()
    account = ground.account_id(made.issuer_id)
    bank.states(account)
    _sale, payment = ground.order(made, "transfer", 50_00)
    _account, words = ground.words_of(payment)
    typist, other = by_two.clerk(made.issuer_id), by_two.clerk(made.issuer_id)
    session.commit()
    with stage.step("A credit of 50.00 is typed."):
        right = bank.typed(payment, 50_00, typist).receipt_id
    with stage.step("Another person names the payment that it is for; the voucher is issued."):
        transact(allocation.allocate_to_payment, right, payment, person_id=other)
    with stage.step("A second credit, of 70.00, is typed by mistake."):
        wrong = transact(receiving.record_receipt, account, bank.credit(70_00, "Verein"), typist).receipt_id
    with stage.step("The statement shows the 50.00: confirmed, and not booked again."):
        bank.states(account, bank.line(50_00, words))
    with stage.step("Another person crosses out what the bank has never stated."):
        transact(allocation.cross_out, wrong, person_id=other, note="nie gekommen")


class VoucherDesk(Desk):
    """The files of a bank, with vouchers that wait to be paid by transfer."""

    def __init__(self, *cents: int) -> None:
        made = ground.programme()
        self.ledger, self.account = made.issuer_id, ground.account_id(made.issuer_id)
        self.payments = [ground.order(made, "transfer", amount)[1] for amount in cents]


@money_path(
    "collective-credit",
    GROUP,
    "One credit holds several payments",
    "The bank credits one sum and tells in a second file (CAMT.054) who paid what. It is booked once, and then"
    " divided.",
)
def divide_credit(stage: Stage) -> None:
    desk = VoucherDesk(20_00, 25_00)
    with stage.step("The statement shows one sum."):
        entry = desk.file("collective_entry.xml").replace(b">1000.00<", b">0.00<").replace(b">1045.00<", b">45.00<")
        importing.import_file(entry)
    with stage.step("The details name the two payments."):
        desk.take("collective_details.xml")


@money_path(
    "late-posting",
    GROUP,
    "Something comes late for a month that is closed",
    "A month is closed by two people when the books are proven. What comes later is booked on the first open day; its"
    " paper keeps its own day.",
)
def post_late(stage: Stage) -> None:
    made = issuer()
    account = ground.account_id(made)
    last = (clock.today() - timedelta(days=2)).replace(day=1) - timedelta(days=1)
    stage.shows_days = True
    with stage.step("A credit of the month's last day is booked on its day."):
        bank.states(account, bank.line(30_00, "rechtzeitig", booked_on=last))
    close_days(made)
    while (end := periods.find_next_end(made)) and end <= last:
        sealing.seal_all()
        checks.check_proof()
        checks.check_chain()
        transact(periods.close, made, end, proposed_by=uuid7(), approved_by=uuid7())
    with stage.step("The month is closed. Another credit of that day comes."):
        bank.states(account, bank.line(20_00, "zu spät", booked_on=last))
