// What a holder's telephone keeps: balances with their time, shops, and the keys of the rotating codes.
// The keys are handed to the browser as CryptoKeys that no script can read out again.

const NAME = "geldboerse";

function open() {
  return new Promise((done, failed) => {
    const wish = indexedDB.open(NAME, 1);
    wish.onupgradeneeded = () => wish.result.createObjectStore("kept");
    wish.onsuccess = () => done(wish.result);
    wish.onerror = () => failed(wish.error);
  });
}

async function within(mode, act) {
  const base = await open();
  try {
    return await new Promise((done, failed) => {
      const deal = base.transaction("kept", mode);
      const wish = act(deal.objectStore("kept"));
      deal.oncomplete = () => done(wish.result);
      deal.onerror = () => failed(deal.error);
    });
  } finally {
    base.close();
  }
}

export const usable = () => "indexedDB" in window && Boolean(window.crypto?.subtle) && "serviceWorker" in navigator;
export const read = () => within("readonly", (kept) => kept.get("wallet"));
export const write = (wallet) => within("readwrite", (kept) => kept.put(wallet, "wallet"));

export async function forget() {
  await within("readwrite", (kept) => kept.clear());
  for (const name of await caches.keys()) if (name.startsWith(NAME)) await caches.delete(name);
  for (const worker of await navigator.serviceWorker.getRegistrations()) if (worker.scope.endsWith("/geldboerse")) await worker.unregister();
}
