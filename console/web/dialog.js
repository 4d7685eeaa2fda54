// A small form in a dialog. It stays open and says why when the console refuses.

import { byId, el } from "./dom.js";

// Resolves to true when `run` went through, false when the person changed their mind.
export function askFor({ title, note = null, fields, action, run }) {
  return new Promise((resolve) => {
    const trouble = el("p", { class: "trouble", role: "alert" });
    const inputs = fields.map(input);
    const confirm = el("button", { class: "primary" }, action);
    const cancel = el("button", { type: "button", onclick: () => dialog.close() }, "Cancel");
    let done = false;
    const submit = async (event) => {
      event.preventDefault();
      confirm.disabled = true;
      trouble.textContent = "";
      try {
        await run(Object.fromEntries(new FormData(event.target)));
        done = true;
        dialog.close();
      } catch (error) {
        trouble.textContent = error.message;
      }
      confirm.disabled = false;
    };
    const form = el("form", { class: "stack", onsubmit: submit }, inputs, trouble, el("div", { class: "line end" }, cancel, confirm));
    const dialog = el("dialog", { "aria-labelledby": "dialog-title", onclose: () => { dialog.remove(); resolve(done); } },
      el("h2", { id: "dialog-title" }, title), note && el("p", { class: "muted" }, note), form);
    byId("main").append(dialog);
    dialog.showModal();
    form.querySelector("input, textarea, select")?.focus();
  });
}

function input({ name, label, required = false, value = "", long = false, limit = 2000 }) {
  const box = el(long ? "textarea" : "input", { name, required, maxlength: limit, rows: long ? 3 : null, autocomplete: "off" });
  box.value = value;
  return el("label", {}, label, box);
}
