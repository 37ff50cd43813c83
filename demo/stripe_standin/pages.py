"""The hosted pages: pay, confirm at the bank, introduce a shop. They work without script."""

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from . import accounts, control, methods, sessions
from .cards import CARDS, IBANS, Card, Iban
from .errors import StripeError
from .shapes import public
from .state import State, Work
from .wording import TEXTS, money, sentence

Json = dict[str, Any]
pages = Blueprint("pages", __name__)
_LONGEST = 200
_MERCHANT = "Testhändler"


def _state() -> State:
    state: State = current_app.config["STANDIN_STATE"]
    return state


def _language(locale: str | None = None) -> str:
    """What the reader chose, else what the merchant asked for, else the browser, else German."""
    chosen = request.values.get("lang")
    if chosen in TEXTS:
        return chosen
    if locale and locale[:2] in TEXTS:
        return locale[:2]
    return request.accept_languages.best_match(["de", "en"], "de") or "de"


def show(
    template: str, language: str, status: int = 200, targets: tuple[str | None, ...] = (), **data: Any
) -> Response:
    """A page under a policy without scripts. `targets`: where its forms may end after a redirect."""
    # Browsers apply form-action to the redirect that follows a form, too.
    places = [urlsplit(target) for target in targets if target]
    origins = {"'self'", *(f"{place.scheme}://{place.netloc}" for place in places)}
    other = "en" if language == "de" else "de"
    page = render_template(
        template, t=TEXTS[language], lang=language, other=other, money=lambda cents: money(cents, language), **data
    )
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {' '.join(sorted(origins))}"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@pages.get("/")
def home() -> Response:
    return show("home.html", _language())


@pages.get("/mandate")
def mandate() -> Response:
    return show("mandate.html", _language())


@pages.get("/c/pay/<session_id>")
def pay(session_id: str) -> Response:
    with _state().work() as work:
        session = _session(work, session_id)
        if session is None:
            return _unknown()
        if request.args.get("test") in CARDS:
            values = {
                "number": CARDS[request.args["test"]].spaced,
                "expiry": "12/40",
                "cvc": "123",
                "name": "Test Person",
            }
        elif request.args.get("test") in IBANS:
            values = {"iban": IBANS[request.args["test"]].spaced, "name": "Test Person"}
        else:
            values = {}
        return _pay_page(session, values, {}, _failure_before(work, session))


@pages.post("/c/pay/<session_id>")
def pay_now(session_id: str) -> BaseResponse:
    """A refusal shows the page again with Stripe's message; success leads back to the merchant."""
    values = {name: value.strip()[:_LONGEST] for name, value in request.form.items()}
    with _state().work() as work:
        session = _session(work, session_id)
        if session is None:
            return _unknown()
        if session["status"] == "complete":  # a double click
            return redirect(_success(session), 303)
        if session["status"] != "open":
            return _pay_page(session, values, {}, None)
        language = _language(session["locale"])
        wrong = _missing(session, values, language)
        if wrong:
            return _pay_page(session, values, wrong, None, 422)
        try:
            intent = sessions.pay(work, session, _method(work, session, values), values.get("email"))
        except StripeError as error:
            shown = public(session), sentence(error, language)
            if not error.keep:
                work.rollback()
            return _pay_page(*shown[:1], values, {}, shown[1], 402)
        if intent["status"] == "requires_action":
            return redirect(f"/3ds/{intent['id']}?lang={language}", 303)
        return redirect(_success(session), 303)


def _session(work: Work, session_id: str) -> Json | None:
    try:
        return sessions.open_session(work, session_id)
    except StripeError:
        return None


def _success(session: Json) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _unknown() -> Response:
    language = _language()
    text = TEXTS[language]
    return show("notice.html", language, 404, title=text["unknown_title"], text=text["unknown"], back=None)


def _failure_before(work: Work, session: Json) -> str | None:
    """Back from the bank without its consent: say why."""
    intent = work.get(session["payment_intent"])
    if not intent or not intent["last_payment_error"]:
        return None
    error = intent["last_payment_error"]
    told = StripeError(error["message"], code=error.get("code"), decline_code=error.get("decline_code"))
    return sentence(told, _language(session["locale"]))


def _pay_page(
    session: Json, values: dict[str, str], wrong: dict[str, str], failure: str | None, status: int = 200
) -> Response:
    language = _language(session["locale"])
    text = TEXTS[language]
    if session["status"] == "expired":
        return show(
            "notice.html", language, 410, title=text["expired_title"], text=text["expired"], back=session["cancel_url"]
        )
    if session["status"] == "complete":
        return show("notice.html", language, title=text["done_title"], text=text["done"], back=_success(session))
    kinds = session["payment_method_types"]
    chosen = request.values.get("method")
    return show(
        "pay.html",
        language,
        status,
        targets=(session["success_url"], session["cancel_url"]),
        session=session,
        merchant=_merchant(session),
        items=session.get("_items") or _state().objects[session["id"]]["_items"],
        kinds=kinds,
        chosen=chosen if chosen in kinds else kinds[0],
        values=values,
        wrong=wrong,
        failure=failure,
        cards=[card for card in CARDS.values() if card.listed],
        ibans=[iban for iban in IBANS.values() if iban.number != "DE18370400440532013002"],
        does=_does(language),
    )


def _does(language: str) -> Any:
    def text(entry: Card | Iban) -> str:
        return entry.does if language == "de" else entry.english

    return text


def _merchant(session: Json) -> str:
    """The shop's name where the merchant told it, else its host."""
    account = _state().objects.get(session.get("_account") or "")
    name = account and account["business_profile"].get("name")
    return str(name or _state().options.merchant or urlsplit(session["success_url"]).netloc or _MERCHANT)


def _missing(session: Json, values: dict[str, str], language: str) -> dict[str, str]:
    text = TEXTS[language]
    card = values.get("method", session["payment_method_types"][0]) == "card"
    needed = ["number", "expiry", "cvc", "name"] if card else ["iban", "name"]
    if not session["customer_email"]:
        needed.append("email")
    wrong = {name: text["missing"] for name in needed if not values.get(name)}
    if card and "expiry" not in wrong and not _expiry(values["expiry"]):
        wrong["expiry"] = text["expiry_wrong"]
    if "email" in needed and "email" not in wrong and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", values["email"]):
        wrong["email"] = text["email_wrong"]
    if not card and values.get("mandate") != "yes":
        wrong["mandate"] = text["mandate_missing"]
    return wrong


def _expiry(text: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"(\d{1,2})\s*[/.\- ]?\s*(\d{2}|\d{4})", text)
    return (int(match[1]), int(match[2])) if match else None


def _method(work: Work, session: Json, values: dict[str, str]) -> Json:
    details = {"name": values["name"], "email": session["customer_email"] or values.get("email")}
    kind = values.get("method", session["payment_method_types"][0])
    if kind not in session["payment_method_types"]:
        raise StripeError("This payment method is not available.", param="method")
    if kind == "sepa_debit":
        return methods.debit_method(work, values["iban"], details)
    month, year = _expiry(values["expiry"]) or (0, 0)
    return methods.card_method(work, values["number"], month, year, values["cvc"], details)


@pages.get("/3ds/<intent_id>")
def bank(intent_id: str) -> Response:
    with _state().work() as work:
        intent = work.get(intent_id)
        if not intent or intent["object"] != "payment_intent" or intent["status"] != "requires_action":
            language = _language()
            text = TEXTS[language]
            return show("notice.html", language, 404, title=text["bank_over_title"], text=text["done"], back=None)
        session = work.get(intent["_session"])
        language = _language(session["locale"] if session else None)
        targets = (session["success_url"], session["cancel_url"]) if session else (_return_url(intent),)
        return show("bank.html", language, targets=targets, intent=intent)


@pages.post("/3ds/<intent_id>")
def bank_answer(intent_id: str) -> BaseResponse:
    """Consent leads to the merchant; a refusal leads back to the pay page, which says why."""
    with _state().work() as work:
        intent = work.get(intent_id)
        if not intent or intent["object"] != "payment_intent" or intent["status"] != "requires_action":
            return redirect(f"/3ds/{intent_id}", 303)
        language = _language()
        session = work.get(intent["_session"])
        back = _return_url(intent)
        try:
            control.authenticate(work, intent_id, request.form.get("answer") == "yes")
        except StripeError:
            if session:
                return redirect(f"/c/pay/{session['id']}?lang={language}", 303)
            return redirect(_with_result(back, intent, "failed"), 303)
        if session:
            return redirect(_success(session), 303)
        return redirect(_with_result(back, intent, "succeeded"), 303)


def _return_url(intent: Json) -> str | None:
    step = (intent["next_action"] or {}).get("redirect_to_url") or {}
    found: str | None = step.get("return_url")
    return found


def _with_result(back: str | None, intent: Json, status: str) -> str:
    if not back:
        return "/"
    join = "&" if "?" in back else "?"
    secret = intent["client_secret"]
    return f"{back}{join}payment_intent={intent['id']}&payment_intent_client_secret={secret}&redirect_status={status}"


@pages.get("/connect/setup/<account_id>")
def setup(account_id: str) -> Response:
    with _state().work() as work:
        account = work.get(account_id)
        if not account or account["object"] != "account":
            return _unknown()
        back = account.get("_return_url")
        return show("setup.html", _language(), targets=(back,), account=account, back=back)


@pages.post("/connect/setup/<account_id>")
def setup_done(account_id: str) -> BaseResponse:
    with _state().work() as work:
        account = work.get(account_id)
        if not account or account["object"] != "account":
            return _unknown()
        accounts.activate(work, account_id)
        return redirect(account.get("_return_url") or f"/connect/setup/{account_id}", 303)
