"""Paths by which vouchers are spent, and goods come back."""

from uuid import UUID, uuid4

from foundation.database import session, transact, uuid7
from money.bank import accounts
from tests.builders import bank
from tests.builders import network as people
from tests.builders import vouchers as build
from tests.database.accounts import ground
from tests.database.accounts.stage import Stage, money_path
from vouchers.network import reciprocity, settlement
from vouchers.stored_value import deductions
from vouchers.stored_value.models import Programme
from vouchers.tills import holds, returns

GROUP = "Spending"


def key() -> str:
    """A fresh key of a till's call."""
    return str(uuid4())


@money_path(
    "redemption-in-parts",
    GROUP,
    "A voucher is redeemed in parts",
    "Each redemption moves value from what the holder may spend (VL) to what the shop is owed (KR).",
)
def redeem_in_parts(stage: Stage) -> None:
    bought = ground.holder()
    for words, cents in (("37.50 are taken at the till.", 37_50), ("The rest is taken.", 62_50)):
        with stage.step(words):
            ground.redeem(bought.shop, bought.token, cents)


@money_path(
    "hold-and-capture",
    GROUP,
    "Value is reserved, taken in part, released",
    "A hold sets value aside (VH): nobody else can spend it. What is captured goes to the shop, the rest back.",
)
def hold_and_capture(stage: Stage) -> None:
    bought = ground.holder()

    def hold(cents: int) -> UUID:
        answer = holds.hold(bought.shop.token, bought.token, cents=cents, key=key(), expires_in_seconds=600)
        return UUID(answer.body["hold_id"])

    with stage.step("40.00 are reserved."):
        first = hold(40_00)
    with stage.step("The basket costs 35.00: so much is captured, 5.00 go back to the voucher."):
        holds.capture(bought.shop.token, first, key=key(), cents=35_00)
    with stage.step("Another 20.00 are reserved."):
        second = hold(20_00)
    with stage.step("The customer leaves: the hold is released."):
        holds.release(bought.shop.token, second, key=key())


@money_path(
    "void-and-refund",
    GROUP,
    "A redemption is voided, another one refunded in part",
    "A void undoes a whole redemption on its day and names it (`reverses`). A refund gives back a part, later.",
)
def void_and_refund(stage: Stage) -> None:
    bought = ground.holder()
    with stage.step("37.50 are taken at the till."):
        first = ground.redeem(bought.shop, bought.token, 37_50)
    with stage.step("It was a slip: voided."):
        returns.void(bought.shop.token, first, key=key(), reason="vertippt")
    with stage.step("80.00 are taken."):
        second = ground.redeem(bought.shop, bought.token, 80_00)
    with stage.step("Goods for 30.00 come back."):
        returns.refund(bought.shop.token, second, cents=30_00, key=key(), reason="Ware zurück")


@money_path(
    "merge",
    GROUP,
    "Two vouchers become one",
    "The value goes from one party of VL to another one; no money moves, and each purchase stays known.",
)
def merge(stage: Stage) -> None:
    made = ground.programme()
    first, second = (ground.buy_by_transfer(made, cents) for cents in (30_00, 50_00))
    assert first.voucher_id
    assert second.voucher_id
    with stage.step("The holder puts the smaller one onto the other."):
        transact(
            deductions.merge, first.voucher_id, second.voucher_id, actor_id=uuid7(), key=key(), reason="merge by holder"
        )


def agree(guest: Programme, host: Programme) -> None:
    """Both issuers, with two people each, want the one's vouchers taken in the other's shops."""
    transact(reciprocity.enact, guest.id, host.id)


@money_path(
    "shop-of-another-issuer",
    GROUP,
    "A voucher is redeemed at a shop of another issuer",
    "The host owes its shop the money and has a claim on the guest's issuer (CL), which owes it instead of the"
    " holder. Two people decide a transfer from pool to pool; the banks' lines carry it out in both books.",
)
def redeem_elsewhere(stage: Stage) -> None:
    guest, host = ground.programme(), ground.programme()
    agree(guest, host)
    shop = transact(build.accepting_shop, host.id)
    found = ground.buy_by_transfer(guest)
    token = ground.token_of(found)
    with stage.step("60.00 are taken in the host's shop: entries in both books, by one operation."):
        taken = ground.redeem(shop, token, 60_00)
    with stage.step("Goods for 15.00 come back."):
        returns.refund(shop.token, taken, cents=15_00, key=key(), reason="Ware zurück")
    first, second = (transact(people.clerk, guest.issuer_id) for _n in range(2))
    words = f"Ausgleich {uuid4()}"
    with stage.step("Two people of the guest's issuer decide to pay it: a transfer waits to be sent."):
        by_two = {"reference": words, "proposed_by": first, "approved_by": second}
        transact(settlement.settle, guest.issuer_id, host.issuer_id, 45_00, **by_two)  # type: ignore[arg-type]
    payer, payee = (found for found in map(accounts.find_open_account, (guest.issuer_id, host.issuer_id)) if found)
    session.commit()
    with stage.step("The one bank debits it, and the other one credits it."):
        bank.states(payer.id, bank.line(-45_00, words, party_iban=payee.iban))
        bank.states(payee.id, bank.line(45_00, words, party_iban=payer.iban))
    session.commit()
