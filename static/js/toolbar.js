// Buttons for Markdown, reached by one Tab and the arrows between them, and the keys that do the same.
import { marks } from "./marks.js";
import { replace } from "./text.js";

const isMac = /Mac|iP(?:hone|ad)/.test(navigator.platform);

export function toolbar(bar, area, form) {
  const buttons = [...bar.querySelectorAll("button")];
  bar.hidden = false;
  // The toolbar does it without leaving the page.
  form.querySelector("[data-plain]")?.toggleAttribute("hidden", true);
  const enter = (button) => buttons.forEach((one) => (one.tabIndex = one === button ? 0 : -1));
  enter(buttons[0]);
  bar.addEventListener("focusin", (event) => enter(event.target));
  bar.addEventListener("keydown", (event) => {
    const back = getComputedStyle(bar).direction === "rtl" ? "ArrowRight" : "ArrowLeft";
    const at = buttons.indexOf(event.target);
    const to = { Home: 0, End: buttons.length - 1, ArrowRight: at + 1, ArrowLeft: at + 1, [back]: at - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    buttons.at(to % buttons.length).focus();
  });
  // The text keeps its selection and, on a telephone, its keyboard.
  bar.addEventListener("mousedown", (event) => event.preventDefault());
  bar.addEventListener("click", (event) => {
    const name = event.target.closest("[data-mark]")?.dataset.mark;
    if (name) apply(area, marks[name](area.value, area.selectionStart, area.selectionEnd));
  });
  // On the way in, before the desk's own keys: they listen from the first, and Ctrl-K is the palette's too.
  document.addEventListener("keydown", (event) => heed(event, area, form), { capture: true });
  for (const button of form.querySelectorAll("[data-keys][title]")) button.title = onThisKeyboard(button.title);
}

function heed(event, area, form) {
  const button = pressed(event, form);
  if (!button || (button.dataset.mark && document.activeElement !== area)) return;
  // Ctrl-K makes a link of chosen words; with none it is left to the palette.
  if (button.dataset.mark === "link" && area.selectionStart === area.selectionEnd) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!event.repeat) button.click();
}

export function onThisKeyboard(keys) {
  return isMac ? keys.replaceAll("Ctrl+", "⌘").replaceAll("Shift+", "⇧").replaceAll("Alt+", "⌥") : keys;
}

function apply(area, { start, end, text, from, to, also }) {
  // What goes to the end goes first: it moves nothing that stands before.
  if (also) replace(area, also.start, also.start, also.text);
  replace(area, start, end, text, from, to);
  area.dispatchEvent(new CustomEvent("marked"));
}

function pressed(event, form) {
  if (event.isComposing || !(isMac ? event.metaKey : event.ctrlKey) || event.getModifierState("AltGraph")) return null;
  // Of other scripts than Latin, and of digits with other keys held, the place on the keyboard counts.
  const key = /^[a-z]$/i.test(event.key) && !event.altKey ? event.key : event.key === "Enter" ? "Enter" : event.code.replace(/^(?:Key|Digit)/, "");
  const held = `${event.altKey ? "Alt+" : ""}${event.shiftKey ? "Shift+" : ""}${key.length === 1 ? key.toUpperCase() : key}`;
  return [...form.querySelectorAll("[data-keys]")].find((button) => button.dataset.keys === held);
}
