#!/bin/sh
# Redeem with curl:  ADDRESS=https://… TOKEN=… sh redeem.sh VOUCHER AMOUNT_IN_CENTS RECEIPT_NUMBER
# The key is made once and kept. Without a definite answer the same call goes again under the same key.
set -eu

voucher=$1 cents=$2 receipt=$3
key=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

for pause in 0 1 2 4; do
  sleep "$pause"
  # Token and voucher come from a file descriptor: what stands in arguments can be seen by everybody on the machine.
  status=$(printf 'header = "Authorization: Bearer %s"\ndata = "{\\"token\\":\\"%s\\",\\"amount_cents\\":%d,\\"receipt_no\\":\\"%s\\"}"\n' \
      "$TOKEN" "$voucher" "$cents" "$receipt" |
    curl --silent --show-error --max-time 10 --config - --output "$answer" --write-out '%{http_code}' \
      --header "Content-Type: application/json" --header "Idempotency-Key: $key" \
      "$ADDRESS/api/v1/redemptions") || status=000
  case $status in
    200 | 201) cat "$answer"; exit 0 ;;
    000 | 408 | 502 | 503 | 504) continue ;;
    409 | 429) if grep -qE '"code": ?"(in_progress|rate_limited)"' "$answer"; then continue; fi ;;
  esac
  cat "$answer" >&2
  exit 1
done

echo "No definite answer. What became of it (keep the key $key):" >&2
printf 'header = "Authorization: Bearer %s"\n' "$TOKEN" |
  curl --silent --show-error --max-time 10 --config - "$ADDRESS/api/v1/redemptions/by-key/$key"
