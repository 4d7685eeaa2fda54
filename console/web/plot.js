// Transfers of the subject over time: in above the line, out below it, evidence filled.

import { el, svg } from "./dom.js";
import { minute, usd } from "./format.js";

const WIDE = 860, HIGH = 240, LEFT = 62, RIGHT = 14, MIDDLE = 112, REACH = 92, BOTTOM = 226;

export function plot(movements, opened, last) {
  const known = movements.filter((move) => move.direction !== "other" && !move.taken_back);
  if (!known.length) return el("p", { class: "muted" }, "No transfers of this subject to draw.");
  const x = timeScale(known.map((move) => move.at_us).concat(opened, last));
  const most = Math.max(1, ...known.map((move) => move.amount_usd || 0));
  const y = (dollars) => REACH * Math.sqrt(dollars / most);
  const marks = [...known].sort((a, b) => a.is_evidence - b.is_evidence).map((move) => mark(move, x, y));
  return el("figure", { class: "plot" },
    el("div", { class: "scroll" }, svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": spoken(known) },
      band(x(opened), x(last)), grid(most, y), axis(x), marks)),
    legend(known));
}

function timeScale(times) {
  const from = Math.min(...times), to = Math.max(...times);
  const span = Math.max(1, to - from);
  const scale = (us) => LEFT + 10 + ((us - from) / span) * (WIDE - LEFT - RIGHT - 20);
  return Object.assign(scale, { from, to });
}

function band(from, to) {
  return svg("rect", { class: "episode", x: from - 3, y: 8, width: Math.max(6, to - from + 6), height: BOTTOM - 26, rx: 3 },
    svg("title", {}, "The episode: first to last signal"));
}

function grid(most, y) {
  const steps = [...new Set([nice(most / 4), nice(most)])];
  const lines = steps.flatMap((dollars) => [line(MIDDLE - y(dollars), dollars), line(MIDDLE + y(dollars), dollars)]);
  return [...lines, svg("line", { class: "zero", x1: LEFT, x2: WIDE - RIGHT, y1: MIDDLE, y2: MIDDLE }),
    svg("text", { class: "side", x: 4, y: 16 }, "in"), svg("text", { class: "side", x: 4, y: BOTTOM - 20 }, "out")];
}

function line(at, dollars) {
  return svg("g", { class: "grid" }, svg("line", { x1: LEFT, x2: WIDE - RIGHT, y1: at, y2: at }),
    svg("text", { x: LEFT - 6, y: at + 4, "text-anchor": "end" }, compact.format(dollars)));
}

const compact = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", notation: "compact", maximumSignificantDigits: 2 });

// The largest 1, 2 or 5 times a power of ten that is not above `amount`.
function nice(amount) {
  const power = 10 ** Math.floor(Math.log10(amount));
  return [5, 2, 1].map((factor) => factor * power).find((step) => step <= amount) ?? power;
}

function axis(x) {
  const ticks = [0, 0.5, 1].map((part) => x.from + part * (x.to - x.from));
  const anchors = ["start", "middle", "end"];
  const shown = x.to > x.from ? ticks : ticks.slice(0, 1);
  return shown.map((us, i) => svg("text", { class: "time", x: x(us), y: HIGH - 4, "text-anchor": anchors[i] }, minute(us)));
}

function mark(move, x, y) {
  const up = move.direction === "in" ? -1 : 1;
  const at = x(move.at_us);
  const tip = MIDDLE + up * (move.amount_usd === null ? 10 : Math.max(3, y(move.amount_usd)));
  const head = move.amount_usd === null
    ? svg("rect", { x: at - 3, y: tip - 3, width: 6, height: 6 })
    : svg("circle", { cx: at, cy: tip, r: move.is_evidence ? 4 : 3 });
  return svg("g", { class: `move ${move.direction} ${move.is_evidence ? "evidence" : "context"}` },
    svg("title", {}, `${minute(move.at_us)} UTC, ${move.direction}, ${usd(move.amount_usd)}`),
    svg("line", { x1: at, x2: at, y1: MIDDLE, y2: tip }), head);
}

function spoken(moves) {
  const side = (direction) => moves.filter((move) => move.direction === direction);
  const sum = (some) => usd(some.reduce((total, move) => total + (move.amount_usd || 0), 0));
  const [inward, outward] = [side("in"), side("out")];
  return `Transfers over time: ${inward.length} in (${sum(inward)}), ${outward.length} out (${sum(outward)}). The table below lists the evidence.`;
}

function legend(moves) {
  const unknown = moves.some((move) => move.amount_usd === null);
  const entry = (kind, text) => el("span", { class: "entry" }, el("i", { class: kind, "aria-hidden": "true" }), text);
  return el("figcaption", { class: "legend" }, entry("in", "in"), entry("out", "out"), entry("context", "not evidence, for context"),
    entry("band", "the episode"), unknown && entry("unknown", "USD unknown"), el("span", { class: "muted" }, "height: square root of USD"));
}
