// The list of alerts, kept current by the stream.

import { query, read } from "./api.js";
import { ACTIONS, take } from "./deciding.js";
import { byId, clearNotice, el, notice, say } from "./dom.js";
import { buildFilters, chosen, clear, held, refreshChoices } from "./filters.js";
import { count, minute } from "./format.js";
import { connection, masthead } from "./masthead.js";
import { row, rowId } from "./rows.js";

const NEAR_TOP = 120, RELOAD_EVERY_MS = 2000, RETRY_MS = 3000, MOST_ROWS = 1000;

const list = byId("alerts");
const shown = new Map();
let waiting = new Map();
let older = null, source = null, fresh = 0, total = 0, muted = 0, restricted = 0, reloading = null, recounting = null, loads = 0, stale = false, missing = "";

async function load() {
  const mine = ++loads;
  list.setAttribute("aria-busy", "true");
  try {
    const [page, facets] = await Promise.all([read("/v1/alerts", chosen()), refreshChoices()]);
    if (mine !== loads) return null;
    clearNotice();
    const focused = list.contains(document.activeElement) ? document.activeElement.closest(".row")?.id : null;
    stale = false;
    shown.clear();
    waiting = new Map();
    list.replaceChildren();
    ({ total, muted, restricted } = facets);
    append(page);
    if (focused) byId(focused)?.querySelector(".title").focus();
    return page.live;
  } catch (error) {
    if (mine === loads) notice("error", error.message, el("button", { type: "button", onclick: restart }, "Try again"));
    return null;
  } finally {
    list.removeAttribute("aria-busy");
  }
}

function append(page) {
  for (const summary of page.alerts) {
    if (shown.has(summary.alert_id)) continue;
    list.append(drawn(summary));
  }
  older = page.next;
  settle();
}

function drawn(summary) {
  shown.set(summary.alert_id, summary);
  return row(summary, decide);
}

function settle() {
  byId("older").hidden = older === null;
  byId("total").textContent = `${count(shown.size)} shown of ${count(total)} alerts${muted ? ` · ${count(muted)} muted` : ""}${restricted ? ` · ${count(restricted)} in the restricted view` : ""}`;
  const filtered = Object.keys(chosen()).length > 0;
  const none = muted && !total ? "Every alert is muted." : "No alerts yet. They appear here as soon as one is written.";
  const empty = el("li", { class: "empty" }, filtered ? "No alert passes these filters." : none,
    filtered && el("button", { type: "button", onclick: () => { clear(); history.replaceState(null, "", "/"); restart(); } }, "Reset filters"));
  list.querySelector(".empty")?.remove();
  if (!shown.size) list.append(empty);
  const button = byId("fresh");
  button.hidden = fresh === 0;
  button.textContent = waiting.size || stale ? `${count(fresh)} new · show` : `${count(fresh)} new`;
  document.title = `${fresh ? `(${count(fresh)}) ` : ""}Alerts · manumit`;
}

// Same revision and same decision: told already.
const isKnown = (now, was) => was && was.revision === now.revision && was.human_state === now.human_state && was.human_author === now.human_author && was.state === now.state;

function arrived(news) {
  const added = news.alerts.filter(place);
  for (const id of news.gone) remove(id);
  if (news.gone.length) recount();
  fresh += added.length;
  total += added.length;
  if (added.length === 1) say(`New alert, ${added[0].severity}: ${added[0].title}`);
  if (added.length > 1) say(`${added.length} new alerts`);
  settle();
  if (shown.size > MOST_ROWS) reload();
}

// True when the alert is new to this page.
function place(summary) {
  const was = shown.get(summary.alert_id);
  if (isKnown(summary, was)) return false;
  if (was) {
    replace(summary);
    return false;
  }
  if (isOlderThanShown(summary)) return false;
  const isNew = !waiting.has(summary.alert_id);
  if (scrollY > NEAR_TOP) waiting.set(summary.alert_id, summary);
  else insert(summary);
  return isNew;
}

// Its place is on a page that "Show older alerts" reads.
function isOlderThanShown(summary) {
  if (older === null) return false;
  const dot = older.indexOf(".");
  return isBefore(summary, { last_us: Number(older.slice(0, dot)), alert_id: older.slice(dot + 1) });
}

// The order of the list, as the server has it.
const isBefore = (one, other) => one.last_us < other.last_us || (one.last_us === other.last_us && one.alert_id < other.alert_id);

function insert(summary) {
  const following = [...list.querySelectorAll(".row")].find((each) => isBefore(shown.get(each.id.slice(rowId("").length)), summary));
  const line = drawn(summary);
  line.classList.add("arrived");
  list.insertBefore(line, following ?? null);
}

function replace(summary) {
  const old = byId(rowId(summary.alert_id));
  const hadFocus = old.contains(document.activeElement);
  const line = drawn(summary);
  old.replaceWith(line);
  if (hadFocus) line.querySelector(".title").focus();
}

function remove(id) {
  waiting.delete(id);
  if (!shown.delete(id)) return;
  const line = byId(rowId(id));
  const next = line.nextElementSibling || line.previousElementSibling;
  const hadFocus = line.contains(document.activeElement);
  line.remove();
  if (hadFocus) next?.querySelector(".title")?.focus();
}

async function reveal() {
  if (stale) await load();
  for (const summary of waiting.values()) if (!shown.has(summary.alert_id)) insert(summary);
  waiting = new Map();
  fresh = 0;
  settle();
  scrollTo({ top: 0 });
  list.querySelector(".title")?.focus();
}

function behind(unread) {
  fresh += unread;
  if (unread) say(`${count(unread)} new alerts`);
  stale = scrollY > NEAR_TOP;
  if (stale) settle();
  else reload();
}

// After a burst: one reading of the list for all of it.
function reload() {
  reloading ??= setTimeout(async () => {
    reloading = null;
    await load();
  }, RELOAD_EVERY_MS);
}

// What left the list may have been muted.
function recount() {
  recounting ??= setTimeout(async () => {
    recounting = null;
    try { ({ total, muted } = await held()); settle(); } catch (error) { notice("error", error.message); }
  }, RELOAD_EVERY_MS);
}

function follow(after) {
  source?.close();
  connection("connecting");
  source = new EventSource(`/v1/stream?${query({ ...chosen(), after })}`);
  const on = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));
  on("beat", (beat) => { missing = beat.away.map(absent).join("; "); connected(progress(beat.progress)); });
  on("alerts", (news) => { connected(); arrived(news); });
  on("reload", (told) => behind(told.unread));
  on("trouble", (problem) => connection("away", problem.detail));
  source.onerror = () => {
    connection("reconnecting");
    if (source.readyState === EventSource.CLOSED) setTimeout(restart, RETRY_MS);
  };
}

function connected(detail = "") {
  connection(missing ? "degraded" : "live", missing || detail);
}

function absent({ source, since_us, why }) {
  return `${source} has been away since ${minute(since_us)} UTC: ${why}`;
}

function progress(said) {
  const parts = Object.entries(said).map(([name, value]) => `${name.replace(/_us$/, "")}: ${name.endsWith("_us") ? minute(value) : count(value)}`);
  return parts.join(" · ");
}

async function restart() {
  source?.close();
  const live = await load();
  if (live !== null) follow(live);
  else connection("closed");
}

async function decide(action, summary) {
  const line = byId(rowId(summary.alert_id));
  const near = [line, line.nextElementSibling, line.previousElementSibling].map((each) => each?.id);
  try {
    if (await take(action, summary)) await afterwards(summary.alert_id);
  } catch (error) {
    notice("error", error.message);
  }
  if (document.activeElement === document.body) keepFocus(near);
}

// The row may have been drawn anew, or have left the list, while the dialog was open.
function keepFocus(ids) {
  const id = ids.find((each) => each && byId(each));
  if (id) byId(id).querySelector(".title")?.focus();
}

// The stream will say it too; reading it back at once makes the row answer to the click.
async function afterwards(id) {
  const page = await read("/v1/alerts", { ...chosen(), text: id, limit: 1 });
  if (page.alerts.length) arrived({ alerts: page.alerts, gone: [] });
  else remove(id);
  settle();
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
  const lines = [...list.querySelectorAll(".row")];
  const at = lines.findIndex((line) => line.contains(document.activeElement));
  const step = { j: 1, k: -1 }[event.key];
  if (step) {
    const line = lines[at < 0 ? 0 : Math.min(lines.length - 1, Math.max(0, at + step))];
    line?.querySelector(".title").focus();
    line?.scrollIntoView({ block: "nearest" });
    event.preventDefault();
    return;
  }
  const action = ACTIONS.find(({ key }) => key === event.key);
  if (!action || at < 0) return;
  event.preventDefault();
  decide(action, shown.get(lines[at].id.slice(rowId("").length)));
}

masthead();
buildFilters(restart);
byId("fresh").addEventListener("click", reveal);
byId("older").addEventListener("click", async () => {
  try { append(await read("/v1/alerts", { ...chosen(), before: older })); } catch (error) { notice("error", error.message); }
});
document.addEventListener("keydown", keys);
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => { if (event.persisted) restart(); });
restart();
