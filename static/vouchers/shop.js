// Shows the fields of a gift only when a gift is chosen. Without script they are all there.
const form = document.querySelector("[data-wish]");
if (form) {
  const part = form.querySelector("[data-only]");
  const show = () => {
    part.hidden = form.elements.gift.value !== part.dataset.only;
  };
  form.addEventListener("change", show);
  show();
}
