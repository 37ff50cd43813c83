"""How the demo's programmes pass the launch gate: two clerks of each issuer, invented letters, banks' test IBANs."""

from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from money.bank import accounts
from people import persons
from people.models import Organisation
from people.queries import find_person
from vouchers.network import agreements, charter, gate, queries, trust
from vouchers.sales import conditions
from vouchers.stored_value.models import Programme

CLERKS = {
    "muensterland": (("gerd.issuer-clerk", "Gerd Gutmann"), ("hanna.issuer-clerk", "Hanna Zweit")),
    "stadtgutschein": (("karin.issuer-clerk", "Karin Stadtmann"), ("lars.issuer-clerk", "Lars Baumberg")),
}
# IBANs from the banks' own documentation of the format; nobody's account.
IBANS = {"muensterland": "DE89370400440532013000", "stadtgutschein": "DE02120300000000202051"}
# Food, books, plants and the like are taxed at 7 %; such shops sell other things too.
REDUCED = {
    "allerlei",
    "baeckerei",
    "bioladen",
    "buchhandlung",
    "cafe",
    "drogerie",
    "feinkost",
    "gaertnerei",
    "hofladen",
    "metzgerei",
    "schreibwaren",
    "tee",
    "unverpackt",
}
SHOP_TERMS = (
    "Das Geschäft nimmt den Gutschein in voller Höhe und in Teilbeträgen an. Es liefert Waren oder Leistungen, zahlt "
    "nichts aus und versteuert selbst. Der Herausgeber zahlt wöchentlich aus. Beide Seiten können mit vier Wochen "
    "Frist kündigen. (Vorführung)"
)
REASON = "Erste Fassung (Vorführung)"


def pass_all() -> None:
    """Take every programme of the demo that has not passed the gate yet through it."""
    for programme in session.scalars(sa.select(Programme).order_by(Programme.slug)).unique():
        if programme.issuer.slug in CLERKS and not programme.on_sale and programme.launched_at is None:
            _pass(programme)


def _pass(programme: Programme) -> None:
    first, second = two_clerks(programme.issuer)
    _rates(programme, first)
    by_two = {"proposed_by": first, "approved_by": second, "reason": REASON}
    charter.enact(programme.id, charter.read_limits(programme), **by_two)  # type: ignore[arg-type]
    account = accounts.find_open_account(programme.issuer_id)
    if account is None or queries.load_trust_account(account.id) is None:
        holder = f"Treuhand {programme.issuer.name}"[:70]
        trust.enact(programme.issuer_id, iban=IBANS[programme.issuer.slug], holder=holder, **by_two)  # type: ignore[arg-type]
    text = conditions.build_text(programme)
    gate.record_terms(programme.id, kind="buyer", version=conditions.VERSION, text=text, person_id=first)
    gate.record_vat(programme.id, reference="Bestätigung der Steuerberatung (Vorführung)", person_id=first)
    gate.record_supervision(
        programme.id, position="ok", reference="Schreiben der Aufsicht (Vorführung)", person_id=second
    )
    gate.launch(programme.id, person_id=second)


def two_clerks(issuer: Organisation) -> tuple[UUID, UUID]:
    """Two people who work for an issuer of the demo."""
    first, second = (_clerk(issuer, *person) for person in CLERKS[issuer.slug])
    return first, second


def shop_terms(programme: Programme) -> None:
    """What shops agree to, recorded before the first one joins."""
    first = _clerk(programme.issuer, *CLERKS[programme.issuer.slug][0])
    gate.record_terms(programme.id, kind="shop", version="2026-1", text=SHOP_TERMS, person_id=first)


def _rates(programme: Programme, person_id: UUID) -> None:
    """Agreements of before there were VAT rates in them get them by a new version."""
    for row, outlet in queries.list_agreements(programme.id):
        if row.valid_until is None and not row.vat_rates:
            agreements.change(
                programme.id,
                outlet.id,
                person_id=person_id,
                commission=row.commission_basis_points,
                vat_rates=rates_of(outlet.trade),
                reason="Steuersätze erfasst",
            )


def rates_of(trade: str) -> str:
    """At which VAT rates a shop of that trade supplies."""
    return "7,19" if trade in REDUCED else "19"


def _clerk(issuer: Organisation, local: str, name: str) -> UUID:
    email = f"{local}@demo.example.org"
    person = find_person(email) or persons.create(email=email, name=name, confirmed=True)
    persons.join(person.id, issuer.id, "issuer_clerk")
    return person.id
