// Draws a QR code as the server does: dark modules on white with a quiet zone of four.

import { encodeQR } from "../../vendor/qr-0.7.0/index.js";

const SVG = "http://www.w3.org/2000/svg";

export function picture(text) {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: 4 });
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  path.setAttribute("d", rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join(""));
  path.setAttribute("fill", "#000");
  svg.append(path);
  return svg;
}

// Shows what `next` gives, anew at every step, as long as `box` is in the page.
export function rotate(box, step, time, next) {
  let shown = -1;
  const look = async () => {
    if (!box.isConnected) return;
    const present = Math.floor(time() / 1000 / step);
    if (present !== shown && !document.hidden) {
      shown = present;
      box.replaceChildren(picture(await next()));
    }
    setTimeout(look, 500);
  };
  return look();
}
