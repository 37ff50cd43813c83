"""How the root of a day leaves the house."""

from enum import StrEnum


class CopyKind(StrEnum):
    """What kind of receiver a copy of a root went to."""

    MAIL = "mail"  # a trustee
    STAMP = "stamp"  # a time-stamping authority (RFC 3161)
