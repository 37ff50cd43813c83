"""What becomes of a lot in a run of lapse. Decision 0308."""

from enum import StrEnum


class LapseOutcome(StrEnum):
    """How an item of a run stands."""

    OPEN = "open"  # the job has not come to it yet
    LAPSED = "lapsed"  # its free rest left the lot
    SKIPPED = "skipped"  # it could not lapse: spent, held or grown meanwhile
