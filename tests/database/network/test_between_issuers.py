"""One programme's vouchers in another's shops: agreed by both issuers, booked in both books, settled to the cent."""

from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import errors
from foundation.clock import today
from foundation.config import settings
from foundation.database import session, transact
from money.bank import accounts, returning, settling
from money.bank import queries as bank_queries
from money.ledger import balances, cover, explaining, proof, sealing
from money.ledger.models import Entry
from tests.builders import bank
from tests.builders import network as people
from tests.builders import vouchers as build
from tests.builders.threads import at_once
from vouchers.approvals import deciding
from vouchers.network import charter, programmes, queries, reciprocity, settlement
from vouchers.network.models import IssuerSettlement
from vouchers.stored_value.models import Programme
from vouchers.tills import redeeming, returns
from vouchers.tills.redeeming import RedemptionOrder

NET = sa.text(
    "SELECT coalesce(sum(CASE WHEN debit_account = 'CL' THEN cents ELSE 0 END"
    " - CASE WHEN credit_account = 'CL' THEN cents ELSE 0 END), 0) FROM entry"
    " WHERE kind NOT LIKE 'bank_%'"  # the banks' side of a settlement: its money is under way
)


class Two:
    """Programme A (guest) and programme B (host) of two issuers, with two clerks each, a shop of B, a voucher of A."""

    def __init__(self) -> None:
        self.guest, self.host = transact(build.programme), transact(build.programme)
        self.clerks = {
            one.id: [transact(people.clerk, one.issuer_id, name) for name in ("Gerda", "Hans")]
            for one in (self.guest, self.host)
        }
        self.shop = transact(build.accepting_shop, self.host.id)
        self.given = transact(build.voucher, self.guest.id, 100_00)

    def agree(self, side: Programme) -> None:
        """Both people of a side want it."""
        self.decide(reciprocity.propose, side)

    def decide(self, action: object, side: Programme) -> None:
        first, second = self.clerks[side.id]
        made = transact(action, self.guest.id, self.host.id, side=side.id, person_id=first, reason="Gemeinsam")  # type: ignore[arg-type]
        transact(deciding.approve, made, second)

    def redeem(self, cents: int) -> UUID:
        """Taken in B's shop."""
        answer = redeeming.redeem(self.shop.token, RedemptionOrder(self.given.token, cents, str(uuid4())))
        return UUID(answer.body["redemption_id"])

    def between(self) -> tuple[int, int]:
        """What A owes B, and B owes A, in cents."""
        a, b = self.guest.issuer_id, self.host.issuer_id
        return settlement.load_debt(a, b), settlement.load_debt(b, a)

    def account(self, side: Programme) -> UUID:
        """The trust account of a side."""
        found = accounts.find_open_account(side.issuer_id)
        assert found
        return found.id

    def settle(self, cents: int, reference: str = "Ausgleich Woche 49") -> UUID:
        """A pays B, as its two people decided."""
        first, second = self.clerks[self.guest.id]
        by_two = {"reference": reference, "proposed_by": first, "approved_by": second}
        made = transact(settlement.settle, self.guest.issuer_id, self.host.issuer_id, cents, **by_two)  # type: ignore[arg-type]
        return made.id

    def banks_state(self, cents: int, words: str = "Ausgleich Woche 49") -> None:
        """A's bank states the debit, then B's the credit."""
        payer, payee = (accounts.load_account(self.account(side)) for side in (self.guest, self.host))
        bank.states(payer.id, bank.line(-cents, words, party_iban=payee.iban))
        bank.states(payee.id, bank.line(cents, words, party_iban=payer.iban))

    def shop_is_owed(self) -> int:
        return balances.load_balance(self.host.issuer_id, "KR", self.shop.outlet_id)


def net() -> int:
    """The account CL over all books."""
    return int(session.scalar(NET) or 0)


@pytest.fixture
def two(context: Flask) -> Two:
    return Two()


def test_it_holds_once_both_issuers_with_two_people_each_have_agreed(two: Two) -> None:
    with pytest.raises(errors.NotAllowed):
        two.redeem(10_00)
    two.agree(two.guest)
    assert reciprocity.list_consents_wanted(two.host.id) == [(two.guest, two.host)]
    with pytest.raises(errors.NotAllowed):
        two.redeem(10_00)
    two.agree(two.host)
    assert reciprocity.list_consents_wanted(two.host.id) == []
    assert queries.list_hosts(two.guest.id) == [two.host.id]
    two.redeem(10_00)


def test_redeeming_voiding_and_refunding_there_nets_to_zero_at_every_step(two: Two) -> None:
    two.agree(two.guest)
    two.agree(two.host)
    assert (two.between(), net()) == ((0, 0), 0)
    first = two.redeem(37_50)
    assert (two.between(), two.shop_is_owed(), net()) == ((37_50, -37_50), 37_50, 0)
    returns.void(two.shop.token, first, key=str(uuid4()), reason="vertippt")
    assert (two.between(), two.shop_is_owed(), net()) == ((0, 0), 0, 0)
    second = two.redeem(80_00)
    returns.refund(two.shop.token, second, cents=30_00, key=str(uuid4()), reason="Ware zurück")
    assert (two.between(), two.shop_is_owed(), net()) == ((50_00, -50_00), 50_00, 0)
    assert balances.load_balance(two.guest.issuer_id, "VL", two.given.voucher_id) == 50_00
    sealing.seal_all()
    assert [finding for finding in proof.prove() if finding.code.startswith(("V-", "N-"))] == []


def test_one_issuer_with_two_programmes_needs_one_approval_and_no_clearing(context: Flask) -> None:
    guest = transact(build.programme)
    host = transact(build.programme, issuer_id=guest.issuer_id)
    gerda, hans = (transact(people.clerk, guest.issuer_id) for _n in range(2))
    made = transact(reciprocity.propose, guest.id, host.id, side=guest.id, person_id=gerda, reason="Ein Haus")
    transact(deciding.approve, made, hans)
    shop, given = transact(build.accepting_shop, host.id), transact(build.voucher, guest.id)
    redeeming.redeem(shop.token, RedemptionOrder(given.token, 10_00, str(uuid4())))
    assert balances.list_by_party(guest.issuer_id, "CL") == {}
    assert balances.load_balance(guest.issuer_id, "KR", shop.outlet_id) == 10_00


def test_either_side_ends_it_and_what_was_taken_can_still_be_given_back(two: Two) -> None:
    two.agree(two.guest)
    two.agree(two.host)
    taken = two.redeem(20_00)
    two.decide(reciprocity.propose_end, two.host)
    assert queries.list_hosts(two.guest.id) == []
    with pytest.raises(errors.NotAllowed):
        two.redeem(10_00)
    returns.refund(two.shop.token, taken, cents=20_00, key=str(uuid4()), reason="Ware zurück")
    assert (two.between(), net()) == ((0, 0), 0)
    two.agree(two.guest)  # an old consent of the other side counts no more
    assert queries.list_hosts(two.guest.id) == []


def test_a_network_cannot_grow_past_its_charter_through_other_programmes(context: Flask) -> None:
    city, other = transact(build.programme, [build.COESFELD]), transact(build.programme, [build.DUELMEN])
    clerk = transact(people.clerk, city.issuer_id)
    values = {"side": city.id, "person_id": clerk, "reason": "Nachbarn"}
    with pytest.raises(errors.Refused) as outside:
        transact(reciprocity.propose, city.id, other.id, **values)
    assert outside.value.code == "host_beyond_charter"
    small, large = transact(build.programme, max_outlets=3), transact(build.programme)
    with pytest.raises(errors.Refused) as full:
        transact(reciprocity.propose, small.id, large.id, **values | {"side": small.id})
    assert full.value.code == "charter_full"


def test_a_host_takes_no_more_shops_than_its_guests_charter_allows_and_reaches_no_further(context: Flask) -> None:
    guest = transact(build.programme, [build.COESFELD], max_outlets=5)
    host = transact(build.programme, [build.COESFELD])
    transact(reciprocity.enact, guest.id, host.id)
    transact(build.accepting_shop, host.id)
    with pytest.raises(errors.Refused) as full:
        transact(build.accepting_shop, host.id)
    assert full.value.code == "charter_full"
    wider = replace(charter.read_limits(host), towns=(build.COESFELD, build.DUELMEN))
    clerk = transact(people.clerk, host.issuer_id)
    with pytest.raises(errors.Refused) as refused:
        transact(charter.propose, host.id, wider, person_id=clerk, reason="Mehr Orte")
    assert refused.value.code == "guest_outside"


def test_a_settlement_moves_money_in_both_books_and_nothing_is_left_between_them(two: Two) -> None:
    two.agree(two.guest)
    two.agree(two.host)
    two.redeem(60_00)
    a, b = two.guest.issuer_id, two.host.issuer_id
    before = (balances.load_balance(a, "TB"), balances.load_balance(b, "TB"))
    first, second = two.clerks[two.guest.id]
    values = {"reference": f"Ausgleich {uuid4()}", "person_id": first, "reason": "Wochenausgleich"}
    made = transact(settlement.propose, a, b, 45_00, **values)
    assert two.between() == (60_00, -60_00)
    with pytest.raises(errors.NotAllowed):
        transact(deciding.approve, made, first)
    transact(deciding.approve, made, second)
    assert (two.between(), net()) == ((15_00, -15_00), 0)
    assert (balances.load_balance(a, "TB"), balances.load_balance(b, "TB")) == before, "people move no bank account"
    two.banks_state(45_00, str(values["reference"]))
    assert (balances.load_balance(a, "TB") - before[0], balances.load_balance(b, "TB") - before[1]) == (-45_00, 45_00)
    assert (two.between(), net()) == ((15_00, -15_00), 0)
    assert bank_queries.list_open_returns({a}) == []
    assert cover.compute_cover(a).others_cents == 15_00
    assert settlement.list_balances(a) == [settlement.IssuerBalance(b, queries.load_organisation_names([b])[b], 15_00)]
    [row] = queries.list_settlements(b)
    assert (row.cents, row.proposed_by, row.approved_by) == (45_00, first, second)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE issuer_settlement SET cents = cents + 1",
        "DELETE FROM issuer_settlement",
        "DELETE FROM entry WHERE kind = 'issuer_settlement' AND debit_party = aggregate_id",
        "UPDATE entry SET debit_account = 'OB' WHERE kind = 'issuer_settlement' AND debit_party = aggregate_id",
        "UPDATE entry SET ledger_id = gen_random_uuid() WHERE kind = 'issuer_settlement'"
        " AND credit_party = aggregate_id",
    ],
)
def test_a_settlement_that_is_booked_wrong_or_once_only_is_found(own_database: Flask, damage: str) -> None:
    two = Two()
    two.agree(two.guest)
    two.agree(two.host)
    two.redeem(60_00)
    a, b = two.guest.issuer_id, two.host.issuer_id
    first, second = two.clerks[two.guest.id]
    transact(settlement.settle, a, b, 45_00, reference="Ausgleich", proposed_by=first, approved_by=second)
    entry = session.scalars(sa.select(Entry).filter_by(ledger_id=a, kind=settlement.KIND)).one()
    name = queries.load_organisation_names([b])[b]
    said = f"Ausgleich über 45,00\u202f€ beschlossen ({name}, Überweisung „Ausgleich“)."
    assert said in explaining.explain(entry)
    session.commit()
    assert "N-07" not in {finding.code for finding in proof.prove()}
    with psycopg.connect(settings().database_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")  # past every trigger, as no application could
        owner.execute(damage)  # type: ignore[call-overload]
    assert "N-07" in {finding.code for finding in proof.prove()}


def test_a_settlement_is_owed_until_the_banks_state_it_and_covers_the_shops_meanwhile(two: Two) -> None:
    two.agree(two.guest)
    two.agree(two.host)
    two.redeem(60_00)
    a, b = two.guest.issuer_id, two.host.issuer_id
    owed_before = (cover.compute_cover(a).owed_cents, cover.compute_cover(b).owed_cents)
    made = two.settle(45_00)
    assert (cover.compute_cover(a).owed_cents, cover.compute_cover(b).owed_cents) == owed_before
    [owed] = bank_queries.list_open_returns({a})
    payee = accounts.load_account(two.account(two.host))
    assert (owed.settlement_id, owed.cents, owed.payer_iban, owed.remittance) == (
        made,
        45_00,
        payee.iban,
        "Ausgleich Woche 49",
    )
    first, second = two.clerks[two.guest.id]
    with pytest.raises(errors.DomainError) as refused:
        transact(returning.record_return, owed.id, person_id=first, done_on=today())
    assert refused.value.code == "asked_yourself"
    transact(returning.record_return, owed.id, person_id=second, done_on=today())
    assert settling.load_transfers([made])[made] == settling.SettlementTransfer(today(), 0, 45_00)
    assert cover.compute_cover(a).owed_cents == owed_before[0]
    two.banks_state(45_00)
    assert settling.load_transfers([made])[made].has_arrived
    sealing.seal_all()
    assert [finding for finding in proof.prove() if finding.code.startswith(("V-", "N-", "Z-"))] == []


def test_a_credit_without_our_words_is_placed_by_its_sender_and_else_by_a_person(two: Two) -> None:
    two.agree(two.guest)
    two.agree(two.host)
    two.redeem(60_00)
    account, payer = two.account(two.host), accounts.load_account(two.account(two.guest))
    made = two.settle(20_00)
    bank.states(account, bank.line(20_00, "SVWZ+", party_iban=payer.iban))
    assert settling.load_transfers([made])[made].has_arrived
    twins = [two.settle(10_00, f"Ausgleich {place}") for place in "AB"]
    unclear = bank.received(account, bank.line(10_00, "ohne Worte", party_iban=payer.iban))
    assert {one.arrived_cents for one in settling.load_transfers(twins).values()} == {0}
    clerk = two.clerks[two.host.id][0]
    other = transact(build.programme).issuer_id
    stranger = bank.income(other, 10_00)
    with pytest.raises(errors.Invalid):  # another issuer's money
        transact(settling.allocate, stranger, twins[0], person_id=clerk)
    assert transact(settling.allocate, unclear, twins[0], person_id=clerk) == 10_00
    with pytest.raises(errors.Refused):  # it has arrived already
        transact(settling.allocate, bank.income(two.host.issuer_id, 10_00), twins[0], person_id=clerk)
    assert settling.load_transfers(twins)[twins[0]].has_arrived
    assert (two.between(), net()) == ((20_00, -20_00), 0)


def test_a_transfer_that_comes_back_is_to_be_sent_again_and_to_come_again(two: Two) -> None:
    two.agree(two.guest)
    two.agree(two.host)
    two.redeem(60_00)
    a, b = two.guest.issuer_id, two.host.issuer_id
    made = two.settle(45_00)
    two.banks_state(45_00)
    payer, payee = (accounts.load_account(two.account(side)) for side in (two.guest, two.host))
    bank.states(payee.id, bank.line(-45_00, "Ausgleich Woche 49", party_iban=payer.iban, reason="AC04"))
    bank.states(payer.id, bank.line(45_00, "Ausgleich Woche 49", party_iban=payee.iban, reason="AC04"))
    assert settling.load_transfers([made])[made].arrived_cents == 0
    [again] = bank_queries.list_open_returns({a})
    assert (again.cents, again.came_back) == (45_00, "AC04")
    assert balances.load_balance(b, "CL", made) == -45_00
    two.banks_state(45_00, "Noch einmal: Ausgleich Woche 49")
    assert settling.load_transfers([made])[made].has_arrived
    sealing.seal_all()
    assert [finding for finding in proof.prove() if finding.code.startswith(("V-", "N-", "Z-"))] == []


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM bank_return WHERE settlement_id IS NOT NULL",
        "UPDATE bank_return SET cents = cents + 1 WHERE settlement_id IS NOT NULL",
        "UPDATE bank_return SET settlement_id = gen_random_uuid() WHERE settlement_id IS NOT NULL",
        "UPDATE bank_return SET account_id = payee_id WHERE settlement_id IS NOT NULL",
        "DELETE FROM bank_placement WHERE place = 'settlement'",
        "UPDATE bank_placement SET cents = cents + 1 WHERE place = 'settlement'",
        "UPDATE bank_placement SET paper_id = gen_random_uuid() WHERE place = 'settlement'",
        "DELETE FROM entry WHERE kind = 'bank_settled'",
        "DELETE FROM entry WHERE kind = 'bank_returned'",
        "UPDATE entry SET debit_party = gen_random_uuid() WHERE kind = 'bank_returned'",
    ],
)
def test_a_settlement_whose_transfer_is_missing_or_another_is_found(own_database: Flask, damage: str) -> None:
    two = Two()
    two.agree(two.guest)
    two.agree(two.host)
    two.redeem(60_00)
    two.settle(45_00)
    two.banks_state(45_00)
    assert "N-08" not in {finding.code for finding in proof.prove()}
    session.commit()
    with psycopg.connect(settings().database_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")  # past every trigger, as no application could
        owner.execute(damage)  # type: ignore[call-overload]
    assert "N-08" in {finding.code for finding in proof.prove()}


@pytest.mark.parametrize("way", ["not sent", "not arrived"])
def test_a_settlement_that_takes_more_than_two_weeks_is_found(own_database: Flask, way: str) -> None:
    two = Two()
    two.agree(two.guest)
    two.agree(two.host)
    two.redeem(60_00)
    two.settle(45_00)
    if way == "not arrived":
        account = two.account(two.guest)
        bank.states(account, bank.line(-45_00, "Ausgleich Woche 49"))
    assert "N-09" not in {finding.code for finding in proof.prove()}
    session.commit()
    with psycopg.connect(settings().database_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE issuer_settlement SET settled_at = settled_at - interval '15 days'")
    assert "N-09" in {finding.code for finding in proof.prove()}


@pytest.mark.parametrize("cents", [0, -1, 60_01])
def test_more_than_is_owed_or_nothing_is_never_settled(two: Two, cents: int) -> None:
    two.agree(two.guest)
    two.agree(two.host)
    two.redeem(60_00)
    a, b = two.guest.issuer_id, two.host.issuer_id
    values = {"reference": "Ausgleich", "person_id": two.clerks[two.guest.id][0], "reason": "Wochenausgleich"}
    with pytest.raises((errors.Refused, errors.Invalid)):
        transact(settlement.propose, a, b, cents, **values)
    with pytest.raises(errors.Refused):  # the creditor owes nothing
        transact(settlement.propose, b, a, 1, **values | {"person_id": two.clerks[two.host.id][0]})
    assert queries.list_settlements(a) == []


def test_parallel_settlements_never_pay_more_than_is_owed(app: Flask, two: Two) -> None:
    two.agree(two.guest)
    two.agree(two.host)
    two.redeem(60_00)
    a, b = two.guest.issuer_id, two.host.issuer_id
    first, second = two.clerks[two.guest.id]

    def settle(place: int) -> IssuerSettlement:
        by_two = {"proposed_by": first, "approved_by": second}
        return transact(settlement.settle, a, b, 25_00, reference=f"Ausgleich {place}", **by_two)  # type: ignore[arg-type]

    found = at_once(app, settle, range(5))
    assert sum(isinstance(one, IssuerSettlement) for one in found) == 2
    assert {one.code for one in found if isinstance(one, errors.Refused)} == {"more_than_owed"}
    assert (two.between(), net()) == ((10_00, -10_00), 0)


def test_a_programme_without_agreement_is_not_taken_by_shops_of_the_same_town(two: Two) -> None:
    assert queries.list_network_shops(two.guest.id).isdisjoint(queries.list_network_shops(two.host.id))
    with pytest.raises(errors.NotAllowed):
        two.redeem(1)
    assert programmes.load_programme(two.guest.slug).id == two.guest.id
