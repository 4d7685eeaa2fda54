// The bar on top of every page: where you are, who you are, why you look.

import { PURPOSES, purpose, read, send, setPurpose } from "./api.js";
import { byId, el } from "./dom.js";
import { askFor } from "./dialog.js";

const PLACES = [["/", "Alerts"], ["/search", "Search"], ["/gaps", "Gaps"], ["/suppressions", "Suppressions"], ["/dead-letters", "Dead letters"], ["/protection", "Restricted"]];

export function masthead() {
  const path = location.pathname;
  const here = (place) => path === place || (place === "/" && path.startsWith("/alerts/"));
  const links = PLACES.map(([place, name]) => el("li", {}, el("a", { href: place, "aria-current": here(place) ? "page" : null }, name)));
  const who = el("button", { type: "button", class: "quiet", id: "analyst", onclick: rename }, "…");
  byId("masthead").replaceChildren(
    el("a", { href: "/", class: "brand" }, "manumit"),
    el("nav", { "aria-label": "Pages" }, el("ul", {}, links)),
    el("div", { class: "seat" }, el("span", { id: "connection", class: "connection", hidden: true }), purposeChoice(), who),
  );
  read("/v1/analyst").then(show).catch(() => {});
}

function show(analyst) {
  const button = byId("analyst");
  button.replaceChildren(el("span", { class: "muted" }, "Analyst "), el("span", { class: "name" }, analyst.name));
  button.setAttribute("aria-label", `Analyst: ${analyst.name}. Change name`);
  button.title = "The name written beside what you do";
}

function purposeChoice() {
  const options = PURPOSES.map((word) => el("option", { value: word, selected: word === purpose() }, word));
  const select = el("select", { id: "purpose", onchange: (event) => setPurpose(event.target.value) }, options);
  return el("label", { class: "purpose", title: "Looking at evidence is logged with this purpose" }, el("span", {}, "Purpose"), select);
}

async function rename() {
  const field = { name: "name", label: "Your name", required: true, value: byId("analyst").querySelector(".name")?.textContent || "", limit: 64 };
  await askFor({ title: "Who is at the desk?", fields: [field], action: "Save", run: async (given) => show(await send("/v1/analyst", given)) });
}

const STATES = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  away: "Store away",
  degraded: "Source away",
  closed: "Not connected",
};

export function connection(state, detail = "") {
  const shown = byId("connection");
  shown.hidden = false;
  shown.className = `connection ${state}`;
  shown.textContent = STATES[state];
  shown.title = detail;
}
