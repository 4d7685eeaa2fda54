// One alert whole.

import { purpose, query, read } from "./api.js";
import { ACTIONS, REOPEN, REPORTED, take } from "./deciding.js";
import { byId, clearNotice, el, identifier, notice, outside, svg } from "./dom.js";
import { adverts, happeningTable, movementTable, templateOf } from "./evidence.js";
import { count, measured, second, words } from "./format.js";
import { human, severity, state } from "./marks.js";
import { masthead } from "./masthead.js";
import { plot } from "./plot.js";

const page = byId("alert");
const alertId = decodeURIComponent(location.pathname.split("/").pop());
let current = null;

async function load() {
  page.setAttribute("aria-busy", "true");
  try {
    current = await read(`/v1/alerts/${encodeURIComponent(alertId)}`, { purpose: purpose() });
    clearNotice();
    draw(current);
  } catch (error) {
    notice("error", error.message, el("button", { type: "button", onclick: load }, "Try again"));
  }
  page.removeAttribute("aria-busy");
}

function draw(detail) {
  const { summary } = detail;
  document.title = `${summary.title} · manumit`;
  page.replaceChildren(head(detail), el("div", { class: "columns" },
    el("div", { class: "main" }, reason(detail), numbers(detail), timeline(detail), evidence(detail)),
    el("aside", {}, decisions(detail), steps("Innocent explanations", detail.innocent, "Check these first."),
      steps("Next steps", detail.next_steps), sources(detail), roles(detail), terms(detail), outsideWords(detail))));
}

function head({ summary, withdrawn_reason: withdrawn }) {
  return el("header", { class: "head" },
    el("div", { class: "chips" }, severity(summary.severity), state(summary.state), human(summary)),
    el("h1", {}, summary.title),
    withdrawn && el("p", { class: "notice" }, `Withdrawn: ${withdrawn}`),
    el("dl", { class: "facts" },
      fact("Subject", identifier(summary.subject, { link: true })),
      fact("Episode (UTC)", `${second(summary.opened_us)} to ${second(summary.last_us)}`),
      fact("Detector", `${summary.detector}, version ${summary.version}`),
      summary.typology && fact("Typology", words(summary.typology)),
      fact("Score", measured("score", summary.score)),
      fact("Signals", `${count(summary.signals)}${summary.suppressed ? `, ${count(summary.suppressed)} muted` : ""}`),
      fact("Alert", [identifier(summary.alert_id), ` revision ${summary.revision}`])));
}

const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));

const card = (title, ...inside) => el("section", { class: "card" }, el("h2", {}, title), inside);

function reason(detail) {
  const chance = detail.expected_chance_matches;
  const [lead, parties] = detail.summary.reason.split(" Parties: ", 2);
  return card("Why this alert", el("p", { class: "lead" }, parties ? lead : detail.summary.reason),
    parties && [el("h3", {}, "Parties"), el("ol", { class: "bare parties" }, parties.replace(/\.$/, "").split("; ").map((party) => el("li", {}, party)))],
    chance > 0 && el("p", { class: "muted" }, `Matches expected by chance alone: ${count(chance)}`),
    detail.spans.length > 0 && el("p", { class: "tokens" }, el("span", { class: "muted" }, "Read in the text"), detail.spans.map((span) => el("q", {}, span))),
    el("p", { class: "muted" }, "The activity resembles a published sign. It proves nothing about anyone."));
}

// A model tells what quiet traffic has beside what it saw.
const TYPICAL = " (typical)";

function numbers({ comparisons }) {
  if (!comparisons.length) return null;
  const typical = new Map(comparisons.filter(({ name }) => name.endsWith(TYPICAL)).map(({ name, value }) => [name.slice(0, -TYPICAL.length), value]));
  const unit = (name) => (typical.has(name) && name.startsWith("since_") ? `${name}_s` : name); // models see seconds, rules tell hours
  const rows = comparisons.filter(({ name }) => !name.endsWith(TYPICAL)).map(({ name, value, threshold }) => el("tr", {},
    el("th", { scope: "row" }, measure(name)),
    el("td", { class: value === null ? "number muted" : "number" }, value === null ? "a setting" : measured(unit(name), value)),
    el("td", { class: "number" }, typical.has(name) ? `typical: ${measured(unit(name), typical.get(name))}` : limit(name, threshold)),
    el("td", { class: "gauge" }, gauge(value, threshold))));
  return card("Values against thresholds", el("div", { class: "scroll" }, el("table", {},
    el("thead", {}, el("tr", {}, ["Measure", "Value", "Threshold", ""].map((name, i) => el("th", { scope: "col", class: i % 3 ? "number" : null }, name)))), el("tbody", {}, rows))));
}

function gauge(value, threshold) {
  if (value === null || threshold === null || !(Math.max(value, threshold) > 0)) return null;
  const wide = 97 / Math.max(value, threshold);
  return svg("svg", { viewBox: "0 0 100 12", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "ground", x: 0, y: 2, width: 100, height: 8 }),
    svg("rect", { class: "value", x: 0, y: 2, width: Math.max(0, value) * wide, height: 8 }),
    svg("rect", { class: "limit", x: threshold * wide, y: 0, width: 0.6, height: 12 }));
}

// `min_senders` is a limit from below on `senders`.
const measure = (name) => words(name.replace(/^(min|max)_/, "").replace(/_(usd|us|s|hours|minutes|days|km)$/, ""));
const limit = (name, threshold) => (threshold === null ? "–" : `${({ min: "at least ", max: "at most " })[name.slice(0, name.indexOf("_"))] || ""}${measured(name, threshold)}`);

function timeline({ movements, summary }) {
  return card("Transfers over time", plot(movements, summary.opened_us, summary.last_us));
}

function evidence(detail) {
  const proof = detail.movements.filter((move) => move.is_evidence);
  const around = detail.movements.filter((move) => !move.is_evidence);
  return el("section", { class: "card" }, el("h2", {}, "Evidence"),
    proof.length > 0 && movementTable(proof, "Transfers that are evidence"),
    templateOf(detail.template), adverts(detail.adverts),
    detail.happenings.length > 0 && happeningTable(detail.happenings),
    detail.missing.length > 0 && el("p", { class: "tokens" }, el("span", { class: "muted" }, "Not in the store:"), detail.missing.map((id) => identifier(id))),
    around.length > 0 && el("details", {}, el("summary", {}, `${count(around.length)} more transfers of this subject around the episode`), movementTable(around, "Transfers for context")));
}

function decisions({ summary, decisions: log }) {
  const offered = [...ACTIONS, REPORTED, REOPEN].filter(({ state: to }) => to !== summary.human_state);
  const buttons = offered.map((action) => el("button", { type: "button", class: action.state === "in-review" ? "primary" : "", "data-act": action.state, onclick: () => decide(action) }, action.name));
  const lines = log.map((each) => el("li", {}, el("strong", {}, words(each.state)), ` by ${each.author}`, el("time", { class: "muted" }, ` ${second(each.at_us)} UTC`), each.reason && el("p", { class: "quoted" }, each.reason)));
  return card("Decision", el("p", { class: "chips" }, human(summary)), el("div", { class: "line wrap" }, buttons),
    el("p", {}, el("a", { href: `/suppressions?${query({ detector: summary.detector, subject: summary.subject })}` }, "Suppress this detector on this subject")),
    log.length ? el("ol", { class: "log" }, lines) : el("p", { class: "muted" }, "Nobody has decided on it yet."));
}

function steps(title, texts, note = null) {
  if (!texts.length) return null;
  return card(title, note && el("p", { class: "muted" }, note), el("ul", {}, texts.map((text) => el("li", {}, text))));
}

function sources({ citations, label_sources: labels, entry }) {
  const cited = citations.map((cite) => el("li", {}, el("strong", {}, cite.source), `: ${cite.ref}`, cite.section && el("span", { class: "muted" }, `, ${cite.section}`), el("br"), outside(cite.url)));
  return card("Published source", el("p", { class: "muted" }, "Red-flag entry ", el("code", {}, entry)), el("ul", { class: "cited" }, cited),
    labels.length > 0 && [el("h3", {}, "Labels used"), el("ul", {}, labels.map((label) => el("li", {}, label)))]);
}

function roles({ roles: given, summary }) {
  const parties = Object.entries(given);
  const rows = (parties.length ? parties : [[summary.subject, "unknown"]]).map(([party, role]) => el("li", {}, identifier(party, { link: true }), ` ${words(role)}`));
  return card("Roles", el("ul", { class: "bare" }, rows), el("p", { class: "muted" }, "Unknown unless a source says otherwise: an account may belong to a victim."));
}

function terms({ key_terms: given }) {
  const pairs = Object.entries(given);
  if (!pairs.length) return null;
  return card("Key terms for a report", el("dl", { class: "facts" }, pairs.map(([regime, term]) => fact(regime, term))));
}

function outsideWords({ disclosable }) {
  return el("section", { class: "card disclosable" }, el("h2", {}, "May be shown outside"), el("p", {}, disclosable),
    el("p", { class: "muted" }, "Everything else on this page is internal: showing it could tip someone off."));
}

async function decide(action) {
  try {
    if (await take(action, current.summary)) await load();
  } catch (error) {
    notice("error", error.message);
  }
}

function keys(event) {
  if (!current || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
  const action = ACTIONS.find(({ key }) => key === event.key);
  if (!action) return;
  event.preventDefault();
  decide(action);
}

masthead();
document.addEventListener("keydown", keys);
load();
