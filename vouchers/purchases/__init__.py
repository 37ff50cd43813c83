"""Orders of vouchers and their sales: tables, queries, links and the sheet of a voucher.

Sales, wallet, cards and support stand upon it and do not know each other. Decision 0324.
"""
