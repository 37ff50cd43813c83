"""The retailer's desk: servers that get messages of the tills, and the log of what they were sent."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Answer

from foundation.clock import now
from foundation.database import transact
from foundation.errors import DomainError
from foundation.languages import _, lazy
from foundation.security import limit
from foundation.wiring import audience
from people.web.guards import current_person, list_current_outlets, require_outlet, requires
from vouchers.partners import collecting, endpoints, queries, sending
from vouchers.partners import errors as partner_errors
from vouchers.partners.models import WebhookEndpoint
from vouchers.partners.states import WebhookEventKind
from vouchers.web.desk.forms import EndpointForm
from vouchers.web.fields import place, read_errors, read_refusal

PERMISSION = "tills.manage"
BY_HAND = "10 per minute; 100 per hour"  # our house knocks at no server as often as somebody likes
EVENTS = (
    (WebhookEventKind.REDEMPTION_CREATED, lazy("Einlösung")),
    (WebhookEventKind.REDEMPTION_VOIDED, lazy("Storno")),
    (WebhookEventKind.REDEMPTION_REFUNDED, lazy("Erstattung")),
    (WebhookEventKind.HOLD_CREATED, lazy("Reservierung")),
    (WebhookEventKind.HOLD_CAPTURED, lazy("Reservierung eingelöst")),
    (WebhookEventKind.HOLD_RELEASED, lazy("Reservierung aufgehoben")),
    (WebhookEventKind.TEST, lazy("Testnachricht")),
)
ERRORS = {
    "address_refused": lazy("Die Adresse führt nicht ins öffentliche Netz"),
    "name_unknown": lazy("Der Name der Adresse ist unbekannt"),
    "certificate_refused": lazy("Das Zertifikat des Servers ist ungültig"),
    "not_connected": lazy("Der Server nimmt keine Verbindung an"),
    "timeout": lazy("Der Server hat nicht innerhalb von 15 Sekunden geantwortet"),
    "broken_off": lazy("Die Verbindung brach ab"),
}

desk = audience("desk_webhooks", __name__, guard=requires(PERMISSION), url_prefix="/desk/kassensysteme/meldungen")


@desk.get("")
def webhooks(errors: dict[str, object] | None = None) -> str:
    """Show the servers of every shop of this retailer, and the form for another one."""
    shops = [(outlet, queries.list_endpoints(outlet.id)) for outlet in list_current_outlets(PERMISSION)]
    chosen = request.form.getlist("events") if errors else list(endpoints.CHOSEN_EVENTS[:3])
    return render_template(
        "vouchers/desk/webhooks/webhooks.html",
        shops=shops,
        errors=errors or {},
        values=request.form,
        chosen=chosen,
        events=EVENTS[:-1],
    )


@desk.post("")
def add() -> str | tuple[str, int]:
    """Add a server; its secret is shown once."""
    try:
        data = EndpointForm().load({**request.form.to_dict(), "events": request.form.getlist("events")})
    except ValidationError as error:
        return _refuse(read_errors(error))
    outlet, person = require_outlet(data["outlet"], PERMISSION), current_person()
    try:
        endpoint_id, secret = transact(
            endpoints.add,
            outlet.id,
            url=data["url"],
            events=data["events"],
            person_id=person.id if person else None,
        )
    except DomainError as error:
        return _refuse(read_refusal(error, {"form": "url"}))
    return _secret(endpoint_id, data["url"], secret)


@desk.post("/<uuid:endpoint_id>/geheimnis")
def rotate(endpoint_id: UUID) -> str:
    """Make a new secret, shown once; the old one stays valid for a day."""
    secret = transact(endpoints.rotate, endpoint_id, _mine())
    return _secret(endpoint_id, _endpoint(endpoint_id).url, secret, rotated=True)


def _refuse(errors: dict[str, object]) -> tuple[str, int]:
    """The page once more, with what was wrong at the fields of that shop's form."""
    outlet = request.form.get("outlet")
    return webhooks(place(errors, {"url": f"url-{outlet}", "events": f"events-{outlet}"})), 422


def _secret(endpoint_id: UUID, url: str, secret: str, rotated: bool = False) -> str:
    return render_template(
        "vouchers/desk/webhooks/secret.html", endpoint_id=endpoint_id, url=url, secret=secret, rotated=rotated
    )


@desk.get("/<uuid:endpoint_id>")
def log(endpoint_id: UUID) -> str:
    """Show what this server was sent, the newest first."""
    endpoint = _endpoint(endpoint_id)
    lines = queries.list_log(endpoint_id, before=_uuid(request.args.get("vor", "")))
    older = (
        url_for("desk_webhooks.log", endpoint_id=endpoint_id, vor=lines[-1].id)
        if len(lines) == queries.MAX_LINES_SHOWN
        else None
    )
    return render_template(
        "vouchers/desk/webhooks/log.html",
        endpoint=endpoint,
        lines=lines,
        older=older,
        events=dict(EVENTS),
        reasons=ERRORS,
    )


@desk.get("/<uuid:endpoint_id>/<uuid:delivery_id>")
def delivery(endpoint_id: UUID, delivery_id: UUID) -> str:
    """Show one message with every attempt to deliver it."""
    endpoint, found = _endpoint(endpoint_id), queries.load_delivery(delivery_id, endpoint_id)
    return render_template(
        "vouchers/desk/webhooks/delivery.html",
        endpoint=endpoint,
        delivery=found,
        attempts=queries.list_attempts(delivery_id),
        events=dict(EVENTS),
        reasons=ERRORS,
    )


@desk.post("/<uuid:endpoint_id>/<uuid:delivery_id>/noch-einmal")
@limit(BY_HAND)
def again(endpoint_id: UUID, delivery_id: UUID) -> Answer:
    """Send a message once more, whether or not it arrived before."""
    transact(lambda: sending.send_again(delivery_id, endpoints.lock_endpoint(endpoint_id, _mine())))
    flash(_("Die Meldung geht gleich noch einmal hinaus."), "ok")
    return redirect(url_for("desk_webhooks.delivery", endpoint_id=endpoint_id, delivery_id=delivery_id), 303)


@desk.post("/<uuid:endpoint_id>/test")
@limit(BY_HAND)
def test(endpoint_id: UUID) -> Answer:
    """Send a test message, which stands for no operation."""
    endpoint = _endpoint(endpoint_id)
    body = collecting.compose_body(
        WebhookEventKind.TEST, now(), {"outlet_id": str(endpoint.outlet_id), "text": "Testnachricht"}
    )
    transact(collecting.write_message, endpoint.outlet_id, WebhookEventKind.TEST, body, endpoint_id=endpoint_id)
    flash(_("Die Testnachricht ist unterwegs. Laden Sie die Seite gleich neu."), "ok")
    return redirect(url_for("desk_webhooks.log", endpoint_id=endpoint_id), 303)


@desk.post("/<uuid:endpoint_id>/pause")
def pause(endpoint_id: UUID) -> Answer:
    """Send nothing to this server until it is resumed."""
    transact(endpoints.pause, endpoint_id, _mine())
    flash(_("Wir senden nichts mehr an diese Adresse. Neue Meldungen warten."), "ok")
    return redirect(url_for("desk_webhooks.log", endpoint_id=endpoint_id), 303)


@desk.post("/<uuid:endpoint_id>/weiter")
def resume(endpoint_id: UUID) -> Answer:
    """Send to this server again, also what waited meanwhile."""
    transact(endpoints.resume, endpoint_id, _mine())
    transact(sending.send_soon, endpoint_id)
    flash(_("Wir senden wieder, zuerst, was gewartet hat."), "ok")
    return redirect(url_for("desk_webhooks.log", endpoint_id=endpoint_id), 303)


@desk.post("/<uuid:endpoint_id>/entfernen")
def remove(endpoint_id: UUID) -> Answer:
    """Remove a server, which gets no message any more."""
    transact(endpoints.remove, endpoint_id, _mine())
    flash(_("Die Adresse ist entfernt."), "ok")
    return redirect(url_for("desk_webhooks.webhooks"), 303)


def _mine() -> list[UUID]:
    return [outlet.id for outlet in list_current_outlets(PERMISSION)]


def _endpoint(endpoint_id: UUID) -> WebhookEndpoint:
    for outlet_id in _mine():
        for endpoint in queries.list_endpoints(outlet_id):
            if endpoint.id == endpoint_id:
                return endpoint
    raise partner_errors.endpoint_unknown()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
