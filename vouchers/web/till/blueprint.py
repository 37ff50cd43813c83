"""Who stands at the till: the device by its cookie, the person by a PIN that lasts ten minutes without a touch."""

from dataclasses import dataclass
from uuid import UUID

from flask import Response, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from foundation import links
from foundation.config import settings
from foundation.errors import NotAllowed, NotFound, NotSignedIn
from foundation.wiring import audience
from people.web.guards import allow_anyone
from vouchers.practice import setup
from vouchers.tills import devices, staff
from vouchers.tills.models import Till, TillStaff
from vouchers.tills.states import StaffRole
from vouchers.web.till import errors

COOKIE, STAFF_COOKIE, PATH = "till", "till_staff", "/kasse"
HOUSE_ICONS, OWN_ICONS = "vendor/lucide-1.62.0/icons.svg", "vouchers/till-icons.svg"
DEVICE_SECONDS = 400 * 86400
STAFF_SECONDS = 10 * 60


@dataclass(frozen=True)
class TillSession:
    """The device of this request, who unlocked it, and whether it practises."""

    bearer: str
    till: Till
    staff: TillStaff | None
    practice: bool

    @property
    def leads(self) -> bool:
        """Whether the person leads this shop's tills."""
        return self.staff is not None and self.staff.role == StaffRole.LEAD


def load_session() -> TillSession | None:
    """Load what the cookies say; nothing when this device is no till."""
    bearer = request.cookies.get(COOKIE, "")
    till = devices.find_till(bearer) if 8 <= len(bearer) <= 200 else None
    return TillSession(bearer, till, _staff(till), setup.is_in_practice(till.id)) if till else None


def _staff(till: Till) -> TillStaff | None:
    try:
        given = links.unsign("till-staff", request.cookies.get(STAFF_COOKIE, ""), STAFF_SECONDS)
    except NotFound:
        return None
    till_id, _colon, staff_id = given.partition(":")
    return staff.find_staff(UUID(staff_id), till.outlet_id) if till_id == str(till.id) else None


def require_till() -> None:
    """Let only enrolled devices enter. Refuses others (`NotSignedIn`)."""
    found = load_session()
    if found is None:
        raise errors.device_unknown()
    g.till_session = found


def require_unlocked_till() -> None:
    """Let in only enrolled devices that were unlocked with a PIN in the last ten minutes."""
    require_till()
    if g.till_session.staff is None:
        raise errors.till_locked()


def require_lead(refusal: NotAllowed) -> None:
    """Let only who leads this shop's tills pass; raise the refusal for everybody else."""
    if not g.till_session.leads:
        raise refusal


enrolment = audience("till_enrolment", __name__, guard=allow_anyone, url_prefix=PATH)
pin = audience("till_pin", __name__, guard=require_till, url_prefix=PATH)
till = audience("till", __name__, guard=require_unlocked_till, url_prefix=PATH)


def set_till_cookie(response: Response, name: str, value: str, seconds: int) -> None:
    """Set a cookie that only the till's pages get and no script reads."""
    response.set_cookie(
        name, value, max_age=seconds, path=PATH, httponly=True, secure=settings().secure_cookies, samesite="Lax"
    )


def unlock(response: Response, till_id: UUID, staff_id: UUID) -> None:
    """Let the person at the till go on for ten more minutes."""
    set_till_cookie(
        response, STAFF_COOKIE, links.sign("till-staff", f"{till_id}:{staff_id}", timed=True), STAFF_SECONDS
    )


@till.after_request
def keep_open(response: Response) -> Response:
    """Put the lock off, at every use of the till."""
    found = g.get("till_session")
    if found and found.staff:
        unlock(response, found.till.id, found.staff.id)
    return response


def use_till_icons(response: Response) -> Response:
    """The house's sheet of icons weighs more than a till page; the till has one with what it shows, and no more."""
    if response.mimetype == "text/html" and not response.direct_passthrough and b"on-till" in response.get_data():
        asset = current_app.jinja_env.globals["asset"]
        house, own = (asset(name).encode() for name in (HOUSE_ICONS, OWN_ICONS))  # type: ignore[operator]
        response.set_data(response.get_data().replace(house, own))
    return response


def redirect_to_unlock(error: NotSignedIn) -> Answer:
    """Strangers learn how a device becomes a till; a locked till asks for the PIN."""
    return redirect(url_for("till_pin.unlock" if error.code == "till_locked" else "till_enrolment.welcome"))


def _names() -> dict[str, object]:
    return {"till_session": g.get("till_session")}


for blueprint in (enrolment, pin, till):
    blueprint.register_error_handler(NotSignedIn, redirect_to_unlock)
    blueprint.context_processor(_names)
    blueprint.after_request(use_till_icons)
