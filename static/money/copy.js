// Shows the copy buttons and lets them fill the clipboard; without script the page only lacks them.

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  const words = button.querySelector("[data-copy-said]");
  const before = words.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return; // the browser does not allow it: the figures can still be read and typed
    }
    words.textContent = words.dataset.copySaid;
    setTimeout(() => {
      words.textContent = before;
    }, 2000);
  });
}
