// What a person can decide about an alert.

import { send } from "./api.js";
import { askFor } from "./dialog.js";
import { say } from "./dom.js";

export const ACTIONS = [
  { state: "in-review", name: "Acknowledge", key: "a" },
  { state: "escalated", name: "Escalate", key: "e" },
  { state: "dismissed", name: "Dismiss", key: "d" },
];
export const REPORTED = { state: "reported", name: "Mark as reported" };
export const REOPEN = { state: "new", name: "Reopen" };

const decide = (alertId, state, reason) => send(`/v1/alerts/${encodeURIComponent(alertId)}/triage`, { state, reason });

// Returns true when something was written.
export async function take(action, summary) {
  if (action.state === "in-review") {
    await decide(summary.alert_id, action.state, "");
    say(`Acknowledged: ${summary.title}`);
    return true;
  }
  const needed = action.state === "dismissed";
  return askFor({
    title: `${action.name}: ${summary.title}`,
    note: needed ? "The reason stays with the alert." : null,
    fields: [{ name: "reason", label: needed ? "Reason" : "Reason (optional)", required: needed, long: true }],
    action: action.name,
    run: async ({ reason }) => {
      await decide(summary.alert_id, action.state, reason);
      say(`${action.name}: ${summary.title}, done`);
    },
  });
}
