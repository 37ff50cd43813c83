"""Card by Stripe's hosted page: authorised there, captured once everything else is certain."""

from foundation.languages import lazy
from money.methods.checkout import CheckoutMethod

MOMENT = lazy("Der Gutschein gilt sofort.")
METHOD = CheckoutMethod(
    key="card",
    label=lazy("Karte"),
    note=lazy("Kredit- oder Debitkarte, sicher auf der Seite von Stripe."),
    symbol="credit-card",
    origin="authorise",
)
