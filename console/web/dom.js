// Building the page from data. Text always goes in as text nodes: nothing here parses markup.

const SVG = "http://www.w3.org/2000/svg";

export function el(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

export function svg(tag, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), properties, children);
}

function filled(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

// A link only for web addresses: any other scheme (javascript:, data:) stays plain text.
export function outside(url) {
  const shown = el("span", { class: "url" }, url);
  let parsed;
  try { parsed = new URL(url); } catch { return shown; }
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:") return shown;
  return el("a", { href: parsed.href, rel: "noopener noreferrer", target: "_blank", class: "url" }, url);
}

// A long identifier: shortened to the eye, whole in the tooltip, for the screen reader and the clipboard.
// `under` is a prefix the reader knows already, a chain for example: it is not repeated to the eye.
export function identifier(text, { link = false, under = "" } = {}) {
  const known = under && text.startsWith(`${under}:`) ? text.slice(under.length + 1) : text;
  const inner = el("span", { title: text }, short(known));
  const shown = link ? el("a", { href: searchFor(text), class: "mono" }, inner) : el("span", { class: "mono" }, inner);
  return el("span", { class: "identifier" }, shown, copyButton(text));
}

export const searchFor = (text) => `/search?identifier=${encodeURIComponent(text)}`;

export function short(text) {
  const parts = text.split(":");
  const last = parts.pop();
  const chain = parts.length ? `${parts.join(":")}:` : "";
  const head = chain.length > 24 ? `${chain.slice(0, 12)}…${chain.slice(-8)}` : chain;
  return last.length > 18 ? `${head}${last.slice(0, 8)}…${last.slice(-6)}` : head + last;
}

function copyButton(text) {
  return el("button", {
    type: "button",
    class: "copy",
    title: "Copy",
    "aria-label": `Copy ${short(text)}`,
    onclick: async (event) => {
      const button = event.currentTarget;
      await navigator.clipboard.writeText(text);
      button.classList.add("done");
      setTimeout(() => button.classList.remove("done"), 1200);
    },
  });
}

export function say(text) {
  byId("said").textContent = text;
}

export function notice(kind, text, action = null) {
  byId("notice").replaceChildren(el("div", { class: `notice ${kind}`, role: kind === "error" ? "alert" : "note" }, el("span", {}, text), action));
}

export function clearNotice() {
  byId("notice").replaceChildren();
}
