// Enter goes on with a list or a quote, and ends it on an empty item; Tab moves items in and out.
// Elsewhere Tab leaves the field as always, and after Escape it does so in lists too.
import { inCode, lineAt, replace } from "./text.js";

const ITEM = /^((?:> ?)*)(\s*)(?:([-*+])|(\d{1,9})([.)]))( +)(\[[ xX]\] +)?/;
const QUOTE = /^(?:> ?)+/;

export function continueLists(area) {
  let leaving = false;
  area.addEventListener("blur", () => (leaving = false));
  area.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey, isComposing } = event;
    const wasLeaving = leaving;
    if (key !== "Shift") leaving = key === "Escape";
    if (isComposing || ctrlKey || metaKey || altKey) return;
    const handled = key === "Enter" && !shiftKey ? goOn(area) : key === "Tab" && !wasLeaving && shift(area, shiftKey ? -1 : 1);
    if (handled) event.preventDefault();
  });
}

function goOn(area) {
  const { value, selectionStart: at, selectionEnd } = area;
  const line = lineAt(value, at);
  const before = value.slice(line.start, at);
  const item = before.match(ITEM);
  const mark = item?.[0] ?? before.match(QUOTE)?.[0];
  if (!mark || at !== selectionEnd || inCode(value, at)) return false;
  if (line.text.trim() === mark.trim()) {
    const outer = item ? item[1] : "";
    replace(area, line.start, line.end, outer);
    return true;
  }
  replace(area, at, at, `\n${item ? next(item) : mark}`);
  return true;
}

function next([, quote, indent, bullet, digits, dot, space, box]) {
  return quote + indent + (bullet ?? Number(digits) + 1 + dot) + space + (box ? "[ ] " : "");
}

function shift(area, direction) {
  const { value, selectionStart, selectionEnd } = area;
  const first = lineAt(value, selectionStart);
  const item = first.text.match(ITEM);
  if (!item || item[1] || inCode(value, selectionStart)) return false;
  const last = lineAt(value, selectionEnd);
  const step = " ".repeat(item[3] ? 2 : item[4].length + 2);
  const lines = value.slice(first.start, last.end).split("\n");
  const fresh = lines.map((line) => (direction > 0 ? step + line : line.replace(new RegExp(`^ {1,${step.length}}`), "")));
  const [by, all] = [fresh[0].length - lines[0].length, fresh.join("\n")];
  // An item that stands at the edge has nowhere to go: then Shift-Tab leaves.
  if (!by && direction < 0) return false;
  const grown = all.length - (last.end - first.start);
  const from = Math.max(first.start, selectionStart + by);
  replace(area, first.start, last.end, all, from, Math.max(from, selectionEnd + grown));
  return true;
}
