"""One value of one rule from one day on."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Model


class LegalValue(Model):
    """`value` is cents, days or years, as `unit` says. The newest row whose day has come holds."""

    __tablename__ = "legal_value"

    key: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[int]
    unit: Mapped[str]
    norm: Mapped[str]
    note: Mapped[str]
