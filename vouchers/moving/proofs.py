"""What must always be true of what moved in, as a query of the proof. Decision 0317."""

from money.ledger import papers


def plug() -> None:
    """Add it to the proof of the books."""
    papers.prove("V-31", "Was mit einem Herausgeber übernommen wurde, steht so in den Büchern.", "moved_posting")
