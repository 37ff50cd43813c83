"""Another issuer's programmes, proposals, receipts, counters, cards, letters, looks, runs, cases: not for him."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation import clock
from foundation.database import session, transact, uuid7
from foundation.models import AuditRecord
from money.bank import accounts, allocation, debits, expected_transfers
from money.bank.models import BankLine
from money.day_end.models import DayDifference
from money.payments import refunding
from money.payments.models import PaymentLoss, Tender
from people import persons, staffing
from people.models import Organisation
from people.queries import find_person
from tests.builders import approvals as by_two
from tests.builders import bank
from tests.builders import cards as build_cards
from tests.builders import vouchers as build
from tests.builders.form_fields import choose_taken
from tests.builders.orders import sign_in, staff
from tests.builders.safety import sold
from tests.builders.sales import paid
from vouchers.approvals.models import Proposal
from vouchers.cards.models import CardSale, Counter
from vouchers.lapsing.models import LapseRun
from vouchers.network import programmes
from vouchers.purchases.models import SaleEvent, VoucherSale
from vouchers.stored_value.models import Acceptance, Programme, VoucherOperation
from vouchers.support import lookup
from vouchers.watch import cases, holds
from vouchers.watch.models import PayoutHold, WatchCase
from vouchers.watch.rules import list_rules
from vouchers.watch.states import CaseSubject, RuleKey

ANSWERS = {403, 404}
FORM = {
    "reason": "nur so", "by": "issuer", "when": "now", "commission": "5", "vat_rates": "19", "state": "harmless",
    "note": "nur so", "where": "own", "reference": "RF18", "done_on": clock.today().isoformat(), "line": "900,00",
    "line_reason": "mehr", "email": "dieb@example.org", "name": "Dieb", "active": "0", "amount": "5,00", "off": "5,00",
    "why": "nur so", "key": "k" * 32, "kind": "buyer", "version": "9", "text": "Bedingungen", "position": "ok",
    "iban": "DE89370400440532013000", "holder": "Dieb", "cents": "5,00", "max_outlets": "900", "max_cents": "90,00",
    "month_cents": "90,00", "payer_cents": "90,00", "area": "region", "slug": "dieb", "wording": "x",
}  # fmt: skip


class Scene:
    """One of everything of one issuer, and the ids that address it."""

    def __init__(self) -> None:
        ground = build_cards.scene()
        self.counter_id, self.programme = ground.counter_id, ground.programme
        issuer = self.programme.issuer_id
        outlet = build.outlet()
        programmes.accept(self.programme.id, outlet.id)
        self.outlet_id = outlet.id
        found = sold(self.programme.id, 50_00)
        letter = sold(self.programme.id, 50_00, street="Markt 1")
        self.letter = session.scalars(sa.select(VoucherSale).where(VoucherSale.number == letter.number)).one()
        self.letter.state = "paid"
        run = LapseRun(id=uuid7(), programme_id=self.programme.id, kind="paid", cutoff=clock.today())
        session.add(run)
        session.commit()
        rule = next(rule for rule in list_rules() if rule.key != RuleKey.NEW_SHOP)
        about = cases.Suspicion(CaseSubject.OUTLET, str(outlet.id), {}, outlet_id=outlet.id)
        case_id = transact(cases.open_case, rule, about)
        transact(holds.place_hold, outlet.id, rule.key, {}, case_id=case_id)
        hold = session.scalars(sa.select(PayoutHold.id).where(PayoutHold.outlet_id == outlet.id)).first()
        clerk = by_two.clerk(issuer)
        session.commit()
        self.look = transact(lookup.search, clerk, {issuer}, asked=found.number, purpose="Anruf").lookup_id
        self.details = details = {"voucher": str(found.voucher.voucher_id)}
        proposal = by_two.proposed("goodwill", self.programme.id, clerk, cents=5_00, details=details)
        receipt, other = build_cards.receipt(ground, 20_00), build_cards.receipt(ground, 30_00, "unbekannt")
        returned = transact(allocation.request_return, other, person_id=clerk)
        account = accounts.find_open_account(issuer)
        assert account
        bank.states(account.id, bank.line(-3_00, "unklar", party_iban=None))
        line_id = session.scalars(
            sa.select(BankLine.id).where(BankLine.account_id == account.id, BankLine.remittance == "unklar")
        ).one()
        explained = transact(debits.propose, line_id, "own", person_id=clerk, note="eigenes Geld")
        taken = paid(self.programme, cents=30_00)
        payment = session.get_one(VoucherSale, taken).payment_id
        expected = expected_transfers.find_of_payment(payment)
        assert expected
        bank.states(account.id, bank.line(-30_00, expected.reference, is_reversal=True))
        loss = session.scalars(sa.select(PaymentLoss.id).where(PaymentLoss.payment_id == payment)).one()
        refunded = session.get_one(VoucherSale, paid(self.programme, cents=20_00)).payment_id
        tender = session.scalars(sa.select(Tender.id).where(Tender.payment_id == refunded)).one()
        refund = transact(refunding.refund_tender, tender, 20_00, key=f"r {refunded}", reason="Widerruf")
        sale = build_cards.sell(ground, ground.cards[0])
        session.commit()
        day = clock.today() - timedelta(days=1)
        differs = DayDifference(
            ledger_id=issuer, source="bank", account="TB", from_day=day, until_day=day, cents=7, is_stated=True,
            cause="unknown", owner_id=clerk,
        )  # fmt: skip
        session.add(differs)
        session.commit()
        self.known: dict[str, object] = {
            "difference_id": differs.id,
            "line_ref": "txn_of_the_operator",
            "slug": self.programme.slug,
            "outlet_id": outlet.id,
            "proposal_id": proposal,
            "receipt_id": receipt,
            "return_id": returned,
            "line_id": line_id,
            "debit_proposal_id": explained,
            "counter_id": ground.counter_id,
            "person_id": ground.clerk_id,
            "lookup_id": self.look,
            "run_id": run.id,
            "sale_id": self.letter.id,
            "case_id": case_id,
            "hold_id": hold,
            "loss_id": loss,
            "refund_id": refund,
        }
        self.card_sale: UUID = sale.id
        self.issuer_slug = session.get_one(Organisation, issuer).slug
        self.sold_card = ground.cards[0].number
        self.card = ground.cards[1].number

    def state(self) -> tuple[object, ...]:
        session.rollback()
        session.expire_all()
        counted = [AuditRecord, Proposal, VoucherOperation, SaleEvent, CardSale, Acceptance]
        return (
            *(session.scalar(sa.select(sa.func.count()).select_from(model)) for model in counted),
            session.get_one(Proposal, self.known["proposal_id"]).state,
            session.get_one(Counter, self.counter_id).active,
            session.get_one(WatchCase, self.known["case_id"]).state,
            session.get_one(PayoutHold, self.known["hold_id"]).released_at,
            session.get_one(Programme, self.programme.id).on_sale,
            session.get_one(CardSale, self.card_sale).undone_at,
            session.get_one(DayDifference, self.known["difference_id"]).owner_id,
            session.get_one(DayDifference, self.known["difference_id"]).reason,
        )


@pytest.fixture
def scene(context: Flask) -> Scene:
    return Scene()


def clerk_of(app: Flask, role: str, organisation_id: UUID) -> FlaskClient:
    visitor = app.test_client()
    sign_in(visitor, staff(role, organisation_id))
    return visitor


def test_no_address_of_the_office_opens_another_issuers_things(app: Flask, scene: Scene) -> None:
    visitor = clerk_of(app, "issuer_clerk", build_cards.scene().programme.issuer_id)
    assert visitor.get("/office/freigaben").status_code == 200
    before, tried = scene.state(), 0
    for rule in app.url_map.iter_rules():
        path = str(rule.rule)
        if not rule.arguments or not path.startswith("/office"):
            continue
        known = dict(scene.known)
        if path.startswith(("/office/herausgeber", "/office/programme/neu")):
            known["slug"] = scene.issuer_slug
        for name in rule.arguments:
            path = path.replace(f"<uuid:{name}>", str(known[name])).replace(f"<{name}>", str(known[name]))
        assert "<" not in path, path
        if path.startswith("/office/auffaelligkeiten"):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = visitor.open(
                path, method=method, data=choose_taken(visitor, path, FORM) if method == "POST" else None
            )
            assert answer.status_code in ANSWERS, (method, path, answer.status_code)
            tried += 1
    assert tried >= 45
    assert scene.state() == before


def test_the_own_clerk_finds_all_of_it_there(app: Flask, scene: Scene) -> None:
    """So that a 404 above means foreign, and not unknown."""
    visitor = clerk_of(app, "issuer_clerk", scene.programme.issuer_id)
    known = scene.known
    for path in (
        f"/office/programme/{known['slug']}",
        f"/office/programme/{known['slug']}/geschaefte",
        f"/office/programme/{known['slug']}/netzvereinbarung/anlage.json",
        f"/office/herausgeber/{scene.issuer_slug}",
        f"/office/verkaufsstellen/{known['counter_id']}",
        f"/office/verfall/{known['run_id']}.csv",
    ):
        assert visitor.get(path).status_code == 200, path
    assert scene.letter.number in visitor.get("/office/briefe").text
    assert str(known["proposal_id"]) in visitor.get("/office/freigaben").text
    assert str(known["receipt_id"]) in (bank := visitor.get("/office/bank").text)
    assert str(known["return_id"]) in bank
    assert str(known["difference_id"]) in visitor.get("/office/tage").text
    assert str(known["case_id"]) in visitor.get("/office/auffaelligkeiten").text


def test_a_case_about_a_shop_of_another_network_is_not_decided_here(app: Flask, scene: Scene) -> None:
    visitor = clerk_of(app, "issuer_clerk", build_cards.scene().programme.issuer_id)
    before = scene.state()
    for path in (f"{scene.known['case_id']}", f"auszahlung/{scene.known['hold_id']}"):
        where = f"/office/auffaelligkeiten/{path}"
        assert visitor.post(where, data=choose_taken(visitor, where, FORM)).status_code in {403, 404, 409}
    assert scene.state() == before


def test_ids_in_forms_lead_to_nothing_of_another_issuer(app: Flask, scene: Scene) -> None:
    own = build_cards.scene()
    visitor = clerk_of(app, "issuer_clerk", own.programme.issuer_id)
    foreign, voucher = scene.programme.id, session.get_one(VoucherSale, scene.letter.id).voucher_id
    before = scene.state()[1:]
    office = "/office"
    for path, form in (
        (f"{office}/ausgabe", {"programme": foreign, "amount": "20,00", "email": "x@example.org", "receipt": uuid4()}),
        (f"{office}/verfall", {"programme": foreign, "kind": "paid", "cutoff": "2020-12-31"}),
        (f"{office}/karten/charge", {"programme": foreign, "name": "x", "count": "2", "face": "", "key": "k"}),
        (f"{office}/karten/weg", {"kind": "lost", "first": scene.card, "last": "", "reason": "weg"}),
        (f"{office}/karten/weg", {"kind": "sent", "first": scene.card, "last": "", "counter": own.counter_id}),
        (f"{office}/karten/weg", {"kind": "sent", "first": own.cards[1].number, "counter": scene.counter_id}),
        (f"{office}/programme/{own.programme.slug}/verbund/zustimmen", {"guest_id": foreign, "host_id": foreign}),
        (f"{office}/gutscheine", {"voucher": voucher, "asked": "x", "purpose": "nur so"}),
        (f"{office}/verkaufsstellen/{own.counter_id}/zahlung/{scene.known['receipt_id']}", {"key": "k"}),
    ):
        answer = visitor.post(path, data={"reason": "nur so"} | {name: str(value) for name, value in form.items()})
        assert answer.status_code in {200, 404, 409, 422}, (path, answer.status_code)
    assert scene.state()[1:] == before
    assert scene.letter.number not in visitor.get("/office/briefe").text


def test_the_clerk_of_another_counter_sells_shows_and_takes_back_nothing(app: Flask, scene: Scene) -> None:
    other = session.get_one(Counter, build_cards.scene().counter_id).organisation_id
    visitor = clerk_of(app, "counter_clerk", other)
    before, named = scene.state(), {"stelle": str(scene.counter_id)}
    for path in ("/schalter", "/schalter/bestand", "/schalter/abrechnung", "/schalter/abrechnung/liste.csv"):
        assert visitor.get(path, query_string=named).status_code == 404, path
    receipt = f"/schalter/verkauf/{scene.card_sale}"
    assert visitor.get(receipt).status_code == 404
    assert visitor.post(f"{receipt}/zuruecknehmen", data={"reason": "nur so"}).status_code == 404
    for form in ({"card": scene.card}, {"card": scene.card} | named, {"card": scene.sold_card}):
        sale = form | {"amount": "20,00", "paid_by": "cash", "key": uuid4().hex}
        assert visitor.post("/schalter/karte", data=form).status_code == 404
        assert visitor.post("/schalter/verkauf", data=sale).status_code == 404
    visitor.post("/schalter/bestand/angekommen", data={"first": scene.card, "last": scene.card})
    assert scene.state() == before


def test_the_one_of_two_who_was_let_go_approves_nothing_any_more(app: Flask, scene: Scene) -> None:
    """Also not when taken on by another issuer meanwhile; and coming back makes nobody a second person."""
    email = staff("issuer_clerk", scene.programme.issuer_id)
    person = find_person(email)
    assert person
    person_id, path = person.id, f"/office/freigaben/{scene.known['proposal_id']}/freigeben"
    second = app.test_client()
    sign_in(second, email)
    mine = by_two.proposed("goodwill", scene.programme.id, person_id, cents=1_00, details=scene.details)
    transact(staffing.remove_member, scene.programme.issuer_id, person_id, by=uuid4())
    assert second.post(path).status_code == 403
    transact(persons.join, person_id, build_cards.scene().programme.issuer_id, "issuer_clerk")
    assert second.post(path).status_code == 404
    transact(persons.join, person_id, scene.programme.issuer_id, "issuer_clerk")
    assert second.post(path.replace(str(scene.known["proposal_id"]), str(mine))).status_code == 409
    session.rollback()
    for proposal in (mine, scene.known["proposal_id"]):
        assert session.get_one(Proposal, proposal, populate_existing=True).state == "proposed"
