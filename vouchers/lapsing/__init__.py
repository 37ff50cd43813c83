"""Lapse: value whose legal end has come. A run proposes, another person approves, a job lapses; goodwill can undo it.

Law: §§ 195, 199 BGB (three years from the end of the year of issue). Postings: `docs/accounts.md`.
May import approvals, the network and the stored value. Decision 0308.
"""
