// The wallet without a network: the last balances with their time, codes worked out here, the last list of shops.

import { code } from "./code.js";
import { rotate } from "./drawing.js";
import { read, usable } from "./store.js";

const main = document.querySelector("[data-offline]");
const words = main.dataset;
const euro = new Intl.NumberFormat(words.language, { style: "currency", currency: "EUR" });
const day = new Intl.DateTimeFormat(words.language, { dateStyle: "long" });
const moment = new Intl.DateTimeFormat(words.language, { dateStyle: "medium", timeStyle: "short" });

function made(name, className, ...inside) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...inside);
  return node;
}

function lots(item) {
  const list = made("dl", "facts");
  for (const lot of item.lots) {
    const end = `${words.until} ${day.format(new Date(`${lot.end}T12:00:00`))}`;
    list.append(made("div", "", made("dt", "", `${lot.name}, ${end}`), made("dd", "", euro.format(lot.cents / 100))));
  }
  return list;
}

// One code at a time, or the till's camera would have to choose.
function card(item, kept, time) {
  const box = made("details", "card wallet-code", made("summary", "", made("strong", "", item.name), " ", made("span", "money", euro.format(item.cents / 100))));
  const key = kept.keys[item.handle];
  box.name = "voucher";
  if (item.sentence) box.append(made("p", "", item.sentence));
  else if (key) {
    const white = made("div", "qr-white");
    white.setAttribute("role", "img");
    white.setAttribute("aria-label", words.codeLabel);
    box.append(made("figure", "qr", white));
    queueMicrotask(() => rotate(white, kept.step, time, () => code(item.handle, key, time(), kept)));
  }
  box.append(lots(item));
  return box;
}

const isOpen = (shop, at) => shop.open.some(([from, until]) => from * 1000 <= at && at < until * 1000);

function shopLine(shop, at) {
  const status = isOpen(shop, at) ? words.open : words.closed;
  const more = [status, shop.stepFree ? words.stepFree : "", shop.trade].filter(Boolean).join(" · ");
  const phone = made("a", "", shop.phone);
  phone.href = `tel:${shop.phone.replaceAll(" ", "")}`;
  return made("li", "card", made("h3", "", shop.name), made("p", "", more), made("p", "", `${shop.street} ${shop.town} · `, phone));
}

function finder(lists, time) {
  const form = main.querySelector("[data-filter]");
  const shops = [...new Map(lists.flatMap((list) => list.shops).map((shop) => [`${shop.name}|${shop.street}`, shop])).values()];
  for (const [name, field] of [["town", "town"], ["trade", "trade"]]) {
    const values = [...new Set(shops.map((shop) => shop[field]))].sort((a, b) => a.localeCompare(b, "de"));
    form.elements[name].append(new Option(words.all, ""), ...values.map((value) => new Option(value, value)));
  }
  const draw = () => {
    const { town, trade, open, stepFree } = form.elements;
    const at = time();
    const fitting = shops.filter(
      (shop) =>
        (!town.value || shop.town === town.value) &&
        (!trade.value || shop.trade === trade.value) &&
        (!open.checked || isOpen(shop, at)) &&
        (!stepFree.checked || shop.stepFree),
    );
    main.querySelector("[data-count]").textContent = String(fitting.length);
    main.querySelector("[data-shops]").replaceChildren(...fitting.map((shop) => shopLine(shop, at)));
  };
  form.addEventListener("change", draw);
  form.addEventListener("submit", (event) => event.preventDefault());
  draw();
  main.querySelector("[data-finder]").hidden = shops.length === 0;
}

const kept = usable() ? await read().catch(() => null) : null;
if (!kept) {
  main.querySelector("[data-nothing]").hidden = false;
  main.querySelector(".notice").hidden = true;
} else {
  const time = () => Date.now() + kept.skew;
  main.querySelector("[data-stand]").textContent = moment.format(new Date(kept.at + kept.skew));
  main.querySelector("[data-items]").append(...kept.items.map((item) => card(item, kept, time)));
  main.querySelector("[data-items] details")?.setAttribute("open", "");
  finder(kept.lists, time);
}
