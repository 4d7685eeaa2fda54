// Records that could not be used.

import { purpose, read } from "./api.js";
import { byId, clearNotice, el, notice } from "./dom.js";
import { count, second } from "./format.js";
import { masthead } from "./masthead.js";

let reason = new URLSearchParams(location.search).get("reason") || "";
let older = null;

async function load() {
  try {
    const page = await read("/v1/dead-letters", { reason });
    clearNotice();
    byId("counts").replaceChildren(counts(page.counts));
    byId("letters").replaceChildren(...page.letters.map(letter));
    if (!page.letters.length) byId("letters").append(el("p", { class: "empty" }, reason ? "No record was refused for this reason." : "Every record could be used."));
    follow(page);
  } catch (error) {
    notice("error", error.message, el("button", { type: "button", onclick: load }, "Try again"));
  }
}

async function more() {
  try {
    const page = await read("/v1/dead-letters", { reason, before: older });
    byId("letters").append(...page.letters.map(letter));
    follow(page);
  } catch (error) {
    notice("error", error.message);
  }
}

function follow(page) {
  older = page.next;
  byId("older").hidden = older === null;
}

function counts(found) {
  const all = { reason: "", meaning: "all records that could not be used", records: found.reduce((sum, each) => sum + each.records, 0) };
  return el("ul", { class: "tiles" }, [all, ...found].map((each) => el("li", {},
    el("button", { type: "button", class: "tile", "aria-pressed": String(each.reason === reason), title: each.meaning, onclick: () => choose(each.reason) },
      el("strong", {}, count(each.records)), el("span", {}, each.reason || "all"), el("small", {}, each.meaning)))));
}

function choose(word) {
  reason = word;
  history.replaceState(null, "", word ? `?reason=${encodeURIComponent(word)}` : location.pathname);
  load();
}

function letter(held) {
  const inside = el("div", {});
  return el("details", { class: "letter", ontoggle: (event) => { if (event.target.open && !inside.childNodes.length) open(held, inside); } },
    el("summary", {}, el("span", { class: "chip" }, held.reason), el("span", { class: "prose" }, held.message), el("span", { class: "muted" }, `${held.source} · ${held.place} · ${held.at_us === null ? "no time" : `${second(held.at_us)} UTC`}`)), inside);
}

async function open(held, place) {
  try {
    const found = await read(`/v1/dead-letters/${encodeURIComponent(held.letter_id)}`, { purpose: purpose() });
    place.replaceChildren(el("p", { class: "muted" }, `${held.reason}: ${found.meaning}`), el("pre", { tabindex: 0 }, found.payload));
  } catch (error) {
    place.replaceChildren(el("p", { class: "trouble" }, error.message));
  }
}

masthead();
byId("older").addEventListener("click", more);
load();
