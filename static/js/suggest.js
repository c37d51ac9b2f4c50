// Suggests names for a field that takes several, separated by commas. Without scripts the browser's own list does.
import { Listbox } from "./listbox.js";
import { ask } from "./request.js";
import { count } from "./words.js";

const [PAUSE, MOST] = [120, 8];

export function suggest(field) {
  const { suggestions: address, kind } = field.dataset;
  const known = [...(field.list?.options ?? [])].map(({ value, label }) => ({ value, label }));
  const list = Object.assign(document.createElement("ul"), { id: `${field.id}-options`, className: "options", role: "listbox" });
  const spoken = Object.assign(document.createElement("p"), { className: "visually-hidden", role: "status" });
  list.setAttribute("aria-label", field.dataset.options);
  field.removeAttribute("list");
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["autocomplete", "off"]]) field.setAttribute(name, value);
  field.after(list, spoken);
  const box = new Listbox(field, list, choose);
  let [timer, asked] = [0, new AbortController()];

  async function look() {
    const { word, others } = here(field);
    asked.abort();
    asked = new AbortController();
    if (!word) return close();
    const { signal } = asked;
    const found = await ask(address, { kind, q: word }, signal).then(({ items }) => items, () => among(known, word));
    if (signal.aborted || document.activeElement !== field) return;
    list.replaceChildren(...found.filter(({ value }) => !others.includes(value.toLowerCase())).slice(0, MOST).map(option));
    box.open();
    spoken.textContent = count("suggestions", box.options.length);
  }

  function choose(chosen) {
    const { start, end, rest } = here(field);
    const text = `${start ? " " : ""}${chosen.dataset.value}${rest ? "" : ", "}`;
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText" }));
    close();
  }

  function close() {
    clearTimeout(timer);
    asked.abort();
    box.close();
    spoken.textContent = "";
  }

  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (event.inputType !== "insertReplacementText") timer = setTimeout(look, PAUSE);
  });
  field.addEventListener("blur", close);
}

// The part of the field that the cursor stands in, between two commas.
function here({ value, selectionStart: at }) {
  const start = value.lastIndexOf(",", at - 1) + 1;
  const comma = value.indexOf(",", at);
  const end = comma < 0 ? value.length : comma;
  const others = (value.slice(0, start) + value.slice(end)).split(",").map((name) => name.trim().toLowerCase());
  return { start, end, rest: comma >= 0, word: value.slice(start, end).trim(), others };
}

function among(known, word) {
  const sought = word.toLowerCase();
  return known.filter(({ value, label }) => value.toLowerCase().includes(sought) || label.toLowerCase().includes(sought));
}

function option({ value, label }) {
  const made = Object.assign(document.createElement("li"), { role: "option", textContent: label || value });
  made.dataset.value = value;
  made.setAttribute("aria-selected", "false");
  if (label && label !== value) made.append(Object.assign(document.createElement("span"), { className: "hint", textContent: ` ${value}` }));
  return made;
}
