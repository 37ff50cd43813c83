"""SEPA direct debit by Stripe's hosted page: collected by the bank within days, certain only then."""

from foundation.languages import lazy
from money.methods.checkout import CheckoutMethod

METHOD = CheckoutMethod(
    key="sepa_debit",
    label=lazy("Lastschrift"),
    note=lazy("Vom Bankkonto. Der Einzug dauert einige Werktage; erst danach geht es weiter."),
    symbol="landmark",
    origin="collect",
)
