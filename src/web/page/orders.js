// Orders: who may give them, and the dialogs that say what they mean.
"use strict";

// The token lives as long as this tab, and is sent as a header only.
const TOKEN = "reflashd-token";

function headers() {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { Authorization: "Bearer " + token } : {};
}

async function post(verb, body, more) {
  const reply = await fetch("api/v1/" + verb, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers(), ...more },
    body: JSON.stringify(body),
  });
  let told = {};
  try {
    told = await reply.json();
  } catch (error) {
    told = { error: "the server answers something that is no JSON" };
  }
  return { ok: reply.ok && told.ok === true, status: reply.status, told };
}

async function learnSession() {
  const reply = await fetch("api/v1/session", { headers: headers() });
  if (!reply.ok) return;
  page.session = await reply.json();
  $("rights").hidden = page.session.orders;
  setText($("rights"), "You can look. " + (page.session.why
    ? page.session.why[0].toUpperCase() + page.session.why.slice(1) + "." : ""));
  page.devices.forEach(fillRow);
  changed();
}

// A link of "reflashctl web" has a code behind the #, which is good once.
async function logIn() {
  const code = location.hash.startsWith("#t=") ? location.hash.slice(3) : "";
  if (code) {
    history.replaceState(null, "", location.pathname);
    const done = await post("login", {}, { Authorization: "Bearer " + code });
    if (done.ok) sessionStorage.setItem(TOKEN, done.told.token);
    await learnSession();
    if (!done.ok && !page.session.orders)
      setText($("rights"), "This link was used before, or is too old. To make " +
        "a new one, run on the server: sudo reflashctl web");
  } else {
    await learnSession();
  }
}

// ---- the dialog before an order --------------------------------------------

let giveOrder = null;

function ask(head, text, yes, isDangerous, give) {
  $("confirm-error").hidden = true;
  $("confirm-head").textContent = head;
  $("confirm-text").replaceChildren(...text);
  $("confirm-yes").textContent = yes;
  $("confirm-yes").className = isDangerous ? "danger" : "main";
  $("confirm-yes").disabled = false;
  giveOrder = give;
  $("confirm").showModal();
  $("confirm-no").focus();
}

async function onYes() {
  $("confirm-yes").disabled = true;
  try {
    const wrong = await giveOrder();
    if (!wrong.length) {
      $("confirm").close();
      return;
    }
    $("confirm-error").replaceChildren(...wrong.map((text) => make("p", text)));
  } catch (error) {
    $("confirm-error").textContent = "There is no answer to the order. " +
      "Look whether the device has begun before you try again. (" +
      error.message + ")";
  }
  $("confirm-error").hidden = false;
}

// Why an order was refused, in a sentence.
function refusal(done) {
  const told = done.told;
  if (told.code === "ESTALE")
    return "Nothing was done: the image was replaced by another one. Close " +
      "this, look at the new image, and decide again. (" +
      cut(told.error, 300) + ")";
  if (done.status === 401) {
    sessionStorage.removeItem(TOKEN);
    learnSession();
  }
  return cut([told.error, told.advice].filter((part) => part).join(". "), 600) ||
    "Nothing was done; the reply has the status " + done.status + ".";
}

function describe(image, devices) {
  const facts = image ? [
    ["Image", imageWords(image)], ["File", image.name],
    ["Version", image.version || "not known"],
    ["Size", image.size + " bytes"], ["SHA-256", image.sha256]] : [];
  return make("dl", {}, ...[...facts,
    [devices.length === 1 ? "Device" : "Devices",
      devices.map((device) => nameOf(device) + " (" + device.id + ")")
        .join(", ")]]
    .flatMap(([term, text]) => [make("dt", term),
      make("dd", {}, make("bdi", text || ""))]));
}

// Group devices by the image that they are to get.
function byImage(devices) {
  const groups = new Map();
  for (const device of devices) {
    const key = device.image ? device.image.sha256 : "";
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(device);
  }
  return [...groups.values()];
}

const FLASHES = ["approve", "flash", "retry"];
const HEADS = { approve: "Flash", flash: "Flash", retry: "Try again to flash",
  cancel: "Cancel the flash of" };

async function giveToEach(verb, devices) {
  const wrong = [];
  for (const device of devices) {
    const body = { id: device.id };
    if (FLASHES.includes(verb) && device.image)
      body.sha256 = device.image.sha256;
    const done = await post(verb, body);
    if (!done.ok) wrong.push(nameOf(device) + ": " + refusal(done));
  }
  return wrong;
}

function confirmOrder(verb, ids) {
  const devices = ids.map((id) => page.devices.get(id))
    .filter((entry) => entry).map((entry) => ({ ...entry.device }));
  if (!devices.length) return;
  const whom = devices.length === 1 ? nameOf(devices[0])
    : count(devices.length, "device");
  const flashes = FLASHES.includes(verb);
  const image = devices[0].image;
  const text = byImage(devices).map((group) =>
    describe(flashes ? group[0].image : null, group));
  text.push(make("p", flashes
    ? "This replaces the firmware, and cannot be undone. Do not switch " +
      (devices.length === 1 ? "the device" : "the devices") +
      " off until it is done."
    : "It is not flashed until you try again. A device that was told to " +
      "download already cannot be stopped."));
  ask(HEADS[verb] + " " + whom + "?", text,
    flashes ? "Flash " + whom + (image && byImage(devices).length === 1
      ? " with " + imageWords(image) : "") : "Cancel " + whom,
    true, () => giveToEach(verb, devices));
}

function confirmPause(isPause, policy) {
  const what = policy ? "policy " + policy : "all policies";
  ask((isPause ? "Pause " : "Go on with ") + what + "?",
    [make("p", isPause
      ? "No new flash begins. What is under way goes on."
      : "Devices that wait for this are flashed as their policies say.")],
    (isPause ? "Pause " : "Go on with ") + what, !isPause, async () => {
      const done = await post(isPause ? "pause" : "resume",
        policy ? { policy } : {});
      return done.ok ? [] : [refusal(done)];
    });
}

// ---- the details of a device -----------------------------------------------

function factsOf(device) {
  const progress = device.progress ? progressWords(device.progress) : null;
  const image = device.image
    ? imageWords(device.image) + ", " + device.image.name + ", " +
      device.image.size + " bytes, SHA-256 " + device.image.sha256 : null;
  return [["Id", device.id], ["State", stateWords(device)],
    ["What it means", device.detail], ["What to do", device.advice],
    ["Progress", progress], ["Note", device.note],
    ["Policy", device.policy], ["Image", image],
    ["Attempt", device.attempt ? device.attempt + " of " + device.attempts
      : null], ["Since", new Date(device.since).toLocaleString()],
    ["Name", device.name], ["Address", device.address], ["MAC", device.mac],
    ["Type", device.type], ["Firmware", device.firmware],
    ["Signal", device.rssi ? device.rssi + " dBm" +
      (device.weak ? ", weak: a download depends on luck" : "") : null],
    ["Access point", device.access_point], ["Its page", device.page]];
}

async function showPoliciesOf(id) {
  const reply = await fetch("api/v1/plan?id=" + encodeURIComponent(id));
  const told = await reply.json();
  const policies = reply.ok && told.plan[0] ? told.plan[0].policies || [] : [];
  if (!$("details").open || $("details").dataset.id !== id) return;
  $("details-policies").replaceChildren(
    make("h3", "What each policy makes of it"),
    policies.length ? make("ul", {}, ...policies.map((policy) => make("li",
      cut(policy.policy + ": " + policy.detail, 900))))
      : make("p", "There is no policy."));
}

function detailButtons(device) {
  const buttons = [];
  const order = (verb) => () => {
    $("details").close();
    confirmOrder(verb, [device.id]);
  };
  const action = actionOf(device);
  if (page.session.orders) {
    if (action) buttons.push([action[0], order(action[1])]);
    if (device.image && !WORK.includes(device.state) &&
        (!action || action[1] !== "approve"))
      buttons.push(["Flash now…", order("flash")]);
  }
  return buttons;
}

// Show these buttons; where they are the same, the focus stays where it is.
function showButtons(buttons) {
  const shown = [...$("details-buttons").children];
  if (shown.map((button) => button.textContent).join("\n") ===
      buttons.map(([text]) => text).join("\n")) {
    buttons.forEach(([, run], i) => { shown[i].onclick = run; });
    return;
  }
  const hadFocus = shown.includes(document.activeElement);
  $("details-buttons").replaceChildren(...buttons.map(([text, run]) => {
    const button = make("button", { type: "button", text });
    button.onclick = run;
    return button;
  }));
  if (hadFocus) $("details-buttons").firstElementChild.focus();
}

const detailsOf = { facts: "", state: "" };

// Show what is known now; while the dialog is open this follows each change.
function fillDetails() {
  const id = $("details").dataset.id, entry = page.devices.get(id);
  const close = ["Close", () => $("details").close()];
  const facts = entry ? factsOf(entry.device).filter(([, text]) => text)
    : [["Id", id], ["State", "The daemon has forgotten this device."]];
  const state = entry ? stateWords(entry.device) : "";
  setText($("details-head"), entry ? nameOf(entry.device) : id);
  showButtons([close, ...(entry ? detailButtons(entry.device) : [])]);
  if (JSON.stringify(facts) !== detailsOf.facts)
    $("facts").replaceChildren(...facts.flatMap(([term, text]) =>
      [make("dt", term), make("dd", {}, make("bdi", cut(text, 900)))]));
  detailsOf.facts = JSON.stringify(facts);
  if (entry && state !== detailsOf.state) showPoliciesOf(id).catch(() => {});
  detailsOf.state = state;
}

function showDetails(id) {
  if (!page.devices.has(id)) return;
  $("details").dataset.id = id;
  $("details-policies").replaceChildren();
  detailsOf.state = "";
  $("details").showModal();
  fillDetails();
}

addEventListener("DOMContentLoaded", () => {
  $("confirm-no").addEventListener("click", () => $("confirm").close());
  $("confirm-yes").addEventListener("click", onYes);
  $("approve-chosen").addEventListener("click", () =>
    confirmOrder("approve", [...page.chosen]));
  $("pause").addEventListener("click", () =>
    confirmPause(!(page.status && page.status.paused), null));
  logIn().catch(() => {});
});
