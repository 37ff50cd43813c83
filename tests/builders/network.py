"""Clerks of an issuer, and a programme past its launch gate, as its people would have taken it there."""

import secrets
from uuid import UUID

from schwifty import IBAN

from people import persons
from vouchers.network import charter, gate, trust
from vouchers.stored_value.models import Programme

TERMS = "Der Gutschein gilt in allen Geschäften, die ihn annehmen. Bezahltes Guthaben gilt mindestens drei Jahre."


def iban() -> str:
    """An account number that fits its check digits, of nobody."""
    return str(IBAN.generate("DE", bank_code="37040044", account_code=str(secrets.randbelow(10**10)).zfill(10)))


def clerk(issuer_id: UUID, name: str = "Gerda") -> UUID:
    """Somebody who works for an issuer."""
    person = persons.create(email=f"{secrets.token_hex(8)}@example.org", name=name, confirmed=True)
    persons.join(person.id, issuer_id, "issuer_clerk")
    return person.id


def pass_gate(programme: Programme, *, supervision: str = "ok", on_sale: bool = True) -> tuple[UUID, UUID]:
    """Charter, bank, terms, VAT and the authority's position, recorded by two clerks, whom it gives back."""
    first, second = clerk(programme.issuer_id, "Gerda"), clerk(programme.issuer_id, "Hans")
    by_two = {"proposed_by": first, "approved_by": second, "reason": "Probe"}
    charter.enact(programme.id, charter.read_limits(programme), **by_two)  # type: ignore[arg-type]
    trust.enact(programme.issuer_id, iban=iban(), holder="Treuhand Probe", **by_two)  # type: ignore[arg-type]
    gate.record_terms(programme.id, kind="buyer", version="2026-1", text=TERMS, person_id=first)
    gate.record_vat(programme.id, reference="Schreiben der Steuerberatung vom 2. November 2026", person_id=first)
    gate.record_supervision(
        programme.id, position=supervision, reference="Schreiben der BaFin vom 3. November 2026", person_id=second
    )
    if on_sale:
        gate.launch(programme.id, person_id=second)
    return first, second
