// The worst gaps of knowledge first, each score taken apart.

import { purpose, read } from "./api.js";
import { byId, clearNotice, el, identifier, notice } from "./dom.js";
import { count } from "./format.js";
import { masthead } from "./masthead.js";

async function load() {
  const list = byId("list");
  try {
    const { ranking } = await read("/v1/customers/ranking", { purpose: purpose() });
    clearNotice();
    const told = `${count(ranking.customers)} customers, ${count(ranking.without_gap)} without a gap, ${count(ranking.restricted)} in the restricted view and not shown here. Score = ${ranking.formula}.`;
    const persons = ranking.persons.length ? el("ol", { class: "persons" }, ranking.persons.map(person)) : el("p", { class: "empty" }, "No gap is known.");
    list.replaceChildren(el("p", { class: "muted" }, told), persons);
  } catch (error) {
    notice("error", error.message, el("button", { type: "button", onclick: load }, "Try again"));
  } finally {
    list.removeAttribute("aria-busy");
  }
}

function person(one) {
  const joined = one.joined_by.length
    ? el("p", { class: "muted" }, `Accounts of one person, it seems; they share ${one.joined_by.join(", ")}${one.cut ? " and more" : ""}.`)
    : null;
  return el("li", { class: "card person" }, el("div", { class: "score" }, one.score.toFixed(2)), el("div", {}, one.accounts.map(account), joined));
}

function account(one) {
  const { gap, exposure, listing, score, parts } = one.score;
  const sum = `${gap} × (1 + ${exposure}) × (1 + ${listing}) / 4 = ${score}`;
  const rows = parts.map((part) => el("tr", {}, el("td", {}, `${part.of} ${part.value}`), el("td", {}, part.because), el("td", { class: "muted" }, part.rests_on.join(", "))));
  return el("div", { class: "account" },
    el("p", {}, identifier(one.subject, { link: true })),
    el("p", {}, one.reason),
    el("p", { class: "sum" }, sum),
    el("details", {}, el("summary", {}, `What it is made of (${parts.length})`), el("table", {}, el("tbody", {}, rows))));
}

masthead();
load();
