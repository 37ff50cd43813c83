// Small comforts of every page. All of them may fail: the page works without.

const root = document.documentElement;
const words = ["auto", "light", "dark"];

function rememberTheme(choice) {
  const age = choice === "auto" ? 0 : 31536000;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${choice}; path=/; max-age=${age}; samesite=lax${secure}`;
}

function showTheme(button, choice) {
  button.querySelector("[data-theme-name]").textContent = button.dataset[choice];
}

// The server reads the cookie and writes data-theme, so no page flashes in the wrong light.
for (const button of document.querySelectorAll("[data-theme-switch]")) {
  button.hidden = false;
  showTheme(button, root.dataset.theme ?? "auto");
  button.addEventListener("click", () => {
    const next = words[(words.indexOf(root.dataset.theme ?? "auto") + 1) % words.length];
    if (next === "auto") delete root.dataset.theme;
    else root.dataset.theme = next;
    rememberTheme(next);
    showTheme(button, next);
    announce(button.textContent.trim());
    document.dispatchEvent(new CustomEvent("themechange"));
  });
}

// A second press sends nothing. The button is only marked, not disabled: a disabled one would lose its name=value.
document.addEventListener("submit", (event) => {
  const form = event.target;
  // Read as attribute: a field named "method" would stand in the way of form.method.
  const posts = form.getAttribute("method")?.toLowerCase() === "post";
  if (event.defaultPrevented || !posts || form.hasAttribute("data-again")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
});

// Back from the browser's memory: the form may be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
});

let live;

// Says a sentence to screen readers; `urgent` interrupts.
export function announce(sentence, urgent = false) {
  if (!live) {
    live = document.createElement("p");
    live.className = "visually-hidden";
    document.body.append(live);
  }
  live.setAttribute("aria-live", urgent ? "assertive" : "polite");
  live.textContent = "";
  setTimeout(() => (live.textContent = sentence), 60);
}

// The side menu of the desk is open on wide screens and closed on small ones.
const menu = document.querySelector("[data-desk-menu]");
if (menu && matchMedia("(max-width: 59.99rem)").matches) menu.open = false;

document.querySelector("[data-focus]")?.focus();
