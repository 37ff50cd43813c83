// The counter's comforts: a button that prints, and the camera as a scanner. Every step works without them.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

const step = document.querySelector("[data-scan]");
const start = step?.querySelector("[data-start]");
if (start && navigator.mediaDevices) {
  start.hidden = false;
  start.addEventListener("click", async () => {
    start.disabled = true;
    try {
      const { camera } = await import(step.dataset.scanner);
      await camera(step, step, (text) => {
        step.elements.card.value = text;
        step.requestSubmit();
      });
    } catch {
      start.hidden = true; // no camera, or none allowed: the number is typed
      step.elements.card.focus();
    }
  });
}
