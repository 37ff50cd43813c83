"""What needs two people: one proposes, another one decides. The deed is done in the transaction of the approval.

Imports no other part of vouchers but its tables; whoever has something to propose registers a kind (`kinds`).
"""
