// The code of a voucher stands behind # in the address: it goes from there into the form, and never into a log.
const form = document.querySelector("[data-find]");
const token = decodeURIComponent(location.hash.slice(1));
if (form && token) {
  form.elements.token.value = token;
  history.replaceState(null, "", location.pathname);
  if (form.dataset.find !== "fill") form.requestSubmit();
}
