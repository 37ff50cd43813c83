"""Partners: what cash systems get: access, messages to their servers, day reports and exports.

May import tills, practice and what lies below. Decisions 0306, 0313, 0314.
"""
