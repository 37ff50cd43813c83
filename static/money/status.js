// Asks now and then how the payment stands, and loads the page anew when there is something new to read.

const note = document.getElementById("payment-status");
const known = note.dataset.state;
const slow = ["checking", "connecting"].includes(known) ? 1 : 15;
let tries = 0;

async function ask() {
  tries += 1;
  try {
    const answer = await fetch(note.dataset.url, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const { state, again_seconds: again } = await answer.json();
      if (state !== known) {
        location.reload();
        return;
      }
      setTimeout(ask, again * 1000 * slow * Math.min(1 + tries / 10, 10));
      return;
    }
  } catch {
    // offline for a moment: the link on the page does the same by hand
  }
  setTimeout(ask, 30000);
}

setTimeout(ask, 2000 * slow);
