"""Issuers, programmes, shops with tills, vouchers. Everything with fresh ids."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from foundation.clock import today
from foundation.database import session, uuid7
from foundation.security import keyed_hash
from people.models import Organisation, Outlet
from tests.builders.ledger import JournalDocument, JournalLine, write
from tests.builders.network import pass_gate
from tests.builders.organisations import organisation
from vouchers.network import programmes
from vouchers.network.programmes import ProgrammeDraft
from vouchers.stored_value import issuing
from vouchers.stored_value.issuing import Funding, Issued
from vouchers.stored_value.models import Programme
from vouchers.tills.models import Till, TillToken
from vouchers.tills.states import TokenScope

COESFELD = "05558012"
DUELMEN = "05558016"


@dataclass(frozen=True)
class Shop:
    """A shop with one enrolled till: its bearer token in plain."""

    outlet_id: UUID
    till_id: UUID
    token: str


def outlet(ags: str = COESFELD, retailer: Organisation | None = None, name: str = "Laden") -> Outlet:
    """A place of business."""
    mark = secrets.token_hex(4)
    made = Outlet(
        organisation_id=(retailer or organisation("retailer")).id,
        slug=f"laden-{mark}",
        name=f"{name} {mark}",
        trade="allerlei",
        street="Markt 2",
        postcode="48653",
        ags=ags,
        latitude=51.9,
        longitude=7.1,
        phone="02541 2",
        email=f"{mark}@example.org",
        opening_hours="Mo-Sa 09:00-18:00",
    )
    session.add(made)
    session.flush()
    return made


def till(outlet_id: UUID, name: str = "Kasse 1") -> Shop:
    """An enrolled till."""
    token = secrets.token_urlsafe(32)
    made = Till(outlet_id=outlet_id, name=name)
    session.add(made)
    session.flush()
    session.add(TillToken(hash=keyed_hash("till", token), till_id=made.id, name=name, scopes=list(TokenScope)))
    session.flush()
    return Shop(outlet_id, made.id, token)


def programme(
    towns: list[str] | None = None,
    *,
    issuer_id: UUID | None = None,
    on_sale: bool = True,
    supervision: str = "ok",
    partners: bool = True,
    **values: object,
) -> Programme:
    """A programme past its launch gate, of an issuer of its own, with two shops that supply at different VAT rates.

    Without `partners` it has no shops and is not on sale: it would have a single purpose.
    """
    mark = secrets.token_hex(4)
    draft = ProgrammeDraft(
        slug=f"programm-{mark}",
        name=f"Gutschein {mark}",
        towns=towns,
        **values,  # type: ignore[arg-type]
    )
    made = programmes.create(issuer_id or organisation("issuer").id, draft)
    made.velocity_limit = 100_000  # tests move faster than people
    if partners:
        for rate in ("7", "19"):
            programmes.accept(made.id, outlet(towns[0] if towns else COESFELD).id, vat_rates=rate)
        pass_gate(made, supervision=supervision, on_sale=on_sale)
    return made


def accepting_shop(programme_id: UUID, ags: str = COESFELD) -> Shop:
    """A shop with a till that accepts the programme."""
    place = outlet(ags)
    programmes.accept(programme_id, place.id)
    return till(place.id)


def paid_in(programme_id: UUID, cents: int, account: str = "KZ", party: UUID | None = None) -> Funding:
    """Money of a payment (of another party that pays for vouchers), as if it had come to the trust account."""
    payer = party or uuid7()
    issuer_id = session.get_one(Programme, programme_id).issuer_id
    line = JournalLine("TB", account, cents, credit_party=payer)
    write(JournalDocument(uuid7(), payer, issuer_id, "test.paid"), [line])
    return Funding(account, payer)


def paid_out(programme_id: UUID, cents: int, payment_id: UUID) -> None:
    """Money of a payment goes back to who had paid it."""
    issuer_id = session.get_one(Programme, programme_id).issuer_id
    line = JournalLine("KZ", "TB", cents, debit_party=payment_id)
    write(JournalDocument(uuid7(), payment_id, issuer_id, "test.paid"), [line])


def voucher(programme_id: UUID, cents: int = 100_00, *, origin_id: UUID | None = None, **values: object) -> Issued:
    """A voucher out of a payment that has come in for it; the payment is its origin too."""
    funding = paid_in(programme_id, cents, party=origin_id)
    return issuing.issue(
        programme_id,
        cents,
        terms=issuing.LotTerms(origin_id=funding.party, **values),
        funding=funding,
        actor_id=uuid7(),
        key=str(uuid4()),
    )


def scene(cents: int = 100_00) -> tuple[Programme, Shop, Issued]:
    """A programme, a shop that accepts it, and a voucher; committed."""
    made = programme()
    shop = accepting_shop(made.id)
    given = voucher(made.id, cents)
    session.commit()
    return made, shop, given


def load(programme_id: UUID, voucher_id: UUID, cents: int, *, kind: str, origin_id: UUID, days: int) -> None:
    """One more lot on a voucher, out of a campaign's budget that is filled for it."""
    funding = paid_in(programme_id, cents, "CB", origin_id)
    issuing.load(
        voucher_id,
        cents,
        terms=issuing.LotTerms(kind=kind, origin_id=origin_id, ends_on=today() + timedelta(days=days)),
        funding=funding,
        actor_id=origin_id,
        key=str(uuid4()),
    )
    session.commit()
