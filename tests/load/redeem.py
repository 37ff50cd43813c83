"""The redemption function as `make bench` and its floor call it: token, no code; no receipt, no basket, now."""

REDEEM = (
    "SELECT outcome FROM voucher_redeem(%s::bytea, %s::bytea, false, %s::uuid, %s, %s, %s::bytea,"
    " NULL::uuid, NULL, NULL::bigint, NULL::timestamptz, now())"
)
