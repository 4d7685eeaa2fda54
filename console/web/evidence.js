// Tables of what happened: transfers, adverts, account events. All of it is untrusted text.

import { el, identifier } from "./dom.js";
import { exact, second, usd } from "./format.js";

const NUMBERS = ["Amount", "USD"];
const heads = (...names) => el("thead", {}, el("tr", {}, names.map((name) => el("th", { scope: "col", class: NUMBERS.includes(name) ? "number" : null }, name))));

export function scrolling(label, table) {
  return el("div", { class: "scroll", role: "region", "aria-label": label, tabindex: 0 }, table);
}

export function movementTable(moves, label) {
  const rows = moves.map((move) => el("tr", { class: move.taken_back ? "taken-back" : "" },
    el("td", { class: "nowrap" }, second(move.at_us)),
    el("td", {}, el("span", { class: `way ${move.direction}` }, move.direction)),
    el("td", { class: "number" }, usd(move.amount_usd)),
    el("td", { class: "number" }, exact(move.amount)),
    el("td", {}, identifier(move.asset)),
    el("td", { class: "sides" }, move.direction === "other" ? [identifier(`${move.chain}:${move.sender}`, { link: true, under: move.chain }), " → ", identifier(`${move.chain}:${move.receiver}`, { link: true, under: move.chain })] : identifier(move.counterparty, { link: true, under: move.chain })),
    el("td", {}, identifier(move.tx_hash), note(move))));
  return scrolling(label, el("table", {}, heads("Time (UTC)", "Way", "USD", "Amount", "Asset", "Counterparty", "Transaction"), el("tbody", {}, rows)));
}

function note(move) {
  const said = move.taken_back ? "taken back by a reorg" : move.finality;
  return said === "final" ? null : el("span", { class: "chip state-provisional" }, said);
}

export function adverts(listings) {
  return listings.map((advert) => el("article", { class: "advert" },
    el("header", {}, el("strong", {}, advert.title || "(no title kept)"), el("span", { class: "muted" }, `${advert.kind} · ${second(advert.at_us)} UTC · ${advert.source} · ${advert.place || "no place"}`)),
    el("p", { class: "quoted" }, advert.text || "(text no longer kept)"),
    marks("Wallets", advert.wallets), marks("Contacts (tokens)", advert.contacts),
    advert.payments.length ? el("p", { class: "muted" }, `Payment: ${advert.payments.join(", ")}`) : null));
}

export function templateOf(template) {
  if (!template) return null;
  const parts = template.parts.map(({ constant, values }) => (constant
    ? el("span", {}, constant, " ")
    : [el("span", { class: "slot" }, values.map((value) => el("q", {}, value || "nothing"))), " "]));
  return el("div", { class: "template" }, el("h3", {}, `What is the same in ${template.copies} copies, and what differs`), el("p", { class: "quoted" }, parts));
}

function marks(label, texts) {
  if (!texts.length) return null;
  return el("p", { class: "tokens" }, el("span", { class: "muted" }, label), texts.map((text) => identifier(text, { link: true })));
}

export function happeningTable(events) {
  const rows = events.map((event) => el("tr", {},
    el("td", { class: "nowrap" }, second(event.at_us)),
    el("td", {}, event.kind),
    el("td", {}, identifier(event.customer_id, { link: true })),
    el("td", { class: "number" }, usd(event.amount_usd)),
    el("td", {}, event.channel || "–"),
    el("td", {}, event.counterparty ? identifier(event.counterparty, { link: true }) : "–"),
    el("td", {}, event.note)));
  return scrolling("Account events", el("table", {}, heads("Time (UTC)", "Kind", "Customer", "USD", "Channel", "Counterparty", "Note"), el("tbody", {}, rows)));
}
