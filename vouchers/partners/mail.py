"""The mail to a shop whose server cannot be reached."""

from foundation import mail
from foundation.languages import _, force_locale
from foundation.links import absolute_url
from vouchers.partners.models import WebhookEndpoint


def send_disabled(endpoint: WebhookEndpoint) -> None:
    """Write to the shop that nothing is sent to its server any more; what happens meanwhile is kept for it."""
    with force_locale("de"):
        subject = _("Ihr Server nimmt unsere Meldungen nicht mehr an")
    mail.send(
        to=endpoint.outlet.email,
        template="vouchers/webhook_disabled",
        subject=subject,
        shop=endpoint.outlet.name,
        url=endpoint.url,
        link=absolute_url("desk_webhooks.webhooks"),
    )
