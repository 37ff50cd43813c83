"""Baskets, drafts, orders, pick-up points and people at desks for tests. Everything with fresh ids, committed."""

import secrets
from dataclasses import dataclass
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask.testing import FlaskClient

from foundation.database import session, transact
from foundation.models import OutgoingMail
from foundation.security import decrypt, keyed_hash
from marketplace.cart import contents
from marketplace.catalogue.models import Offer
from marketplace.checkout import placing, steps
from marketplace.checkout.draft import load_draft
from marketplace.checkout.options import list_options
from marketplace.checkout.placing import Placement
from marketplace.handover.models import CollectionRule, HandoverPoint
from marketplace.orders.models import Order, OrderGroup
from money.payments import starting
from money.payments.models import Payment
from people import persons
from people.models import Organisation, Outlet
from people.web.security import password_hash
from tests.builders.catalogue import COESFELD, a_shop, an_offer

PASSWORD = "ein langer Satz im Grünen"
HOURS = "Mo-Su 00:00-24:00"


def organisation(kind: str) -> Organisation:
    """A legal entity of a kind."""
    mark = secrets.token_hex(4)
    made = Organisation(
        slug=f"{kind}-{mark}",
        name=f"{kind} {mark}",
        legal_name=f"{kind} {mark} GmbH",
        kind=kind,
        street="Markt 1",
        postcode="48653",
        town="Coesfeld",
        email=f"{mark}@example.org",
        phone="02541 1",
    )
    session.add(made)
    session.commit()
    return made


def operator() -> None:
    """Somebody must run the marketplace."""
    if session.scalar(sa.select(Organisation.id).where(Organisation.kind == "operator").limit(1)) is None:
        organisation("operator")


def shop(*, capacity: int = 200, ready_hours: int = 0, **values: object) -> Outlet:
    """A shop that is always open and quick, so that windows never run out."""
    operator()
    made = a_shop(**({"opening_hours": "Mo-Su 08:00-20:00"} | values))  # type: ignore[arg-type]
    session.add(CollectionRule(outlet_id=made.id, ready_hours=ready_hours, capacity=capacity))
    session.commit()
    return made


def offer(outlet: Outlet, *, on_hand: int | None = 50, cents: int = 10_00, **values: object) -> Offer:
    """Something to buy there."""
    return an_offer(outlet.id, **({"on_hand": on_hand, "price_cents": cents} | values))


def point(*, capacity: int = 50, storage: tuple[str, ...] = ("ambient",)) -> HandoverPoint:
    """A pick-up point of an association of its own."""
    keeper = organisation("association")
    made = HandoverPoint(
        organisation_id=keeper.id,
        slug=f"punkt-{secrets.token_hex(4)}",
        name=f"Punkt {secrets.token_hex(3)}",
        kind="association",
        street="Kirchplatz 3",
        postcode="48301",
        ags=COESFELD,
        latitude=51.9,
        longitude=7.3,
        opening_hours="Mo-Su 08:00-20:00",
        phone="02502 1",
        storage_classes=list(storage),
        capacity=capacity,
    )
    session.add(made)
    session.commit()
    return made


def cart(*offers: Offer, quantity: int = 1, person_id: UUID | None = None) -> UUID:
    """A basket with these offers."""
    cart_id = transact(contents.create, person_id)
    for each in offers:
        transact(contents.add, cart_id, each.id, quantity)
    return cart_id


def first_window(checkout_id: UUID, *, at: UUID | None = None) -> dict[UUID, UUID | None]:
    """The first window of each shop; with `at`, at that place."""
    found: dict[UUID, UUID | None] = {}
    for part in load_draft(checkout_id).parts:
        choices = list_options(checkout_id, part.bag)
        wanted = at or part.bag.outlet.id
        found[part.bag.outlet.id] = next(w[0].id for place, w in choices if place.id == wanted)
    return found


def draft(cart_id: UUID, *, at: UUID | None = None, email: str = "anna@example.org") -> UUID:
    """A draft with windows and contact, ready to be placed."""
    checkout_id = transact(steps.begin, cart_id)
    chosen = first_window(checkout_id, at=at)
    transact(steps.choose, checkout_id, chosen=chosen, name="Anna Beispiel", email=email, phone="")
    return checkout_id


def place(
    checkout_id: UUID, *, method: str | None = "pickup", shown: int | None = None, key: UUID | None = None
) -> UUID:
    """Place the draft as its last page would; gives back the payment."""
    found = load_draft(checkout_id)
    placement = Placement(
        key=key or found.row.key,
        shown_cents=found.basket.cents if shown is None else shown,
        method=method,
        person_id=None,
        language="de",
    )
    return transact(placing.place, checkout_id, placement)


@dataclass(frozen=True)
class Ordered:
    """A group that is placed and secured, with its orders by number."""

    group: OrderGroup
    orders: list[Order]


def ordered(*offers: Offer, quantity: int = 1, at: UUID | None = None, email: str = "anna@example.org") -> Ordered:
    """Orders to be paid at pick-up; at a point they are paid otherwise, see `secured`."""
    payment_id = place(draft(cart(*offers, quantity=quantity), at=at, email=email))
    starting.start(payment_id)
    return of_payment(payment_id)


def of_payment(payment_id: UUID) -> Ordered:
    """The group of a payment as it is now."""
    ref = session.get_one(Payment, payment_id).ref_id
    group = session.get_one(OrderGroup, ref, populate_existing=True)
    query = sa.select(Order).where(Order.group_id == ref).order_by(Order.number)
    orders = list(session.scalars(query.execution_options(populate_existing=True)).unique())
    return Ordered(group, orders)


def staff(role: str, organisation_id: UUID) -> str:
    """A person who works there; gives the address to sign in with."""
    email = f"{uuid4().hex}@example.org"

    def make() -> None:
        person = persons.create(email=email, password_hash=password_hash(PASSWORD), confirmed=True)
        persons.join(person.id, organisation_id, role)

    transact(make)
    return email


def sign_in(client: FlaskClient, email: str) -> None:
    """Sign in by password."""
    assert client.post("/anmelden", data={"email": email, "password": PASSWORD}).status_code == 302


def mails_to(email: str) -> list[tuple[str, str]]:
    """Template and text of the mails that wait for an address, oldest first."""
    query = sa.select(OutgoingMail).where(OutgoingMail.recipient_hash == keyed_hash("mail", email.lower()))
    return [
        (mail.template, decrypt(mail.message).decode(errors="replace") if mail.message else "")
        for mail in session.scalars(query.order_by(OutgoingMail.created_at, OutgoingMail.id))
    ]
