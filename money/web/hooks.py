"""Where providers knock: verify the very bytes, store once, answer. Reading comes later, in a job."""

from flask import Blueprint, Response, jsonify, request

from foundation.database import transact
from foundation.errors import Invalid
from foundation.http import problem
from foundation.languages import _
from foundation.security import csrf
from foundation.wiring import audience
from money.payments import messages
from money.stripe import errors, gateway
from people.web.guards import allow_anyone

pages: Blueprint = audience("hooks", __name__, guard=allow_anyone, url_prefix="/hooks")
csrf.exempt(pages)  # the signature is the proof, and a provider has no page of ours

MAX_MESSAGE_BYTES = 512 * 1024


@pages.post("/stripe")
def stripe() -> Response:
    """Keep a message of Stripe's. Refuses (400), storing nothing, what Stripe did not sign within five minutes."""
    body = request.get_data(cache=False)
    try:
        if len(body) > MAX_MESSAGE_BYTES:
            raise errors.signature_not_valid()
        event = gateway.verify_message(body, request.headers.get("Stripe-Signature", ""))
    except Invalid as error:
        return problem(400, error.code, _("Diese Nachricht trägt keine gültige Unterschrift."))
    new = transact(messages.store_message, event, body)
    return jsonify(received=True, new=new)
