// The other views: what needs a person, plan, policies, history, problems.
"use strict";

const VIEWS = ["devices", "plan", "policies", "history", "problems"];
let view = "devices", viewTimer = 0, viewAt = 0;

// ---- what needs a person, and problems: as the daemon says it --------------

function showStatus(status) {
  const todo = status.todo || [];
  $("todo-part").hidden = todo.length === 0;
  $("todo").replaceChildren(...todo.map((one) => make("li",
    { class: one.what }, make("bdi", cut(one.sentence, 600)),
    one.command ? make("span", { text: " — on the server: ", class: "soft" })
      : null, one.command ? make("code", cut(one.command, 300)) : null)));
  const problems = status.problems || [];
  $("problems").replaceChildren(...(problems.length ? problems
    : ["Nothing is in the way."]).map((text) => make("li", cut(text, 900))));
  setText($("status"), JSON.stringify(status, null, 1));
}

// ---- tables of the answers -------------------------------------------------

function table(caption, heads, rows, none) {
  if (!rows.length) return make("p", none);
  return make("table", { role: "table" },
    make("caption", { text: caption, class: "hidden" }),
    make("thead", { role: "rowgroup" }, make("tr", { role: "row" },
      ...heads.map((head) => make("th",
        { text: head, scope: "col", role: "columnheader" })))),
    make("tbody", { role: "rowgroup" }, ...rows.map((cells) =>
      make("tr", { role: "row" }, ...cells.map((cell, i) =>
        make(i ? "td" : "th", i ? { role: "cell" }
          : { scope: "row", role: "rowheader" },
        cell instanceof Node ? cell : make("bdi", cell || "")))))));
}

function deviceButton(id, label) {
  const button = make("button", { type: "button", class: "name" },
    make("bdi", cut(label || id, 80)));
  button.addEventListener("click", () => showDetails(id));
  return button;
}

const words = (entry) => cut([entry.detail, entry.advice]
  .filter((part) => part).join(". "), 900);

function showPlan(told) {
  $("plan").replaceChildren(table("Plan",
    ["Device", "What happens", "Image", "Policy", "Why"],
    told.plan.map((entry) => [deviceButton(entry.id, entry.label),
      entry.action + (entry.reason ? ": " + entry.reason : ""),
      cut(entry.image_label || entry.image, 80), entry.policy, words(entry)]),
    "No device has been seen yet: there is nothing to plan."));
}

function policyWords(policy) {
  const parts = [];
  for (const [key, text] of [["done", "done"], ["at_work", "at work"],
    ["waiting", "waiting"], ["failed", "failed"], ["refused", "refused"],
    ["idle", "only watched"]])
    if (policy[key]) parts.push(policy[key] + " " + text);
  return parts.join(", ") || "none";
}

function policyWhy(policy) {
  const reasons = [...(policy.waiting_for || []), ...(policy.failed_for || []),
    ...(policy.refused_for || [])].map((one) => one.devices + ": " +
      one.meaning);
  const estimate = policy.estimate
    ? ["the rest takes about " + seconds(policy.estimate.seconds)] : [];
  return cut([policy.stopped, policy.note, ...reasons, ...estimate]
    .filter((part) => part).join(". "), 900);
}

function pauseButton(policy) {
  const button = make("button", { type: "button",
    text: policy.paused ? "Go on…" : "Pause…" });
  button.addEventListener("click", () =>
    confirmPause(!policy.paused, policy.name));
  return page.session.orders ? button : make("span");
}

function showPolicies(told) {
  $("policies").replaceChildren(table("Policies",
    ["Policy", "What it does", "Image", "Devices", "Why not more", "Actions"],
    told.policies.map((policy) => [policy.name,
      policy.action + (policy.paused ? ", paused" : ""),
      imageWords(policy.image), policyWords(policy), policyWhy(policy),
      pauseButton(policy)]),
    "There is no policy: nothing is flashed by itself. On the server, " +
    "\"reflashctl propose\" writes a first one."));
}

function showHistory(told) {
  const failed = $("failed").checked;
  const entries = told.history.filter((entry) => !failed ||
    entry.state === "failed" || (entry.state === "held" && entry.reason));
  $("history").replaceChildren(table("History, the latest first",
    ["When", "Device", "How it ended", "Image", "By", "Bytes", "Took"],
    entries.reverse().map((entry) => [
      new Date(entry.time).toLocaleString(),
      deviceButton(entry.device, entry.label),
      entry.state + (entry.reason ? ": " + entry.reason : ""),
      cut(entry.image_label || entry.image, 80), cut(entry.who, 70),
      bytes(entry.bytes), seconds(entry.seconds)]),
    failed ? "Nothing has failed." : "Nothing was flashed yet."));
}

const SHOW = { plan: showPlan, policies: showPolicies, history: showHistory };

async function loadView() {
  const name = view;
  viewAt = Date.now();
  if (!SHOW[name]) return;
  try {
    const reply = await fetch("api/v1/" + name);
    const told = await reply.json();
    if (name !== view) return;
    if (!reply.ok) throw new Error(told.error);
    const focused = document.activeElement;
    if ($(name).contains(focused) && focused !== document.body) return;
    SHOW[name](told);
  } catch (error) {
    $(name).replaceChildren(make("p",
      { text: "This cannot be shown now: " + error.message, class: "stale" }));
  }
}

// What is shown follows the devices, but not more often than each 5 s.
function changedViews() {
  if (!SHOW[view] || viewTimer) return;
  viewTimer = setTimeout(() => {
    viewTimer = 0;
    loadView();
  }, Math.max(0, viewAt + 5000 - Date.now()));
}

function chooseView() {
  const wanted = location.hash.slice(1);
  if (wanted === "main") return;
  view = VIEWS.includes(wanted) ? wanted : "devices";
  for (const name of VIEWS) $("view-" + name).hidden = name !== view;
  for (const link of $("views").children) {
    if (link.hash === "#" + view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  loadView();
}

addEventListener("hashchange", chooseView);
addEventListener("DOMContentLoaded", () => {
  $("failed").addEventListener("change", loadView);
  if (navigator.clipboard) {
    $("copy").hidden = false;
    $("copy").addEventListener("click", () =>
      navigator.clipboard.writeText($("status").textContent));
  }
  chooseView();
});
