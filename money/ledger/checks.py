"""Proof, chain and cover, run and remembered: when they were last checked, up to which seal, and with what result."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
import structlog

from foundation.clock import now
from foundation.database import session, transact
from foundation.jobs import job
from money.ledger import chain, cover, marks, proof
from money.ledger.models import CheckRun
from money.ledger.published import PublishedRoot

MAX_RUNS_READ = 50

log = structlog.get_logger("books")


def check_proof() -> list[proof.ProofResult]:
    """Run every query of the proof, remember the result, give all results back. Commits."""
    started = now()
    sealed_count, results = proof.examine()
    found = {r.code: {"sentence": r.sentence, "rows": [_plain(row) for row in r.rows]} for r in results if not r.ok}
    detail = {"queries": len(results), "findings": found}
    transact(_remember, CheckRun(check="proof", started_at=started, ok=not found, seals=sealed_count, detail=detail))
    return results


def check_cover() -> list[cover.Cover]:
    """Compare pool and debts of every issuer, remember the result, give it back. Commits."""
    started = now()
    with proof.open_snapshot() as connection:
        sealed_count = int(connection.scalar(proof.COUNT_SEALED) or 0)
        found = cover.compute_all_covers(connection)
    names = ("pool_cents", "stated_pool_cents", "owed_cents")
    detail = {str(c.ledger_id): {name: getattr(c, name) for name in names} for c in found}
    ok = all(c.ok for c in found)
    transact(_remember, CheckRun(check="cover", started_at=started, ok=ok, seals=sealed_count, detail=detail))
    return found


def check_chain(whole: bool = True, held: Iterable[PublishedRoot] = ()) -> chain.ChainReport:
    """Recompute every seal and all that is sealed, remember the result, give it back. Commits.

    Not `whole`: only what was sealed after the last check that found everything right; whole where there is none.
    `held`: roots that were published, as somebody kept them.
    """
    started = now()
    verdict = chain.verify(None if whole else find_mark(), held)
    detail: dict[str, Any] = {"days": verdict.days, "rows": verdict.rows, "broken": [str(b) for b in verdict.broken]}
    if verdict.mark:
        detail["mark"] = marks.write_mark(verdict.mark)
    run = CheckRun(check="chain", started_at=started, ok=verdict.ok, seals=verdict.height, detail=detail)
    transact(_remember, run)
    return verdict


def find_mark() -> marks.Mark | None:
    """Find up to where the chain was last found right. A run that is not of our making counts for nothing."""
    newest = sa.select(CheckRun.detail).where(CheckRun.check == "chain").order_by(CheckRun.finished_at.desc())
    for detail in session.scalars(newest.limit(MAX_RUNS_READ)):
        mark = marks.read_mark(detail["mark"]) if "mark" in detail else None
        if mark:
            return mark
    return None


def find_latest(check: str) -> CheckRun | None:
    """Find the last run of `proof`, `chain` or `cover`; None when it was never checked."""
    return session.scalar(
        sa.select(CheckRun).where(CheckRun.check == check).order_by(CheckRun.finished_at.desc()).limit(1)
    )


@job("money.prove", every="*/10 * * * *", transaction=False)
def prove_regularly() -> None:
    """Check proof and cover; what is wrong goes to the log as an error, for people to look at now."""
    for result in check_proof():
        if not result.ok:
            log.error("books_not_proven", code=result.code, rows=len(result.rows))
    for found in check_cover():
        if not found.ok:
            log.error("cover_missing", ledger=str(found.ledger_id), cents=found.free_cents)


@job("money.chain", every="*/5 * * * *", transaction=False)
def recompute_regularly() -> None:
    """Recompute what was sealed since the last time; what is broken goes to the log as an error."""
    _tell(check_chain(whole=False))


@job("money.chain_whole", every="37 1 * * *", transaction=False)
def recompute_nightly() -> None:
    """Recompute everything; what is broken goes to the log as an error."""
    _tell(check_chain())


def _tell(verdict: chain.ChainReport) -> None:
    for broken in verdict.broken:
        log.error("chain_broken", what=str(broken))


def _remember(run: CheckRun) -> None:
    run.finished_at = now()
    session.add(run)


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {name: value if isinstance(value, int | str | None) else str(value) for name, value in row.items()}
