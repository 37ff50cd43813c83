"""Applies an import: all lines or only the good ones, in one transaction, for one shop. Decision 0404."""

from dataclasses import asdict
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, clock
from foundation.database import lock, lock_one, session, uuid7
from marketplace.catalogue import errors
from marketplace.catalogue.categories import count_by_category
from marketplace.catalogue.changing import write
from marketplace.catalogue.importing.planning import ImportDefaults, ImportEntry, ImportPlan, plan_import
from marketplace.catalogue.models import Offer, OfferUpload, Stock
from marketplace.catalogue.states import ImportAction
from people.models import Outlet

MAX_LINES_NAMED = 100  # in a refusal


def keep_upload(
    outlet_id: UUID, *, filename: str, content: bytes, defaults: ImportDefaults
) -> tuple[OfferUpload, ImportPlan]:
    """Keep an uploaded file until somebody decides, with what it would do. Refuses files that cannot be read."""
    planned = plan_import(outlet_id, content, defaults)
    upload = OfferUpload(
        id=uuid7(),
        outlet_id=outlet_id,
        filename=filename[:200],
        content=content,
        defaults=asdict(defaults),
    )
    session.add(upload)
    session.flush()
    return upload, planned


def load_upload(outlet_id: UUID, upload_id: UUID) -> OfferUpload:
    """Load an upload of this shop. Refuses another shop's as if it did not exist."""
    found = session.get(OfferUpload, upload_id, populate_existing=True)
    if found is None or found.outlet_id != outlet_id:
        raise errors.upload_unknown()
    return found


def preview_upload(upload: OfferUpload) -> ImportPlan:
    """Plan what a kept upload would do now."""
    return plan_import(upload.outlet_id, upload.content, ImportDefaults(**upload.defaults))


def apply_upload(outlet_id: UUID, upload_id: UUID, *, only_good: bool) -> dict[str, int]:
    """Apply a kept upload and empty it. A second time gives the first result again."""
    lock_one(Outlet, outlet_id)
    upload = load_upload(outlet_id, upload_id)
    if upload.result is not None:
        return dict(upload.result)
    result = apply_list(outlet_id, upload.content, ImportDefaults(**upload.defaults), only_good=only_good)
    upload.content, upload.applied_at, upload.result = b"", clock.now(), result
    return result


def apply_list(outlet_id: UUID, data: bytes, defaults: ImportDefaults, *, only_good: bool) -> dict[str, int]:
    """Apply a product list; gives back the counts of lines by `ImportAction`.

    Refuses and changes nothing when a line is wrong, unless `only_good`. Imports of one shop wait for each other.
    """
    lock_one(Outlet, outlet_id)
    planned = plan_import(outlet_id, data, defaults)
    if not planned.is_good and not only_good:
        wrong = [entry.line for entry in planned.entries if entry.action == ImportAction.WRONG]
        raise errors.lines_wrong(wrong[:MAX_LINES_NAMED])
    _write(outlet_id, [entry for entry in planned.entries if entry.action in {ImportAction.ADD, ImportAction.CHANGE}])
    result = {action.value: planned.count(action) for action in ImportAction}
    audit.record("offers.import", "outlet", outlet_id, **result)
    count_by_category.cache_clear()
    return result


def _write(outlet_id: UUID, entries: list[ImportEntry]) -> None:
    rows = {row.id: row for row in lock(Offer, [e.offer_id for e in entries if e.offer_id])}
    counts = {row.offer_id: row for row in lock(Stock, rows)}
    taken = sa.select(Offer.sku, Offer.id).where(Offer.outlet_id == outlet_id)
    by_sku = {sku: offer_id for sku, offer_id in session.execute(taken)}  # noqa: C416 dict() takes a result for a mapping
    # parents before their variants: a variant names its parent
    for entry in sorted(entries, key=lambda e: e.parent_sku is not None):
        draft = entry.draft
        if draft is None:
            continue
        offer = rows.get(entry.offer_id) if entry.offer_id else None
        if offer is None:
            offer = Offer(id=uuid7(), outlet_id=outlet_id)
            session.add(offer)
        else:
            offer.version += 1
        write(offer, draft)
        if entry.parent_sku:
            offer.variant_of = by_sku.get(entry.parent_sku)
        by_sku[draft.sku] = offer.id
        count = counts.get(offer.id)
        if count is None:
            session.add(Stock(offer_id=offer.id, on_hand=draft.on_hand, updated_at=clock.now()))
        elif count.on_hand != draft.on_hand:
            count.on_hand, count.updated_at = draft.on_hand, clock.now()
    session.flush()
