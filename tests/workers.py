"""Which worker of pytest-xdist runs which tests. Decision 0009."""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

# One live site and one Chromium serve all journeys, so one worker walks them all, and begins with them.
TOGETHER = "tests/browser/"
# What takes longest comes first, so that no worker is left alone with it at the end.
FIRST = (
    TOGETHER,
    "tests/database/vouchers/test_machine.py",
)


class Files(LoadScopeScheduling):
    """Give whole files to workers, as their fixtures are made once a file."""

    def __init__(self, config: Any, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return TOGETHER if file.startswith(TOGETHER) else file

    def _assign_work_unit(self, node: Any) -> None:
        first = next((scope for scope in FIRST if scope in self.workqueue), None)
        if first:
            self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)
