"""The redemption function as `make bench` and its floor call it: token, no code; no receipt, no basket, now."""

REDEEM = (
    "SELECT outcome FROM voucher_redeem(p_till => %s::bytea, p_secret => %s::bytea, p_by_code => false,"
    " p_operation => %s::uuid, p_key => %s, p_cents => %s, p_fingerprint => %s::bytea, p_staff => NULL,"
    " p_receipt_no => NULL, p_basket => NULL, p_client_time => NULL, p_at => now())"
)
