"""Connected accounts of the sellers, and the link to the form where they introduce themselves."""

from typing import Any

from stripe import params as shapes_of

from . import ids
from .errors import invalid
from .events import emit
from .listing import select
from .routes import Call, find, merge_metadata, route
from .shapes import blank, example
from .state import Work

Json = dict[str, Any]
_DUE = ["business_profile.url", "external_account", "tos_acceptance.date", "tos_acceptance.ip"]
_LINK_LASTS = 300


@route(
    "POST",
    "/v1/accounts",
    shapes_of.AccountCreateParams,
    refuse=("account_token", "groups", "documents"),
)
def create(call: Call) -> Json:
    """A new account can do nothing yet: its owner has to introduce themselves first."""
    work, given = call.work, call.params
    kind = given.get("type", "none" if "controller" in given else "standard")
    account_id = f"acct_{ids.symbols(16)}"
    account = blank(
        "account",
        id=account_id,
        business_profile={**dict.fromkeys(example("account", "business_profile")), **given.get("business_profile", {})},
        business_type=given.get("business_type"),
        capabilities=dict.fromkeys(_wished(given, kind), "inactive"),
        charges_enabled=False,
        controller={"is_controller": True, "type": "application", **(given.get("controller") or {})},
        country=given.get("country", "DE"),
        created=work.now,
        default_currency=given.get("default_currency", "eur"),
        details_submitted=False,
        email=given.get("email"),
        external_accounts={
            "data": [],
            "has_more": False,
            "object": "list",
            "total_count": 0,
            "url": f"/v1/accounts/{account_id}/external_accounts",
        },
        future_requirements=example("account", "future_requirements"),
        payouts_enabled=False,
        requirements=_requirements(done=False),
        settings=example("account", "settings"),
        tos_acceptance=example("account", "tos_acceptance"),
        type=kind,
        _account=None,
    )
    merge_metadata(account, given.get("metadata"))
    return work.add(account)


def _wished(given: Json, kind: str) -> list[str]:
    wished = [name for name, wish in (given.get("capabilities") or {}).items() if wish.get("requested")]
    return wished or (["card_payments", "transfers"] if kind == "standard" else [])


def _requirements(done: bool) -> Json:
    empty: Json = {
        **example("account", "requirements"),
        "currently_due": [],
        "eventually_due": [],
        "past_due": [],
        "disabled_reason": None,
    }
    if not done:
        empty.update(
            currently_due=list(_DUE),
            eventually_due=list(_DUE),
            past_due=list(_DUE),
            disabled_reason="requirements.past_due",
        )
    return empty


def activate(work: Work, account_id: str) -> Json:
    """The owner has filled in the form: the account can be paid and pays out."""
    account = find(work, "account", account_id)
    account.update(
        capabilities=dict.fromkeys(account["capabilities"] or ["transfers"], "active"),
        charges_enabled="card_payments" in account["capabilities"],
        payouts_enabled=True,
        details_submitted=True,
        requirements=_requirements(done=True),
    )
    account["tos_acceptance"]["date"] = work.now
    emit(work, "account.updated", account)
    return account


@route("GET", "/v1/accounts/{}", shapes_of.AccountRetrieveParams)
def retrieve(call: Call) -> Json:
    return find(call.work, "account", call.ids[0], "account")


@route("GET", "/v1/accounts", shapes_of.AccountListParams)
def listed(call: Call) -> Json:
    return select(call.work, "account", call.params, call.url)


@route("POST", "/v1/accounts/{}", shapes_of.AccountUpdateParams, refuse=("account_token", "groups", "documents"))
def update(call: Call) -> Json:
    account = find(call.work, "account", call.ids[0], "account")
    for name in ("email", "business_type", "default_currency"):
        if name in call.params:
            account[name] = call.params[name]
    account["business_profile"].update(call.params.get("business_profile") or {})
    ready = "active" if account["details_submitted"] else "inactive"
    for name, wish in (call.params.get("capabilities") or {}).items():
        if wish.get("requested"):
            account["capabilities"].setdefault(name, ready)
    merge_metadata(account, call.params.get("metadata"))
    emit(call.work, "account.updated", account)
    return account


@route("POST", "/v1/account_links", shapes_of.AccountLinkCreateParams)
def link(call: Call) -> Json:
    """Refuses without `return_url` and `refresh_url`, as Stripe does for onboarding."""
    account = find(call.work, "account", call.params["account"], "account", status=400)
    for name in ("return_url", "refresh_url"):
        if not call.params.get(name):
            raise invalid(f"Missing required param: {name}.", name, "parameter_missing")
        if not call.params[name].startswith(("http://", "https://")):
            raise invalid("Not a valid URL", name, "url_invalid")
    account["_return_url"] = call.params["return_url"]
    return {
        "object": "account_link",
        "created": call.work.now,
        "expires_at": call.work.now + _LINK_LASTS,
        "url": f"{call.work.state.base}/connect/setup/{account['id']}",
    }


@route("POST", "/v1/accounts/{}/login_links", shapes_of.AccountLoginLinkCreateParams)
def login_link(call: Call) -> Json:
    account = find(call.work, "account", call.ids[0], "account")
    return {
        "object": "login_link",
        "created": call.work.now,
        "url": f"{call.work.state.base}/connect/setup/{account['id']}",
    }
