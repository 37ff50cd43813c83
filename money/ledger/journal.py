"""The only way into the books in Python: a paper is booked by the rule of its kind. Decision 0111."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from foundation.database import session

POST = sa.text("SELECT ledger_post_paper(p_kind => :kind, p_paper => :paper)").bindparams(
    sa.bindparam("paper", type_=sa.Uuid())
)

POST_ALL = sa.text("SELECT ledger_post_papers(p_kind => :kind, p_papers => :papers)").bindparams(
    sa.bindparam("papers", type_=ARRAY(sa.Uuid()))
)


def post(kind: str, paper_id: UUID) -> bool:
    """Book one paper as `kind` in the present transaction: the lines that the rule of that kind reads from its rows.

    False when it was booked before: nothing is written then. A kind without a rule, or rows that are no such paper
    (yet), are an error of ours: the database refuses them.
    """
    session.flush()
    return bool(session.execute(POST, {"kind": kind, "paper": paper_id}).scalar_one())


def post_all(kind: str, paper_ids: Sequence[UUID]) -> None:
    """Book many new papers as `kind` in one round trip. One that was booked before, or is none, is an error of ours."""
    session.flush()
    if paper_ids:
        session.execute(POST_ALL, {"kind": kind, "papers": list(paper_ids)})
