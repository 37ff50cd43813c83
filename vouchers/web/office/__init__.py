"""The issuer's and the operator's pages about vouchers."""
