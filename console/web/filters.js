// The filter bar: choices come from what the store holds; the address bar keeps them.

import { read } from "./api.js";
import { byId, el } from "./dom.js";
import { count } from "./format.js";

const CHOICES = [
  ["severity", "Severity", ["critical", "high", "medium", "low"]],
  ["human", "Decision", ["new", "in-review", "escalated", "dismissed", "reported"]],
  ["state", "State", ["provisional", "final", "withdrawn"]],
  ["detector", "Detector", []],
  ["typology", "Typology", []],
];
const NAMES = ["text", ...CHOICES.map(([name]) => name), "muted"];

export function chosen() {
  const form = new FormData(byId("filters"));
  return Object.fromEntries(NAMES.map((name) => [name, form.get(name) || ""]).filter(([, value]) => value));
}

export function buildFilters(changed) {
  const asked = new URLSearchParams(location.search);
  const text = el("input", { name: "text", type: "search", placeholder: "Text or identifier", maxlength: 512, "aria-label": "Text or identifier", autocomplete: "off", spellcheck: "false" });
  text.value = asked.get("text") || "";
  const selects = CHOICES.map(([name, label, known]) => choice(name, label, known, asked.get(name) || ""));
  const muted = el("select", { name: "muted" }, el("option", { value: "" }, "hidden"), el("option", { value: "1" }, "shown"));
  muted.value = asked.get("muted") === "1" ? "1" : "";
  const apply = () => { keep(); changed(); };
  const form = byId("filters");
  form.replaceChildren(text, ...selects, el("label", { class: "choice" }, el("span", {}, "Muted"), muted), el("button", { type: "button", class: "quiet", onclick: () => { clear(); apply(); } }, "Reset"));
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
}

function choice(name, label, known, value) {
  const values = value && !known.includes(value) ? [...known, value] : known;
  const options = values.map((word) => el("option", { value: word }, word));
  const select = el("select", { name }, el("option", { value: "" }, "any"), options);
  select.value = value;
  return el("label", { class: "choice" }, el("span", {}, label), select);
}

export function clear() {
  for (const box of byId("filters").querySelectorAll("input, select")) box.value = "";
}

function keep() {
  const asked = new URLSearchParams(chosen()).toString();
  history.replaceState(null, "", asked ? `/?${asked}` : "/");
}

export const held = () => read("/v1/facets", { muted: chosen().muted });

// Fills in the values the store holds, with counts, and keeps what is chosen.
export async function refreshChoices() {
  const facets = await held();
  for (const [name, , known] of CHOICES) {
    const select = byId("filters").elements[name];
    const value = select.value;
    const counts = new Map(facets[name].map((facet) => [facet.value, facet.alerts]));
    const values = [...new Set([...known, ...counts.keys(), value])].filter((word) => word !== "");
    const options = values.map((word) => el("option", { value: word }, `${word} (${count(counts.get(word) || 0)})`));
    select.replaceChildren(el("option", { value: "" }, "any"), ...options);
    select.value = value;
  }
  return facets;
}
