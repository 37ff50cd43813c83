// Shows of the form what the chosen way of giving needs. Without script all of it is there.
const form = document.querySelector("[data-wish]");
if (form) {
  const parts = form.querySelectorAll("[data-only]");
  const show = () => {
    const chosen = form.elements.gift.value;
    for (const part of parts) part.hidden = !part.dataset.only.split(" ").includes(chosen);
  };
  form.addEventListener("change", show);
  show();
}
