// What the buttons of the toolbar do to the text: each gives one replacement, with the cursor after it.
import { lineAt } from "./text.js";

const LIST = /^(\s*)(?:[-*+] (?:\[[ xX]\] )?|\d+[.)] )/;

export const marks = {
  bold: (text, start, end) => wrap(text, start, end, "**"),
  italic: (text, start, end) => wrap(text, start, end, "*"),
  code: (text, start, end) => (text.slice(start, end).includes("\n") ? fence(text, start, end) : wrap(text, start, end, "`")),
  heading,
  quote: (text, start, end) => prefix(text, start, end, /^(\s*)> ?/, () => "> "),
  list: (text, start, end) => prefix(text, start, end, /^(\s*)[-*+] /, () => "- ", LIST),
  numbers: (text, start, end) => prefix(text, start, end, /^(\s*)\d+[.)] /, (index) => `${index + 1}. `, LIST),
  link,
  footnote,
};

function wrap(text, start, end, mark) {
  if (start === end) [start, end] = wordAt(text, start);
  while (start < end && /\s/.test(text[start])) start++;
  while (end > start && /\s/.test(text[end - 1])) end--;
  const inside = text.slice(start, end);
  const size = mark.length;
  if (inside.length >= 2 * size && has(run(inside, mark[0]), mark) && has(run(reversed(inside), mark[0]), mark))
    return { start, end, text: inside.slice(size, -size), from: start, to: end - 2 * size };
  if (has(run(reversed(text.slice(0, start)), mark[0]), mark) && has(run(text.slice(end), mark[0]), mark))
    return { start: start - size, end: end + size, text: inside, from: start - size, to: end - size };
  // A mark does not reach over an empty line, so each paragraph gets its own.
  const parts = inside.split(/(\n[ \t]*\n\s*)/);
  const marked = parts.map((part, index) => (index % 2 ? part : mark + part + mark)).join("");
  return { start, end, text: marked, from: start + size, to: start + marked.length - size };
}

// Of stars, one is italic, two are bold and three are both.
function has(stars, mark) {
  return mark === "*" ? stars % 2 === 1 : stars >= mark.length;
}

function heading(text, start) {
  const line = lineAt(text, start);
  const [old] = line.text.match(/^#* ?/);
  const fresh = { "": "## ", "## ": "### " }[old] ?? (old.startsWith("###") ? "" : "## ");
  const end = line.end + fresh.length - old.length;
  return { start: line.start, end: line.start + old.length, text: fresh, from: end, to: end };
}

// Puts a mark before each chosen line that has words, or takes it away where all have it.
function prefix(text, start, end, pattern, mark, instead = pattern) {
  const [first, last] = [lineAt(text, start), lineAt(text, lastOf(text, start, end))];
  const lines = text.slice(first.start, last.end).split("\n");
  const counts = (line) => lines.length === 1 || line.trim();
  const all = lines.filter(counts).every((line) => pattern.test(line));
  let index = 0;
  const marked = (line) => line.replace(instead, "$1").replace(/^(\s*)/, (indent) => indent + mark(index++));
  const fresh = lines.map((line) => (!counts(line) ? line : all ? line.replace(pattern, "$1") : marked(line))).join("\n");
  const to = first.start + fresh.length;
  return { start: first.start, end: last.end, text: fresh, from: lines.length > 1 ? first.start : to, to };
}

function fence(text, start, end) {
  const [first, last] = [lineAt(text, start), lineAt(text, lastOf(text, start, end))];
  const inside = text.slice(first.start, last.end);
  const ticks = "`".repeat(Math.max(3, ...[...inside.matchAll(/`{3,}/g)].map((found) => found[0].length + 1)));
  const from = first.start + ticks.length;
  return { start: first.start, end: last.end, text: `${ticks}\n${inside}\n${ticks}`, from, to: from };
}

function link(text, start, end) {
  if (start === end) [start, end] = wordAt(text, start);
  const inside = text.slice(start, end);
  if (isAddress(inside)) return { start, end, text: `[](${inside})`, from: start + 1, to: start + 1 };
  const from = end + 3;
  return { start, end, text: `[${inside}]()`, from: inside ? from : start + 1, to: inside ? from : start + 1 };
}

// The note itself goes to the end of the text, where the cursor waits for it.
function footnote(text, start, end) {
  const taken = [...text.matchAll(/\[\^(\d+)\]/g)].map((found) => Number(found[1]));
  const name = `[^${Math.max(0, ...taken) + 1}]`;
  const gap = /(?:^|\n\n|\n\[\^[^\n]*\n)$/.test(text) ? "" : text.endsWith("\n") ? "\n" : "\n\n";
  const note = `${gap}${name}: `;
  const last = text.length + name.length + note.length;
  return { start: end, end, text: name, from: last, to: last, also: { start: text.length, text: note } };
}

export function isAddress(text) {
  return /^(?:https?:\/\/|mailto:)[^\s<>]+$/i.test(text);
}

// A selection that ends with a line's end does not mean the next line.
function lastOf(text, start, end) {
  return end > start && text[end - 1] === "\n" ? end - 1 : end;
}

function wordAt(text, position) {
  const before = text.slice(0, position).match(/[\p{L}\p{N}'’-]*$/u)[0].length;
  const after = text.slice(position).match(/^[\p{L}\p{N}'’-]*/u)[0].length;
  return before && after ? [position - before, position + after] : [position, position];
}

function run(text, sign) {
  let length = 0;
  while (text[length] === sign) length++;
  return length;
}

function reversed(text) {
  return [...text.slice(-4)].reverse().join("");
}
