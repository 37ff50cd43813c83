"""Lapse: value whose legal end has come. A run proposes, a second person approves, a job does it; goodwill can undo it.

Law: §§ 195, 199 BGB (three years from the end of the year of issue). Postings: `docs/accounts.md`.
"""
