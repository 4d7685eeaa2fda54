// The table of suppressions, on its own page and in search.

import { el, identifier } from "./dom.js";
import { scrolling } from "./evidence.js";
import { count, minute, until } from "./format.js";

const COLUMNS = ["Detector", "Subject", "Reason", "By", "From (UTC)", "Until", "Signals muted", ""];

// `end(suppression)` is offered for active ones when given.
export function suppressionTable(suppressions, end = null) {
  const rows = suppressions.map((one) => el("tr", { class: one.is_active ? "" : "ended" },
    el("td", {}, one.detector === "*" ? "any" : one.detector),
    el("td", {}, one.subject === "*" ? "any" : identifier(one.subject, { link: true })),
    el("td", { class: "prose" }, one.reason),
    el("td", {}, one.author),
    el("td", { class: "nowrap" }, one.from_us ? minute(one.from_us) : "always"),
    el("td", { class: "nowrap" }, one.is_active ? until(one.until_us) : "ended"),
    el("td", { class: "number" }, count(one.suppressed)),
    el("td", {}, end && one.is_active && el("button", { type: "button", class: "small", onclick: () => end(one) }, "End"))));
  return scrolling("Suppressions", el("table", {}, el("thead", {}, el("tr", {}, COLUMNS.map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, rows)));
}
