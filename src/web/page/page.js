// The devices, live: server-sent events make rows, and rows are only ever
// changed where something is new, so that the focus stays where it is.
"use strict";

const page = {
  devices: new Map(), // id: {device, row, cells}
  status: null,
  session: { orders: false, why: null },
  chosen: new Set(),
  isLive: false,
};

const $ = (id) => document.getElementById(id);

// make(tag, text or {attributes}, children...): an element; text is never HTML.
function make(tag, what, ...children) {
  const element = document.createElement(tag);
  if (typeof what === "string") element.textContent = what;
  else
    for (const [name, value] of Object.entries(what || {}))
      if (name === "text") element.textContent = value;
      else if (value !== false) element.setAttribute(name, value);
  element.append(...children.filter((child) => child));
  return element;
}

const cut = (text, max = 300) =>
  text && text.length > max ? text.slice(0, max) + "…" : text || "";
const nameOf = (device) => cut(device.label || device.id, 80);
const count = (n, word) => n + " " + word + (n === 1 ? "" : "s");

function bytes(n) {
  return n < 1024 ? n + " B" : Math.round(n / 1024) + " KiB";
}

function seconds(n) {
  if (n < 90) return Math.max(1, Math.round(n)) + " s";
  return n < 5400 ? Math.round(n / 60) + " min" : Math.round(n / 3600) + " h";
}

const WORK = ["probing", "unlocking", "confirming", "offering", "downloading",
  "rebooting", "verifying", "finishing"];
const BEFORE_OFFER = ["probing", "unlocking", "confirming"];

function kindOf(device) {
  if (device.state === "failed" || device.attention === "keep-on") return "bad";
  if (device.state === "refused" || device.state === "held") return "wait";
  if (WORK.includes(device.state)) return "work";
  return ["flashed", "verified"].includes(device.state) ? "ok" : "soft";
}

function stateWords(device) {
  const reason = device.reason ? ": " + device.reason : "";
  return device.state + reason +
    (device.attention === "keep-on" ? " — do not switch it off" : "");
}

function progressWords(progress) {
  const left = progress.rate > 0 && progress.total > progress.bytes
    ? ", about " + seconds((progress.total - progress.bytes) / progress.rate) +
      " left" : "";
  const rate = progress.rate > 0 ? ", " + bytes(progress.rate) + "/s" : "";
  return progress.percent + " %, " + bytes(progress.bytes) + " of " +
    bytes(progress.total) + rate + left;
}

function imageWords(image) {
  return image ? cut(image.label || image.name, 80) : "";
}

function whatToDo(device) {
  if (device.attention || device.state === "refused" || device.state === "held")
    return cut(device.advice || device.detail || device.note, 600);
  return cut(device.detail || device.note, 600);
}

// The one action that makes sense now, if any: [word, verb].
function actionOf(device) {
  if (device.state === "held" && device.reason === "approval")
    return ["Approve…", "approve"];
  if (device.state === "failed") return ["Try again…", "retry"];
  if (device.state === "held" && device.reason === "cancelled")
    return ["Try again…", "retry"];
  if (BEFORE_OFFER.includes(device.state) || device.state === "held")
    return ["Cancel…", "cancel"];
  return null;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function makeRow(id) {
  const name = make("button", { type: "button", class: "name" });
  const cells = {
    name,
    nameText: make("bdi"),
    id: make("bdi", { class: "id" }),
    choose: make("input", { type: "checkbox" }),
    chooser: make("label"),
    state: make("span", { class: "state" }),
    bar: make("progress", { max: 100 }),
    progress: make("span", { class: "soft" }),
    image: make("bdi"),
    what: make("bdi"),
    act: make("button", { type: "button" }),
  };
  name.append(cells.nameText);
  name.addEventListener("click", () => showDetails(id));
  cells.act.addEventListener("click", () => {
    const action = actionOf(page.devices.get(id).device);
    if (action) confirmOrder(action[1], [id]);
  });
  cells.choose.addEventListener("change", () => {
    if (cells.choose.checked) page.chosen.add(id);
    else page.chosen.delete(id);
    showTools();
  });
  cells.chooser.append(cells.choose, " choose");
  const row = make("tr", { role: "row" },
    make("th", { scope: "row", role: "rowheader" }, name, cells.id),
    make("td", { role: "cell" }, cells.state, cells.bar, cells.progress),
    make("td", { role: "cell" }, cells.image),
    make("td", { role: "cell" }, cells.what),
    make("td", { role: "cell", class: "actions" }, cells.act, cells.chooser));
  return { device: null, row, cells };
}

function fillRow(entry) {
  const { device, cells } = entry;
  const action = page.session.orders ? actionOf(device) : null;
  const canChoose = action !== null && action[1] === "approve";
  setText(cells.nameText, nameOf(device));
  setText(cells.id, [device.id, device.address, cut(device.type, 40)]
    .filter((part) => part && part !== nameOf(device)).join(" · "));
  setText(cells.state, stateWords(device));
  cells.state.className = "state " + kindOf(device);
  cells.bar.hidden = cells.progress.hidden = !device.progress;
  cells.bar.setAttribute("aria-label", "download of " + nameOf(device));
  if (device.progress) {
    cells.bar.value = device.progress.percent;
    setText(cells.progress, progressWords(device.progress));
  }
  setText(cells.image, imageWords(device.image));
  setText(cells.what, whatToDo(device));
  cells.act.hidden = !action;
  if (action) {
    setText(cells.act, action[0]);
    cells.act.className = action[1] === "approve" ? "main" : "";
    cells.act.setAttribute("aria-label", action[0].replace("…", " ") +
      nameOf(device) + "…");
  }
  cells.chooser.hidden = !canChoose;
  cells.choose.setAttribute("aria-label", "choose " + nameOf(device));
  if (!canChoose && page.chosen.delete(device.id)) cells.choose.checked = false;
}

const ATTENTION = ["keep-on", "failed", "stuck", "approve", "join", "refused"];

function rankOf(device) {
  if (device.attention) return ATTENTION.indexOf(device.attention);
  const order = ["work", "bad", "wait", "ok", "soft"];
  return 10 + order.indexOf(kindOf(device));
}

const collator = new Intl.Collator(undefined, { numeric: true });

function compare(a, b) {
  return rankOf(a.device) - rankOf(b.device) ||
    collator.compare(nameOf(a.device), nameOf(b.device));
}

function isShown(device) {
  const words = $("filter").value.toLowerCase().trim();
  if ($("only").checked && !device.attention) return false;
  return !words || [device.id, device.label, device.address, device.state,
    device.reason, device.policy, device.note, imageWords(device.image)]
    .some((text) => text && text.toLowerCase().includes(words));
}

// Put the rows in their order; a row that is there already is not touched.
function arrange() {
  const rows = $("rows"), focused = document.activeElement;
  const wanted = [...page.devices.values()].sort(compare);
  let at = rows.firstElementChild, shown = 0;
  for (const entry of wanted) {
    entry.row.hidden = !isShown(entry.device);
    shown += !entry.row.hidden;
    if (entry.row === at) at = at.nextElementSibling;
    else rows.insertBefore(entry.row, at);
  }
  while (at) {
    const next = at.nextElementSibling;
    at.remove();
    at = next;
  }
  if (focused && focused !== document.activeElement && rows.contains(focused))
    focused.focus({ preventScroll: true });
  $("none").hidden = shown > 0;
  setText($("none"), page.devices.size
    ? "No device fits the filter." : "No device has been seen yet.");
}

function takeDevice(device) {
  let entry = page.devices.get(device.id);
  if (!entry) page.devices.set(device.id, (entry = makeRow(device.id)));
  entry.device = device;
  fillRow(entry);
}

function sentence() {
  const all = [...page.devices.values()].map((entry) => entry.device);
  const working = all.filter((device) => WORK.includes(device.state)).length;
  const failed = all.filter((device) => device.state === "failed").length;
  const done = all.filter((device) =>
    ["flashed", "verified"].includes(device.state)).length;
  const waiting = all.filter((device) => device.attention === "approve").length;
  const parts = [];
  if (!all.length) return "No device has been seen yet.";
  if (working) parts.push(working + " being flashed");
  if (waiting) parts.push(waiting + (waiting === 1 ? " waits" : " wait") +
    " for your approval");
  if (failed) parts.push(failed + " failed");
  if (done) parts.push(done + " done");
  return count(all.length, "device") + ": " +
    (parts.length ? parts.join(", ") : "nothing to do") + "." +
    (page.status && page.status.paused ? " Everything is paused." : "");
}

let saidAt = 0, sayLater = 0;

// Screen readers hear the sentence at most every 5 s.
function say(text) {
  clearTimeout(sayLater);
  if ($("say").textContent === text) return;
  const wait = saidAt + 5000 - Date.now();
  if (wait > 0) {
    sayLater = setTimeout(say, wait, text);
    return;
  }
  saidAt = Date.now();
  $("say").textContent = text;
}

function showTools() {
  const waiting = [...page.chosen].length;
  $("approve-chosen").hidden = waiting === 0;
  setText($("approve-chosen"), "Approve " + count(waiting, "chosen device") +
    "…");
  $("pause").hidden = !page.session.orders;
  setText($("pause"), page.status && page.status.paused
    ? "Go on with all…" : "Pause all…");
}

function showAll() {
  arrange();
  const text = sentence();
  setText($("sentence"), text);
  say(text);
  document.title = text.replace(/\.$/, "") + " – reflashd";
  showTools();
}

let showSoon = 0;

function changed() {
  if (showSoon) return;
  showSoon = requestAnimationFrame(() => {
    showSoon = 0;
    showAll();
    changedViews();
    if ($("details").open) fillDetails();
  });
}

// ---- live or not -----------------------------------------------------------

let source = null, heardAt = 0, watchTimer = 0;

const clock = () => new Date().toLocaleTimeString();

function setLive(isLive, why) {
  page.isLive = isLive;
  document.body.classList.toggle("old", !isLive);
  setText($("live"), isLive ? "live" : "not live");
  $("stale").hidden = isLive;
  if (!isLive) setText($("stale"), why);
}

function hear() {
  heardAt = Date.now();
}

function lose(why) {
  if (page.isLive || $("stale").hidden)
    setLive(false, why + " What you see is from " + clock() + ".");
}

function listen() {
  if (source) source.close();
  source = new EventSource("api/v1/events");
  const on = (name, take) => source.addEventListener(name, (event) => {
    hear();
    take(JSON.parse(event.data));
  });
  hear();
  on("snapshot", (told) => {
    const known = new Set(told.devices.map((device) => device.id));
    for (const id of page.devices.keys())
      if (!known.has(id)) page.devices.delete(id);
    told.devices.forEach(takeDevice);
    setLive(true);
    changed();
  });
  on("change", (told) => {
    takeDevice(told.device);
    changed();
  });
  on("forgotten", (told) => {
    page.devices.delete(told.id);
    page.chosen.delete(told.id);
    changed();
  });
  on("status", (told) => {
    page.status = told;
    showStatus(told);
    changed();
  });
  on("down", (told) => lose("The daemon does not answer: " + told.error + "."));
  on("alive", () => {});
  source.onerror = () => {
    lose("The connection to the server of this page is lost. The page tries " +
      "to connect again; flashes go on.");
    // After a reply other than 200 the browser does not try by itself.
    if (source && source.readyState === EventSource.CLOSED)
      setTimeout(() => document.hidden || listen(), 5000);
  };
}

// A connection can be dead without anybody knowing.
function watch() {
  if (!document.hidden && Date.now() - heardAt > 50000) {
    lose("The server of this page has said nothing for a while.");
    listen();
  }
}

// A hidden page gives its connection back: a browser has only six for a host.
function onVisibility() {
  if (document.hidden) {
    if (source) source.close();
    source = null;
  } else {
    listen();
  }
}

addEventListener("DOMContentLoaded", () => {
  $("tools").hidden = $("views").hidden = false;
  $("tools").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["filter", "only"])
    $(id).addEventListener("input", arrange);
  document.addEventListener("visibilitychange", onVisibility);
  watchTimer = setInterval(watch, 10000);
  setLive(false, "The page is asking for the devices.");
  if (!document.hidden) listen();
});
