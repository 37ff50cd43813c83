"""Pick-up points, each shop's rule for collecting, and windows with a number of places."""

from datetime import datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Id, Model
from marketplace.handover.states import PointKind


class HandoverPoint(Model):
    """A place that hands over parcels of several shops. `capacity` is the number of parcels in one window."""

    __tablename__ = "handover_point"

    id: Mapped[Id]
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    street: Mapped[str]
    postcode: Mapped[str] = mapped_column(sa.CHAR(5))
    ags: Mapped[str] = mapped_column(sa.ForeignKey("municipality.ags"))
    latitude: Mapped[float] = mapped_column(sa.Double)
    longitude: Mapped[float] = mapped_column(sa.Double)
    opening_hours: Mapped[str]
    phone: Mapped[str]
    storage_classes: Mapped[list[str]] = mapped_column(ARRAY(sa.Text()))
    capacity: Mapped[int]
    transport_hours: Mapped[int] = mapped_column(default=20)
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        sa.CheckConstraint(sa.column("kind").in_(tuple(PointKind)), name="kind_known"),
        sa.CheckConstraint("capacity BETWEEN 0 AND 10000", name="capacity"),
        sa.CheckConstraint("transport_hours BETWEEN 0 AND 240", name="transport_hours"),
    )


class CollectionRule(Model):
    """How a shop prepares orders: ready so many hours after the order; orders after the cut-off count as tomorrow's."""

    __tablename__ = "collection_rule"

    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"), primary_key=True)
    ready_hours: Mapped[int] = mapped_column(default=2)
    cutoff: Mapped[time] = mapped_column(default=time(16, 0))
    capacity: Mapped[int] = mapped_column(default=12)

    __table_args__ = (
        sa.CheckConstraint("ready_hours BETWEEN 0 AND 240", name="ready_hours"),
        sa.CheckConstraint("capacity BETWEEN 0 AND 10000", name="capacity"),
    )


class HandoverWindow(Model):
    """A stretch of time at one place with a number of places in it. Its id follows from place and start.

    The row appears when the first place in it is asked for.
    """

    __tablename__ = "handover_window"

    id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    outlet_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("outlet.id"))
    point_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("handover_point.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]

    __table_args__ = (
        sa.CheckConstraint("(outlet_id IS NULL) <> (point_id IS NULL)", name="one_place"),
        sa.CheckConstraint("ends_at > starts_at", name="forwards"),
        sa.CheckConstraint("capacity >= 0", name="capacity"),
        sa.Index("ix_handover_window_outlet", "outlet_id", "starts_at"),
        sa.Index("ix_handover_window_point", "point_id", "starts_at"),
    )


class WindowHold(Model):
    """A place kept for one shop's part of a draft until `expires_at`."""

    __tablename__ = "window_hold"

    checkout_id: Mapped[UUID] = mapped_column(sa.ForeignKey("checkout.id", ondelete="CASCADE"), primary_key=True)
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"), primary_key=True)
    window_id: Mapped[UUID] = mapped_column(sa.ForeignKey("handover_window.id"), index=True)
    expires_at: Mapped[datetime]


class WindowBooking(Model):
    """A place taken by an order; given back when the order ends without hand-over."""

    __tablename__ = "window_booking"

    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("shop_order.id"), primary_key=True)
    window_id: Mapped[UUID] = mapped_column(sa.ForeignKey("handover_window.id"), index=True)
    booked_at: Mapped[datetime] = mapped_column(default=now)
    released_at: Mapped[datetime | None]
