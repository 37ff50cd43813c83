"""Bank transfer: the payer sends the money to the issuer's trust account, and the payment waits for it.

No provider, no call: a receipt decides (`money.bank.receiving`). What is given back is sent by a person. Decision 0205.
"""

from uuid import UUID

from foundation.database import transact
from foundation.languages import _, lazy
from money.bank import allocation, expected_transfers, mail, returning
from money.payments import links, methods
from money.payments.methods import MethodOffer, MethodTexts, Redirection
from money.payments.models import Tender
from money.payments.payables import AmountDue, MoneyKind, Rail, Traits


class TransferMethod:
    """The method of the registry that a receipt in an issuer's bank account completes."""

    key = "transfer"
    label: object = lazy("Überweisung")
    traits = Traits(
        MoneyKind.CREDIT_TRANSFER,
        rails=frozenset({Rail.ISSUER}),
        settles_before_delivery=True,
        is_immediate=False,
        waits_for_bank=True,
        refundable_days=3 * 365,  # a person's transfer back: as long as the claim lives (§ 195 BGB)
    )

    def offer(self, due: AmountDue) -> MethodOffer | None:
        """For what one issuer with a trust account sells: one transfer goes to one account."""
        if expected_transfers.find_account(due) is None:
            return None
        note = lazy("Mit GiroCode zum Abfotografieren oder zum Abtippen.")
        moment = methods.texts_of(self.key, due.rail).moment
        return MethodOffer(self.key, self.label, note=note, moment=moment, symbol="qr-code")

    def hold(self, tender: Tender) -> None:
        """Give the payment its reference and its two weeks."""
        expected_transfers.expect(tender)

    def start(self, payment_id: UUID) -> Redirection:
        """Our own page says what to transfer, and so does one mail."""
        transact(mail.send_instructions, payment_id)
        return Redirection(links.status_url(payment_id))

    def capture(self, tender: Tender) -> None:
        """Nothing to take: the money is there."""

    def release(self, tender: Tender) -> None:
        """What came so far is nobody's again and waits for a person."""
        allocation.release_allocations(tender)

    def refund(self, tender: Tender, cents: int, key: str) -> None:
        """Ask a person to send it back."""
        returning.request_refund(tender, cents, key)


def explain_absence(due: AmountDue) -> str | None:
    """Say why transfer is not on offer, where payers may wonder: several issuers are several accounts."""
    several = len({share.organisation_id for share in due.shares}) > 1
    if due.rail == Rail.ISSUER and several:
        return _("Überweisen geht nur, wenn alles vom selben Herausgeber ist: Jeder hat sein eigenes Konto.")
    return None


METHOD = TransferMethod()
TEXTS = MethodTexts(
    moment=lazy("Der Gutschein gilt, sobald das Geld da ist: meist am nächsten Werktag."),
    waiting=lazy("Wir warten auf Ihre Überweisung. Sobald sie da ist, kommt der Gutschein von selbst."),
    explain_absence=explain_absence,
)
