// Everything the store knows of one identifier.

import { purpose, read } from "./api.js";
import { byId, clearNotice, el, notice } from "./dom.js";
import { adverts, happeningTable, movementTable } from "./evidence.js";
import { count } from "./format.js";
import { masthead } from "./masthead.js";
import { row } from "./rows.js";
import { suppressionTable } from "./muting.js";

async function find(identifier) {
  const place = byId("findings");
  place.setAttribute("aria-busy", "true");
  try {
    const found = await read("/v1/search", { identifier, purpose: purpose() });
    clearNotice();
    document.title = "Search · manumit";
    place.replaceChildren(...sections(found));
  } catch (error) {
    notice("error", error.message);
  }
  place.removeAttribute("aria-busy");
}

const section = (title, number, inside, none) => el("section", { class: "card" }, el("h2", {}, `${title} (${count(number)})`), number ? inside : el("p", { class: "muted" }, none));

function sections(found) {
  const { alerts, movements, adverts: listings, happenings, suppressions } = found;
  const muted = `${count(found.suppressed)} signal${found.suppressed === 1 ? " was" : "s were"} muted in these alerts.`;
  return [
    found.truncated && el("p", { class: "notice" }, "There is more than this page shows: only the newest are listed."),
    section("Alerts", alerts.length, el("ol", { class: "alerts" }, alerts.map((alert) => row(alert))), "No alert names it."),
    section("Transfers", movements.length, movementTable([...movements].reverse(), "Transfers"), "No transfer names it."),
    section("Listings", listings.length, adverts(listings), "No listing names it."),
    happenings.length > 0 && section("Account events", happenings.length, happeningTable(happenings), ""),
    section("Suppressions", suppressions.length, [suppressionTable(suppressions), el("p", { class: "muted" }, muted)], `Nothing about it is muted by name. ${muted}`),
  ].filter(Boolean);
}

masthead();
const asked = new URLSearchParams(location.search).get("identifier") || "";
byId("identifier").value = asked;
if (asked.trim()) find(asked);
else byId("identifier").focus();
