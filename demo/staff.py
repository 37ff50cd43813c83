"""Who can sign in to the demo, and which tills are enrolled."""

import secrets
from typing import Any

import sqlalchemy as sa

from foundation import clock
from foundation.database import session, uuid7
from people import persons
from people.models import Organisation, Outlet
from people.queries import find_person
from people.web.security import password_hash
from vouchers.tills.models import Till, TillToken
from vouchers.tills.states import TokenScope
from vouchers.tills.tokens import hash_bearer

NAME = "Demo-Kasse"
PEOPLE = (
    ("shopper", "Anna Ahlers", None),
    ("retailer_owner", "Berta Sandkuhle", "baeckerei-sandkuhle"),
    ("retailer_owner", "Clemens Lindner", "buchhandlung-lindenallee"),
    ("retailer_owner", "Doris Overbeck", "modehaus-overbeck"),
    ("retailer_clerk", "Emil Darup", "dorfladen-darup"),
    ("point_keeper", "Frieda Leser", "buecherei-nottuln"),
    ("issuer_clerk", "Gerd Gutmann", "muensterland"),
    ("issuer_clerk", "Hanna Zweit", "muensterland"),
    ("issuer_clerk", "Karin Stadtmann", "stadtgutschein"),
    ("issuer_clerk", "Lars Baumberg", "stadtgutschein"),
    ("counter_clerk", "Klara Schalter", "verkaufsstelle-coe1"),
    ("auditor", "Ida Prüfer", "muensterland"),
    ("operator", "Jan Betrieb", "betrieb"),
)


def people(password: str) -> list[dict[str, str]]:
    """One person a role and more, all with the demo's password; made once, the password is set anew."""
    hashed = password_hash(password)
    made = []
    for role, name, place in PEOPLE:
        email = f"{name.split()[0].lower()}.{role.replace('_', '-')}@demo.example.org"
        person = find_person(email) or persons.create(email=email, name=name, confirmed=True)
        person.password = hashed
        if place:
            where = session.scalars(sa.select(Organisation).where(Organisation.slug == place)).one()
            persons.join(person.id, where.id, role)
        made.append({"role": role, "email": email, "password": password, "name": name, "organisation": place or ""})
    session.flush()
    return made


def tills() -> list[dict[str, Any]]:
    """A till for every shop, with a new bearer token; earlier ones of the demo stop working."""
    session.execute(sa.update(Till).where(Till.name == NAME, Till.revoked_at.is_(None)).values(revoked_at=clock.now()))
    made = []
    for outlet in session.scalars(sa.select(Outlet).order_by(Outlet.slug)).unique():
        token = secrets.token_urlsafe(32)
        till = Till(id=uuid7(), outlet_id=outlet.id, name=NAME)
        session.add(till)
        session.flush()
        session.add(TillToken(hash=hash_bearer(token), till_id=till.id, name=NAME, scopes=list(TokenScope)))
        made.append({"shop": outlet.slug, "town": outlet.municipality.name, "token": token})
    session.flush()
    return made
