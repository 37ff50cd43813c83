// Shows of the form what the chosen way of giving needs. Without script all of it is there.
const form = document.querySelector("[data-voucher-form]");
if (form) {
  const parts = form.querySelectorAll("[data-only]");
  const show = () => {
    const chosen = form.elements.gift.value;
    for (const part of parts) part.hidden = !part.dataset.only.split(" ").includes(chosen);
  };
  form.addEventListener("change", show);
  show();
}

// Photographs of a telephone are larger than we take: draw them smaller here. Without script the hint says how large.
const MOST_BYTES = 1_500_000, SIDE = 1600;
const picture = form?.elements.picture;
picture?.addEventListener("change", async () => {
  const file = picture.files[0];
  if (!file || file.size <= MOST_BYTES) return;
  try {
    const whole = await createImageBitmap(file);
    const scale = Math.min(1, SIDE / Math.max(whole.width, whole.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(whole.width * scale);
    canvas.height = Math.round(whole.height * scale);
    canvas.getContext("2d").drawImage(whole, 0, 0, canvas.width, canvas.height);
    const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    const files = new DataTransfer();
    files.items.add(new File([small], "bild.jpg", { type: "image/jpeg" }));
    picture.files = files.files;
  } catch {
    // No picture: the server says so.
  }
});
