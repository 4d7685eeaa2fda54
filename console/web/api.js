// /v1 with the browser's cookie.

export class Refused extends Error {
  constructor(text, status = 0) {
    super(text);
    this.status = status;
  }
}

export function query(parameters) {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  return new URLSearchParams(pairs.filter(([, value]) => value !== "" && value !== null && value !== undefined)).toString();
}

export async function read(path, parameters = {}) {
  const asked = query(parameters);
  return answered(fetch(asked ? `${path}?${asked}` : path, { headers: { accept: "application/json" } }));
}

export async function send(path, body) {
  return answered(fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }));
}

async function answered(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new Refused("The console does not answer. Is manumit still running?");
  }
  if (response.ok) return response.json();
  if (response.status === 401) throw new Refused("This session has ended. Open the address printed when manumit started.");
  const problem = await response.json().catch(() => ({}));
  throw new Refused(problem.detail || `The console answered ${response.status}.`, response.status);
}

export const PURPOSES = ["triage", "investigation", "report", "quality-review", "audit", "training"];

export const purpose = () => {
  const kept = localStorage.getItem("purpose");
  return PURPOSES.includes(kept) ? kept : "triage";
};
export const setPurpose = (word) => localStorage.setItem("purpose", word);
