"""What a holder's own telephone is given, to show balances and rotating codes without a network. Decision 0312."""

from typing import Any
from uuid import UUID

from foundation import audit, clock
from foundation.security import decrypt, keyed_hash
from vouchers.stored_value.states import VoucherState
from vouchers.wallet import queries, rotating_code, shop_finder
from vouchers.wallet.queries import ItemView


def identify_owner(person_id: UUID) -> str:
    """Make a pseudonym for the owner of a device's data: always the same for one person, without telling who it is."""
    return keyed_hash("wallet device", str(person_id)).hex()[:24]


def build_snapshot(person_id: UUID) -> dict[str, Any]:
    """Build balances as they are now, and each programme's shops; no secrets. `now` corrects the device's clock."""
    kept = [k for k in queries.list_items(person_id) if not k.item.hidden]
    programmes = {k.view.programme.id: k.view.programme for k in kept}
    return {
        "owner": identify_owner(person_id),
        "now": int(clock.now().timestamp() * 1000),
        "items": [_build_item(k) for k in kept],
        "lists": [shop_finder.export_list(programme) for programme in programmes.values()],
    }


def export_secrets(person_id: UUID) -> dict[str, Any]:
    """Export the secrets of the rotating codes to a device whose owner asked for it. The vouchers' tokens stay here."""
    kept = [k for k in queries.list_items(person_id) if not k.item.hidden and k.item.totp]
    audit.record("wallet.device", "person", person_id, items=len(kept))
    return {
        "owner": identify_owner(person_id),
        "step": rotating_code.STEP_SECONDS,
        "digits": rotating_code.DIGITS,
        "secrets": [{"handle": k.item.handle, "totp": decrypt(k.item.totp or b"").decode()} for k in kept],
    }


def _build_item(item: ItemView) -> dict[str, Any]:
    return {
        "handle": item.item.handle,
        "name": item.name,
        "programme": item.view.programme.name,
        "slug": item.view.programme.slug,
        "design": item.design,
        "state": item.view.state,
        "sentence": "" if item.view.state == VoucherState.ACTIVE else item.view.sentence,
        "cents": item.view.balance_cents,
        "lots": [
            {"name": lot.name, "cents": lot.balance_cents, "end": lot.legal_end.isoformat()} for lot in item.view.lots
        ],
    }
