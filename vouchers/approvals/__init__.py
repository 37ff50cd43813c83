"""Approvals: what two people of an issuer must agree to before value is made, changed or ended.

One person proposes, another approves, and the approval does it in the same transaction. The rooms above register what
can be proposed (`kinds`); this room knows none of them. May import the stored value's models and what lies below
`vouchers`. Decision 0308.
"""
