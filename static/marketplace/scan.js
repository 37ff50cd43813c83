// Reads a pick-up code with the camera, next to the field it could be typed into. Without a camera the button stays away.

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function reader(form) {
  const own = globalThis.BarcodeDetector;
  if (own && (await own.getSupportedFormats().catch(() => [])).includes("qr_code")) return new own({ formats: ["qr_code"] });
  try {
    const { BarcodeDetector, prepareZXingModule } = globalThis.BarcodeDetectionAPI;
    const overrides = { locateFile: (path, folder) => (path.endsWith(".wasm") ? form.dataset.wasm : folder + path) };
    await prepareZXingModule({ overrides, fireImmediately: true });
    return new BarcodeDetector({ formats: ["qr_code"] });
  } catch {
    const { BarcodeDetector } = await import(form.dataset.fallback);
    return new BarcodeDetector({ formats: ["qr_code"] });
  }
}

async function read(form, frame, message) {
  const video = frame.querySelector("video");
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
  } catch {
    message.hidden = false;
    return;
  }
  frame.hidden = false;
  await video.play();
  const detector = await reader(form);
  while (form.isConnected) {
    const found = await detector.detect(video).catch(() => []);
    const code = found.map((each) => each.rawValue).find((text) => /^\d{8}$/.test(text));
    if (code) {
      video.srcObject.getTracks().forEach((track) => track.stop());
      form.elements.q.value = code;
      form.requestSubmit();
      return;
    }
    await wait(120);
  }
}

for (const form of document.querySelectorAll("[data-scan]")) {
  const button = form.querySelector("[data-scan-button]");
  const frame = form.querySelector("[data-scan-frame]");
  button.hidden = !navigator.mediaDevices?.getUserMedia;
  button.addEventListener("click", () => read(form, frame, form.querySelector("[data-scan-message]")), { once: true });
}
