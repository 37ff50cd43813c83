// The rotating code: TOTP (RFC 6238, SHA-1) behind the name of the item. The server checks the same.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export function keyOf(base32) {
  const bytes = [];
  let bits = 0;
  let count = 0;
  for (const letter of base32) {
    bits = ((bits << 5) | LETTERS.indexOf(letter)) & 0xfff;
    count += 5;
    if (count >= 8) {
      count -= 8;
      bytes.push((bits >> count) & 0xff);
    }
  }
  return crypto.subtle.importKey("raw", new Uint8Array(bytes), { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
}

export async function code(handle, key, milliseconds, { step, digits }) {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setUint32(4, Math.floor(milliseconds / 1000 / step));
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
  const number = mac.getUint32(mac.getUint8(19) & 15) & 0x7fffffff;
  return `ML2.${handle}.${String(number % 10 ** digits).padStart(digits, "0")}`;
}
