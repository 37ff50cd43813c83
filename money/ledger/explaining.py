"""Every posting explains itself in one sentence. Packages add a template for each kind of document they post."""

from collections.abc import Callable
from uuid import UUID

from foundation.languages import _, show_date
from money.amount import euro
from money.ledger.models import Entry
from money.ledger.plan import ACCOUNTS

Naming = Callable[[UUID], str | None]

_templates: dict[str, object] = {}
_namings: dict[str, Naming] = {}


def add(kind: str, template: object) -> None:
    """Add the sentence of a kind, as a `lazy` text with the places {amount}, {debit}, {credit}, {debit_party},
    {credit_party} and {day}. The same kind again replaces it."""
    _templates[kind] = template


def name_parties(kind: str, naming: Naming) -> None:
    """Say how parties of a kind (see `plan`: voucher, outlet, payment, organisation …) are called in sentences."""
    _namings[kind] = naming


def explain(entry: Entry) -> str:
    """Explain an entry in one sentence, in the reader's language. A party without a name goes by its short number."""
    template = _templates.get(entry.kind)
    if template is None:
        template = _("{amount} von {credit} nach {debit}")
    sentence = str(template).format_map(_places(entry))
    if entry.reverses:
        sentence = _("Rückbuchung: %(sentence)s", sentence=sentence)
    return _("%(day)s: %(sentence)s.", day=show_date(entry.booked_on), sentence=sentence.rstrip("."))


def name_account(key: str) -> str:
    """Name an account in the reader's language."""
    return str(ACCOUNTS[key].name) if key in ACCOUNTS else key


def _places(entry: Entry) -> dict[str, str]:
    return {
        "amount": euro(entry.cents),
        "debit": name_account(entry.debit_account),
        "credit": name_account(entry.credit_account),
        "debit_party": _party(entry.debit_account, entry.debit_party),
        "credit_party": _party(entry.credit_account, entry.credit_party),
        "day": show_date(entry.booked_on),
    }


def _party(account: str, party: UUID | None) -> str:
    if party is None:
        return ""
    naming = _namings.get(ACCOUNTS[account].party or "") if account in ACCOUNTS else None
    return (naming(party) if naming else None) or f"…{party.hex[-6:]}"
