"""SEPA direct debit by Stripe's hosted page: collected by the bank within days, certain only then."""

from foundation.languages import lazy
from money.methods.checkout import CheckoutMethod

MOMENT = lazy("Der Gutschein gilt, sobald die Bank eingezogen hat: meist nach drei bis sechs Werktagen.")
METHOD = CheckoutMethod(
    key="sepa_debit",
    label=lazy("Lastschrift"),
    note=lazy("Vom Bankkonto. Der Einzug dauert einige Werktage; erst danach geht es weiter."),
    symbol="landmark",
    origin="collect",
)
