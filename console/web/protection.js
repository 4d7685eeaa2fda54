// Findings for restricted eyes: listed, read and decided on here alone.

import { purpose, read, send } from "./api.js";
import { askFor } from "./dialog.js";
import { byId, clearNotice, el, notice, say } from "./dom.js";
import { masthead } from "./masthead.js";
import { row } from "./rows.js";

const PATH = "/v1/protection/alerts";

async function load() {
  const list = byId("list");
  try {
    const page = await read(PATH, { purpose: purpose() });
    clearNotice();
    byId("door").hidden = true;
    const found = page.alerts.map(drawn);
    list.replaceChildren(found.length ? el("ol", { class: "alerts" }, found) : el("p", { class: "empty" }, "Nothing stands here."));
  } catch (error) {
    byId("door").hidden = error.status !== 403;
    if (error.status !== 403) notice("error", error.message, el("button", { type: "button", onclick: load }, "Try again"));
  } finally {
    list.removeAttribute("aria-busy");
  }
}

function drawn(summary) {
  const shown = row(summary, decide);
  const open = el("details", {}, el("summary", {}, "Next steps and sources"));
  open.addEventListener("toggle", () => open.open && whole(summary, open), { once: true });
  shown.querySelector(".title").replaceWith(el("span", { class: "title" }, summary.title));
  shown.querySelector(".what").append(open);
  return shown;
}

async function whole(summary, open) {
  try {
    const detail = await read(`${PATH}/${encodeURIComponent(summary.alert_id)}`, { purpose: purpose() });
    open.append(
      el("ol", {}, detail.next_steps.map((step) => el("li", {}, step))),
      el("ul", {}, detail.citations.map((one) => el("li", { class: "muted" }, `${one.source}, ${one.section}`))));
  } catch (error) {
    open.append(el("p", {}, error.message));
  }
}

async function decide(action, summary) {
  const fields = [{ name: "reason", label: "Reason", required: action.state === "dismissed", long: true }];
  const path = `${PATH}/${encodeURIComponent(summary.alert_id)}/triage`;
  const done = await askFor({ title: action.name, fields, action: action.name, run: (given) => send(path, { state: action.state, reason: given.reason }) });
  if (!done) return;
  say("Written down.");
  await load();
}

masthead();
load();
