// Ctrl-K, or Command-K, on every page of the desk: a few letters lead to any text, tag, page or action.
// The actions are the links and buttons that the server put on the page, so it has decided who may have them.
import { Listbox } from "./listbox.js";
import { ask } from "./request.js";
import { count, say } from "./words.js";

const [PAUSE, MOST] = [120, 7];
const isMac = /Mac|iP(?:hone|ad)/.test(navigator.platform);

export function palette(template, opener) {
  let dialog = null;

  function make() {
    dialog = template.content.firstElementChild.cloneNode(true);
    document.body.append(dialog);
    const [field, list, spoken] = [dialog.querySelector("input"), dialog.querySelector("[role=listbox]"), dialog.querySelector("[role=status]")];
    const box = new Listbox(field, list, (option, event) => go(option, event));
    const actions = gathered(dialog);
    let [timer, asked] = [0, new AbortController()];

    async function look() {
      asked.abort();
      asked = new AbortController();
      const { signal } = asked;
      const sought = field.value.trim();
      const fitting = actions.filter(({ label }) => !sought || words(label, sought));
      show([[say("actions"), fitting]]);
      // Before anything is typed the server gives what one worked on last.
      const kinds = dialog.dataset.kinds.split(" ").filter((kind) => kind && (sought || kind === "post"));
      const found = await Promise.all(kinds.map((kind) => ask(dialog.dataset.suggestions, { kind, q: sought }, signal).then(({ items }) => items, () => [])));
      if (!signal.aborted) show([[say("actions"), fitting], ...kinds.map((kind, at) => [say(`${kind}s`), found[at].slice(0, MOST)])], true);
    }

    function show(groups, isWhole = false) {
      // What the server adds comes after what was there, so the choice of an impatient hand stays.
      const place = isWhole ? box.place : 0;
      list.replaceChildren(...groups.filter(([, items]) => items.length).map(([name, items], at) => group(name, items, at)));
      box.open(box.options[place] ?? box.options[0]);
      if (isWhole || !field.value.trim()) spoken.textContent = count("found", box.options.length);
      dialog.querySelector("[data-nothing]").hidden = !isWhole || box.isOpen;
    }

    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(look, PAUSE);
    });
    field.addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => clearTimeout(timer));
    dialog.reset = () => {
      field.value = "";
      look();
    };
  }

  function open() {
    if (document.querySelector("dialog:modal")) return;
    if (!dialog) make();
    dialog.showModal();
    dialog.reset();
  }

  function go(option, event) {
    const { address, target } = option;
    if (target) {
      dialog.close();
      target.click();
    } else if (event.ctrlKey || event.metaKey) window.open(address);
    else location.assign(address);
  }

  opener.hidden = false;
  opener.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    const isHeld = (isMac ? event.metaKey : event.ctrlKey) && !event.altKey && !event.shiftKey;
    if (event.defaultPrevented || !isHeld || (event.key.toLowerCase() !== "k" && (event.code !== "KeyK" || /^[a-z]$/i.test(event.key)))) return;
    event.preventDefault();
    if (dialog?.open) dialog.close();
    else open();
  });
}

function gathered(dialog) {
  const links = [...dialog.querySelectorAll("[data-actions] a"), ...document.querySelectorAll(".desk-bar nav a")];
  const buttons = [...document.querySelectorAll("button[data-action]")].filter((button) => !button.closest("[hidden]"));
  return [
    ...links.map((link) => ({ label: link.textContent.trim(), address: link.href })),
    ...buttons.map((target) => ({ label: target.textContent.trim(), target })),
  ];
}

function group(name, items, at) {
  const made = Object.assign(document.createElement("div"), { role: "group" });
  const label = made.appendChild(Object.assign(document.createElement("p"), { id: `palette-group-${at}`, className: "options-label", role: "presentation", textContent: name }));
  made.setAttribute("aria-labelledby", label.id);
  made.append(...items.map(option));
  return made;
}

function option({ label, value, address, target }) {
  const made = Object.assign(document.createElement("div"), { role: "option", textContent: label ?? value });
  made.setAttribute("aria-selected", "false");
  return Object.assign(made, { address, target });
}

// Each word that was typed begins a word of the name.
function words(label, sought) {
  const name = ` ${label.toLowerCase()}`;
  return sought.toLowerCase().split(/\s+/).every((word) => name.includes(` ${word}`));
}
