// Small signs used on several pages: severity, state, what a person decided.

import { el } from "./dom.js";

const LEVELS = ["low", "medium", "high", "critical"];

export function severity(word) {
  const filled = LEVELS.indexOf(word) + 1;
  const bars = LEVELS.map((_, i) => el("i", { class: i < filled ? "on" : "" }));
  return el("span", { class: `severity ${LEVELS[filled - 1] || "low"}` }, el("span", { class: "bars", "aria-hidden": "true" }, bars), el("span", {}, word));
}

const STATE_NOTES = {
  provisional: "The chain can still take the evidence back",
  final: "The evidence can no longer be taken back",
  withdrawn: "The evidence was taken back",
};

export const state = (word) => el("span", { class: `chip state-${word}`, title: STATE_NOTES[word] }, word);

export function human(summary) {
  const by = summary.human_author ? `by ${summary.human_author}` : "nobody has looked at it yet";
  const chip = el("span", { class: `chip human-${summary.human_state}`, title: by }, summary.human_state.replace("-", " "));
  if (!summary.changed_since) return chip;
  return el("span", { class: "chips" }, chip, el("span", { class: "chip changed", title: "It changed after the last decision" }, "changed since"));
}
