"""What a pass says, the same for both wallets. No balance: it would be stale after the first redemption.

Decision 0316.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from foundation.languages import _
from vouchers.network import programmes
from vouchers.passes import errors
from vouchers.purchases import links, queries
from vouchers.purchases.states import DEFAULT_DESIGN, DESIGNS
from vouchers.stored_value import holder_view
from vouchers.stored_value.models import Programme
from vouchers.stored_value.states import SPENDABLE


@dataclass(frozen=True)
class PassContents:
    """A voucher as a pass shows it. `address` is its QR code and the way to its balance: it holds the token."""

    voucher_id: UUID
    programme: Programme
    address: str
    last4: str
    design: str
    ends_on: date


def load_contents(presented: str) -> PassContents:
    """Load the pass of the voucher whose token or QR address was shown.

    The token is stored nowhere, so a pass can only be made for who has it. Refuses (`NotFound`) everything else, a
    typed code with its PIN too, and (`Refused`) what cannot be spent (any more).
    """
    view = holder_view.view_by_code_and_pin(presented, "")
    if view.token is None:
        raise errors.token_missing()
    if view.state not in SPENDABLE:
        raise errors.not_spendable(view)
    design = queries.find_design(view.voucher_id) or view.programme.design
    return PassContents(
        voucher_id=view.voucher_id,
        programme=view.programme,
        address=links.build_voucher_url(view.token),
        last4=view.last4,
        design=design if design in DESIGNS else DEFAULT_DESIGN,
        ends_on=queries.load_last_redeemable_day(view.voucher_id),
    )


def list_texts(programme: Programme) -> dict[str, str]:
    """List the texts of a pass in the language of the moment."""
    return {
        "kind": _("Gutschein"),
        "until": _("Einlösbar bis"),
        "issuer": _("Herausgeber"),
        "balance": _("Guthaben und Verlauf"),
        "balance_text": _("Das aktuelle Guthaben steht immer auf dieser Seite:"),
        "parts": _("Teilbeträge"),
        "parts_text": _("In Teilbeträgen einlösbar. Der Rest bleibt auf dem Gutschein."),
        "where": _("Wo er gilt"),
        "where_text": programmes.describe_reach(programme),
        "keep": _("Wie Bargeld"),
        "keep_text": _("Wer diesen Code zeigt, kann ihn einlösen. Geben Sie ihn nur weiter, wenn Sie ihn verschenken."),
    }
