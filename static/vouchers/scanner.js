// The camera: the browser's own reader where it reads QR codes, else zxing, else a reader without WebAssembly.
// Loaded when the page of the till is there already; each reader only where it is needed.

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function load(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", done);
    script.addEventListener("error", failed);
    document.head.append(script);
  });
}

async function reader(step) {
  const own = globalThis.BarcodeDetector;
  if (own && (await own.getSupportedFormats().catch(() => [])).includes("qr_code")) return new own({ formats: ["qr_code"] });
  try {
    await load(step.dataset.ponyfill);
    const { BarcodeDetector, prepareZXingModule } = globalThis.BarcodeDetectionAPI;
    const overrides = { locateFile: (path, folder) => (path.endsWith(".wasm") ? step.dataset.wasm : folder + path) };
    await prepareZXingModule({ overrides, fireImmediately: true });
    return new BarcodeDetector({ formats: ["qr_code"] });
  } catch {
    const { BarcodeDetector } = await import(step.dataset.fallback);
    return new BarcodeDetector({ formats: ["qr_code"] });
  }
}

export async function camera(step, form, found) {
  const frame = step.querySelector("[data-camera]");
  const video = frame.querySelector("video");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
  video.srcObject = stream;
  frame.hidden = false;
  await video.play();
  const detector = await reader(step);
  const stop = () => stream.getTracks().forEach((track) => track.stop());
  addEventListener("pagehide", stop);
  while (form.isConnected && !form.dataset.sent) {
    const seen = await detector.detect(video).catch(() => []);
    if (seen.length) {
      found(seen[0].rawValue);
      break;
    }
    await wait(120);
  }
  stop();
}
