// Changing the text of a field so that the browser's own undo knows of it, and asking what stands where.

// Puts text in the place of what is from start to end, and the cursor from there to there.
export function replace(field, start, end, text, from = start + text.length, to = from) {
  field.focus({ preventScroll: true });
  field.setSelectionRange(start, end);
  // The only way of writing that undo takes back; every browser has it, and none another.
  const written = text ? document.execCommand("insertText", false, text) : start === end || document.execCommand("delete");
  if (!written) {
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  field.setSelectionRange(from, to);
}

// Gives a field another value, changing only the part that differs, without moving a cursor that stands elsewhere.
export function put(field, value) {
  if (field.value === value) return;
  if (field !== document.activeElement || !("setRangeText" in field) || field.selectionStart === null) {
    field.value = value;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    return;
  }
  const edit = change(field.value, value);
  const { selectionStart, selectionEnd, scrollTop } = field;
  replace(field, edit.start, edit.end, edit.text, moved(selectionStart, edit), moved(selectionEnd, edit));
  field.scrollTop = scrollTop;
}

// The one replacement that makes a text into another.
export function change(before, after) {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  if (isHigh(before[start - 1])) start--;
  let same = 0;
  while (same < most - start && before.at(-1 - same) === after.at(-1 - same)) same++;
  if (same && isLow(before.at(-same))) same--;
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

// Brings what somebody else changed into a text that was changed here too; null where both changed the same place.
export function rebased(base, theirs, mine) {
  const [their, my] = [change(base, theirs), change(base, mine)];
  if (my.start === my.end && !my.text) return theirs;
  if (their.end < my.start) return apply(mine, their, 0);
  if (my.end < their.start) return apply(mine, their, my.text.length - (my.end - my.start));
  return null;
}

export function lineAt(value, position) {
  const start = value.lastIndexOf("\n", position - 1) + 1;
  const next = value.indexOf("\n", position);
  const end = next < 0 ? value.length : next;
  return { start, end, text: value.slice(start, end) };
}

export function inCode(value, position) {
  const fences = value.slice(0, position).match(/^ {0,3}(?:`{3,}|~{3,})/gm);
  return fences !== null && fences.length % 2 === 1;
}

function apply(text, edit, shift) {
  return text.slice(0, edit.start + shift) + edit.text + text.slice(edit.end + shift);
}

function moved(at, { start, end, text }) {
  if (at <= start) return at;
  return at >= end ? at + text.length - (end - start) : Math.min(at, start + text.length);
}

// A character beyond the first 65,536 is two units of a string, which must stay together.
const isHigh = (unit) => unit >= "\ud800" && unit <= "\udbff";
const isLow = (unit) => unit >= "\udc00" && unit <= "\udfff";
