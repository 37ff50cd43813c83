"""The list of events over the API: what an application reads when it missed webhooks."""

import fnmatch
from typing import Any

from stripe import params as shapes_of

from .listing import filtered, page
from .routes import Call, find, route

Json = dict[str, Any]


@route("GET", "/v1/events/{}", shapes_of.EventRetrieveParams)
def retrieve(call: Call) -> Json:
    return find(call.work, "event", call.ids[0])


@route("GET", "/v1/events", shapes_of.EventListParams)
def listed(call: Call) -> Json:
    """`delivery_success=false`: events that are still waiting or that nobody took."""
    wishes = dict(call.params)
    delivered = wishes.pop("delivery_success", None)
    kind, kinds = wishes.pop("type", None), wishes.pop("types", None)
    found = [
        event
        for event in call.work.all("event")
        if event["_account"] == call.account
        and (delivered is None or event["_delivered"] is delivered)
        and (kind is None or fnmatch.fnmatchcase(event["type"], kind))
        and (kinds is None or event["type"] in kinds)
    ]
    return page(filtered(reversed(found), wishes), wishes, call.url)
