// The wallet with a network: keeps the code fresh, and where its owner asked for it, what the telephone needs without one.

import { code, keyOf } from "./code.js";
import { rotate } from "./drawing.js";
import { forget, read, usable, write } from "./store.js";

const device = document.querySelector("[data-device]");
const shown = document.querySelector("[data-code]");
const owner = (device ?? shown)?.dataset.owner;

const csrf = () => document.querySelector("meta[name=csrf-token]").content;

async function asked(url, options = {}) {
  const answer = await fetch(url, { headers: { Accept: "application/json", "X-CSRFToken": csrf() }, redirect: "error", ...options });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

// Balances, shops, and the keys that are missing. The telephone's clock is measured against the server's.
async function renew(kept) {
  const state = await asked(device.dataset.state);
  const keys = { ...kept?.keys };
  let about = { step: kept?.step, digits: kept?.digits };
  if (state.items.some((item) => !keys[item.handle]) || !about.step) {
    const given = await asked(device.dataset.give, { method: "POST" });
    about = { step: given.step, digits: given.digits };
    for (const secret of given.secrets) keys[secret.handle] ??= await keyOf(secret.totp);
  }
  const known = new Set(state.items.map((item) => item.handle));
  for (const handle of Object.keys(keys)) if (!known.has(handle)) delete keys[handle];
  await write({ ...state, ...about, keys, skew: state.now - Date.now(), at: Date.now() });
}

function worker() {
  return navigator.serviceWorker.register(device.dataset.worker, { scope: "/geldboerse" });
}

async function tell(on, words) {
  device.querySelector("[data-device-text]").textContent = words ?? device.dataset[on ? "on" : "off"];
  device.querySelector("[data-device-on]").hidden = on;
  device.querySelector("[data-device-off]").hidden = !on;
}

async function manage() {
  device.hidden = false;
  device.querySelector("[data-device-on]").addEventListener("click", async () => {
    try {
      await renew();
      await worker();
      await navigator.serviceWorker.ready;
      await navigator.storage?.persist?.();
      await tell(true);
    } catch {
      await tell(false, device.dataset.failed);
    }
  });
  device.querySelector("[data-device-off]").addEventListener("click", async () => {
    await forget();
    await tell(false);
  });
  const kept = await read();
  await tell(Boolean(kept));
  if (!kept) return;
  await renew(kept).catch(() => {});
  await worker();
}

// Without keys on the telephone the server draws: the picture alone is fetched anew.
async function reload(box) {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const fresh = page.querySelector("[data-code]");
  if (!fresh) return location.reload();
  box.replaceChildren(...fresh.querySelector("[data-picture]").childNodes);
  writeOut(fresh.querySelector("[data-text]").textContent);
  return later(box, Number(fresh.dataset.seconds));
}

function later(box, seconds) {
  setTimeout(() => {
    const again = () => reload(box).catch(() => later(box, 2));
    if (document.hidden) document.addEventListener("visibilitychange", again, { once: true });
    else again();
  }, seconds * 1000 + 300);
}

function writeOut(text) {
  shown.querySelector("[data-text]").textContent = text;
}

async function show(kept) {
  const box = shown.querySelector("[data-picture]");
  const key = kept?.keys?.[shown.dataset.handle];
  if (!key) return later(box, Number(shown.dataset.seconds));
  const time = () => Date.now() + kept.skew;
  return rotate(box.querySelector(".qr-white"), kept.step, time, async () => {
    const text = await code(shown.dataset.handle, key, time(), kept);
    writeOut(text);
    return text;
  });
}

if (owner) {
  let kept = usable() ? await read().catch(() => null) : null;
  if (kept && kept.owner !== owner) {
    await forget();
    kept = null;
  }
  if (device && usable()) await manage();
  if (shown) await show(kept);
}
