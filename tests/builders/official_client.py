"""For tests of the Stripe stand-in: the official client, and an application that only listens."""

import threading
from typing import Any

import stripe

from demo.stripe_standin.testing import Running

SECRET = "whsec_for_tests"


class Listener:
    """What an application sees: events whose signature holds. `status` is what it answers."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.status = 200
        self._lock = threading.Lock()

    def __call__(self, body: bytes, headers: dict[str, str]) -> int:
        event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)
        with self._lock:
            self.events.append(event)
        return self.status

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


class Shop:
    """The official client against the stand-in, with the calls that most tests begin with."""

    def __init__(self, standin: Running, listener: Listener) -> None:
        self.standin = standin
        self.listener = listener
        self.client = connect(standin.base)
        self.v1 = self.client.v1

    def session(self, cents: int = 5000, *, manual: bool = True, **more: Any) -> Any:
        options = {"card": {"capture_method": "manual"}} if manual else {}
        return self.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "success_url": "http://shop.test/danke?s={CHECKOUT_SESSION_ID}",
                "cancel_url": "http://shop.test/korb",
                "customer_email": "kundin@example.org",
                "line_items": [
                    {
                        "price_data": {
                            "currency": "eur",
                            "unit_amount": cents,
                            "product_data": {"name": "Gutschein"},
                        },
                        "quantity": 1,
                    }
                ],
                "payment_method_options": options,
                **more,
            }
        )

    def paid(self, cents: int = 5000, card: str = "pm_card_visa", **more: Any) -> Any:
        """A payment intent with captured money."""
        return self.v1.payment_intents.create(
            {
                "amount": cents,
                "currency": "eur",
                "payment_method": card,
                "confirm": True,
                "expand": ["latest_charge.balance_transaction"],
                **more,
            }
        )

    def authorised(self, cents: int = 5000, card: str = "pm_card_visa") -> Any:
        return self.paid(cents, card, capture_method="manual")

    def debited(self, iban: str, cents: int = 5000) -> Any:
        return self.v1.payment_intents.create(
            {
                "amount": cents,
                "currency": "eur",
                "payment_method_data": {
                    "type": "sepa_debit",
                    "sepa_debit": {"iban": iban},
                    "billing_details": {"name": "Test Person", "email": "test@example.org"},
                },
                "confirm": True,
                "expand": ["latest_charge"],
            }
        )

    def intent(self, intent_id: str) -> Any:
        return self.v1.payment_intents.retrieve(intent_id, {"expand": ["latest_charge.balance_transaction"]})

    def account(self, *, active: bool = True) -> str:
        made = self.v1.accounts.create(
            {"country": "DE", "type": "express", "capabilities": {"transfers": {"requested": True}}}
        )
        if active:
            self.standin.activate(made.id)
        return str(made.id)

    def heard(self) -> list[str]:
        """Delivers what waits, and says which events the application saw so far."""
        self.standin.flush()
        return self.listener.types


def connect(base: str) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_x", base_addresses={"api": base}, max_network_retries=0)
