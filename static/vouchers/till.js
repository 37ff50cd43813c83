// The till's comforts: keypad, sound, and patience when the line is slow. Every step works without them.
// The camera and its readers come after the page: see scanner.js.

const PENDING = "till-pending";
const main = () => document.querySelector("main");

// --- Sound: two rising tones for green, one low for red. Only after a touch, as browsers want it.

let sound;
function tone(frequency, start, length) {
  const swing = sound.createOscillator();
  const loudness = sound.createGain();
  swing.frequency.value = frequency;
  loudness.gain.setValueAtTime(0.25, sound.currentTime + start);
  loudness.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + start + length);
  swing.connect(loudness).connect(sound.destination);
  swing.start(sound.currentTime + start);
  swing.stop(sound.currentTime + start + length);
}
function play(kind) {
  try {
    sound ??= new AudioContext();
    if (kind === "ok") {
      tone(660, 0, 0.15);
      tone(990, 0.13, 0.3);
    } else tone(170, 0, 0.5);
    navigator.vibrate?.(kind === "ok" ? 80 : [200, 80, 200]);
  } catch {
    // no sound here: colour, symbol and text say the same
  }
}

// --- What was sent and not yet answered. The key only: no code stays on the device.

function pending() {
  try {
    return JSON.parse(localStorage.getItem(PENDING));
  } catch {
    return null;
  }
}
function remember(key) {
  try {
    localStorage.setItem(PENDING, JSON.stringify({ key, since: Date.now() }));
  } catch {
    // private window: the retries of this page still work
  }
}
function forget() {
  try {
    localStorage.removeItem(PENDING);
  } catch {
    // nothing was kept
  }
}

// --- Taking: the same key until the answer is definite.

const UNSURE = new Set([500, 502, 503, 504, 408]);
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function checking(form) {
  const screen = document.createElement("div");
  screen.className = "till-result wait";
  screen.setAttribute("role", "status");
  const title = document.createElement("h1");
  title.textContent = form.dataset.checking;
  const text = document.createElement("p");
  text.textContent = form.dataset.checkingText;
  screen.append(title, text);
  main().append(screen);
  return screen;
}

async function ask(form, body) {
  for (let pause = 500; ; pause = Math.min(pause * 1.6, 5000)) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 8000);
    try {
      const answer = await fetch(form.action, { method: "POST", body, signal: stop.signal, headers: { Accept: "text/html" } });
      if (!UNSURE.has(answer.status)) return answer;
    } catch {
      // no answer is no refusal: ask again with the same key
    } finally {
      clearTimeout(timer);
    }
    await wait(pause);
  }
}

async function take(form) {
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const body = new URLSearchParams(new FormData(form));
  body.set("client_time", new Date().toISOString());
  remember(body.get("key"));
  try {
    sound ??= new AudioContext();
  } catch {
    // silent device
  }
  const slow = setTimeout(() => checking(form), 1500);
  const answer = await ask(form, body);
  clearTimeout(slow);
  forget();
  if (answer.redirected) {
    location.assign(answer.url);
    return;
  }
  await show(answer);
}

async function show(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = page.title;
  main().replaceWith(page.querySelector("main"));
  start();
}

// --- The next step without a new page: style sheets and scripts are there already, and a slow telephone notices.

async function step(form) {
  if (form.dataset.sent) return;
  form.dataset.sent = "yes";
  form.querySelector("button")?.setAttribute("aria-disabled", "true");
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/html" } });
  } catch {
    form.submit(); // no line: the browser says so
    return;
  }
  if (answer.redirected) location.assign(answer.url);
  else {
    await show(answer);
    if (!document.querySelector("[data-scan], [data-sound]")) (document.querySelector("[data-amount]:not([readonly])") ?? main()).focus();
  }
}

// --- The keypad fills the field from the right, as tills do: 1 2 5 0 is 12,50.

function keypad(form) {
  const field = form.querySelector("[data-amount]");
  const pad = form.querySelector("[data-keypad]");
  const most = Number(form.dataset.take ?? form.dataset.give);
  let digits = field.value.replace(/\D/g, "").replace(/^0+/, "");
  const show = () => {
    const filled = digits.padStart(3, "0");
    field.value = digits ? `${filled.slice(0, -2)},${filled.slice(-2)}` : "";
  };
  pad.hidden = false;
  field.readOnly = matchMedia("(pointer: coarse)").matches;
  pad.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (!key) return;
    if (key === "back") digits = digits.slice(0, -1);
    else if (key === "all") digits = String(most);
    else if ((digits + key).length <= 7) digits = (digits + key).replace(/^0+/, "");
    show();
  });
  field.addEventListener("input", () => {
    digits = "";
  });
  for (const other of document.querySelectorAll("[data-take-all]")) if (other !== form) other.hidden = true;
}

// --- Keyboard scanners type fast and end with Enter, wherever the focus is.

function keyboardScanner(form) {
  const field = form.querySelector("input[name=presented]");
  let typed = "";
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (!form.isConnected || event.target === field || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.timeStamp - last > 500) typed = ""; // a slow telephone hands keys over late; who types by hand pauses
    last = event.timeStamp;
    if (event.key === "Enter" && typed.length > 9) {
      event.preventDefault();
      present(form, typed);
    } else if (event.key.length === 1) typed += event.key;
  });
}

function present(form, text) {
  if (form.dataset.sent) return;
  form.querySelector("input[name=presented]").value = text;
  form.requestSubmit();
}

function say(step, sentence) {
  const place = step.querySelector("[data-message]");
  place.textContent = sentence;
  place.hidden = false;
}

// --- An answer that never came, also when the page was closed meanwhile: ask by key before anything new.

async function clearUp(step) {
  const open = pending();
  if (!open?.key) return true;
  say(step, step.dataset.checking);
  const address = step.dataset.result.replace("KEY", encodeURIComponent(open.key));
  for (let tries = 0; tries < 5; tries += 1) {
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        forget();
        location.assign(address);
        return false;
      }
      if (answer.status === 404 && Date.now() - open.since > 10000) {
        forget();
        say(step, step.dataset.lost);
        return true;
      }
    } catch {
      // still no line
    }
    await wait(2500);
  }
  return true;
}

async function scan(step) {
  const form = step.querySelector("[data-presented]");
  keyboardScanner(form);
  if (!(await clearUp(step))) return;
  try {
    const { camera } = await import(step.dataset.scanner);
    await camera(step, form, (text) => {
      play("ok");
      present(form, text);
    });
  } catch {
    if (!step.querySelector("[data-message]").textContent) say(step, step.dataset.noCamera);
  }
}

function start() {
  const place = document.querySelector("[data-scan]");
  if (place) scan(place);
  for (const form of document.querySelectorAll("[data-presented]"))
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      step(form);
    });
  for (const form of document.querySelectorAll("[data-sum], [data-give]")) keypad(form);
  for (const form of document.querySelectorAll("[data-take], [data-take-all]")) {
    if (form.hasAttribute("data-take")) keypad(form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      take(form);
    });
  }
  const result = document.querySelector("[data-sound]");
  if (result) {
    play(result.dataset.sound);
    result.querySelector("[data-focus], a, button")?.focus();
  }
  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
}

start();
