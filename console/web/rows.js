// One line of an alert list.

import { ACTIONS } from "./deciding.js";
import { el, identifier } from "./dom.js";
import { count, minute } from "./format.js";
import { human, severity, state } from "./marks.js";

const plural = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;

export const rowId = (alertId) => `alert-${alertId}`;

// `decide(action, summary)` is called for the row's buttons; without it the row has none.
export function row(summary, decide = null) {
  const { alert_id: id } = summary;
  return el("li", { id: rowId(id), class: `row state-${summary.state} human-${summary.human_state}` },
    el("div", { class: "mark" }, severity(summary.severity)),
    el("div", { class: "what" },
      el("a", { class: "title", href: `/alerts/${encodeURIComponent(id)}` }, summary.title),
      el("p", { class: "reason" }, summary.reason),
      el("p", { class: "meta" },
        identifier(summary.subject, { link: true }),
        el("span", {}, summary.detector),
        summary.typology && el("span", {}, summary.typology),
        el("span", {}, plural(summary.signals, "signal")),
        summary.suppressed > 0 && el("span", {}, `${count(summary.suppressed)} muted`))),
    el("div", { class: "when" },
      el("time", { datetime: new Date(summary.last_us / 1000).toISOString(), title: "Last event of the episode, UTC" }, minute(summary.last_us)),
      el("span", { class: "chips" }, state(summary.state), human(summary))),
    decide && el("div", { class: "acts" }, ACTIONS.filter((action) => action.state !== summary.human_state).map((action) =>
      el("button", { type: "button", class: "small", "data-act": action.state, onclick: () => decide(action, summary) }, action.name))));
}
