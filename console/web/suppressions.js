// What is muted on purpose; adding and ending.

import { read, send } from "./api.js";
import { askFor } from "./dialog.js";
import { byId, clearNotice, el, notice, say } from "./dom.js";
import { count } from "./format.js";
import { masthead } from "./masthead.js";
import { suppressionTable } from "./muting.js";

async function load() {
  try {
    const held = await read("/v1/suppressions");
    clearNotice();
    const total = el("p", {}, `${count(held.suppressed)} signal${held.suppressed === 1 ? "" : "s"} muted in all alerts.`);
    const table = held.suppressions.length ? suppressionTable(held.suppressions, end) : el("p", { class: "empty" }, "Nothing is muted.");
    byId("list").replaceChildren(total, table);
  } catch (error) {
    notice("error", error.message, el("button", { type: "button", onclick: load }, "Try again"));
  }
}

async function end(one) {
  const fields = [{ name: "reason", label: "Why does it end?", required: true, long: true }];
  const path = `/v1/suppressions/${encodeURIComponent(one.suppression_id)}/end`;
  const ended = await askFor({ title: "End this suppression", fields, action: "End it", run: (given) => send(path, given) });
  if (!ended) return;
  say("The suppression has ended.");
  await load();
}

async function add(event) {
  event.preventDefault();
  const form = event.target;
  const given = Object.fromEntries(new FormData(form));
  const wish = { detector: given.detector, subject: given.subject, reason: given.reason };
  if (given.until) wish.until_us = Date.parse(`${given.until}Z`) * 1000;
  try {
    await send("/v1/suppressions", wish);
    form.reset();
    say("The suppression was added.");
    await load();
  } catch (error) {
    notice("error", error.message);
    byId("notice").scrollIntoView({ block: "nearest" });
  }
}

masthead();
byId("add").addEventListener("submit", add);
const asked = new URLSearchParams(location.search);
for (const name of ["detector", "subject"]) if (asked.get(name)) byId("add").elements[name].value = asked.get(name);
load();
