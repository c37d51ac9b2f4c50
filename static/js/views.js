// The whole window for the text, the preview beside it, and the same view again after saving.

import { heights } from "./mirror.js";
import { lineAt } from "./text.js";

const KEPT = "view";

export function views(page, { full, split, area, showPreview }) {
  const set = (button, name, on) => {
    button.setAttribute("aria-pressed", String(on));
    page.classList.toggle(name, on);
    document.body.classList.toggle("writing-full", page.classList.contains("full"));
    if (name === "split") showPreview(on);
    sessionStorage.setItem(KEPT, [...page.classList].join(" "));
  };
  const toggle = (button, name) => {
    const part = reached(area);
    set(button, name, !page.classList.contains(name));
    area.focus({ preventScroll: true });
    reach(area, page, part);
  };
  full.addEventListener("click", () => toggle(full, "full"));
  split.addEventListener("click", () => toggle(split, "split"));
  page.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && page.classList.contains("full")) set(full, "full", false);
  });
  const before = (sessionStorage.getItem(KEPT) ?? "").split(" ");
  if (before.includes("full")) set(full, "full", true);
  if (before.includes("split")) set(split, "split", true);
}

// How far down the text one has come, whether it scrolls in its field or with the page.
function reached(area) {
  const { top, height } = area.getBoundingClientRect();
  return scrolls(area) ? area.scrollTop / area.scrollHeight : Math.max(0, -top) / height;
}

function reach(area, page, part) {
  page.scrollIntoView({ behavior: "instant" });
  if (scrolls(area)) area.scrollTop = part * area.scrollHeight;
  else if (part) scrollBy({ top: area.getBoundingClientRect().top + part * area.clientHeight, behavior: "instant" });
}

function scrolls(area) {
  return area.scrollHeight > area.clientHeight + 1;
}

// A link to a line, as the list before publishing has them, chooses the line and brings it into sight.
export function goToLine(area) {
  const number = Number(new URLSearchParams(location.search).get("line"));
  // The browser itself goes to the field as a whole, once the page is there.
  if (number) addEventListener("load", () => requestAnimationFrame(() => choose(area, number)));
}

function choose(area, number) {
  const start = area.value.split("\n").slice(0, number - 1).join("\n").length + (number > 1);
  const line = lineAt(area.value, Math.min(start, area.value.length));
  const [top] = heights(area, [line.start]);
  area.focus({ preventScroll: true });
  area.setSelectionRange(line.start, line.end);
  if (scrolls(area)) area.scrollTop = top - area.clientHeight / 3;
  else scrollTo({ top: scrollY + area.getBoundingClientRect().top + top - innerHeight / 3, behavior: "instant" });
}

// After saving, the page opens at the place where one was writing; after more than that, with what it says was done.
export function keepPlace(form, area) {
  const key = "place";
  form.addEventListener("submit", ({ submitter }) => {
    const { selectionStart, selectionEnd, scrollTop } = area;
    const isWriting = document.activeElement === area || document.activeElement?.form === form;
    const place = [new URL(form.action).pathname, submitter?.value, selectionStart, selectionEnd, scrollTop, scrollY, isWriting];
    sessionStorage.setItem(key, JSON.stringify(place));
  });
  const [path, then, start, end, top, page, isWriting] = JSON.parse(sessionStorage.getItem(key) ?? "[]");
  sessionStorage.removeItem(key);
  // Whoever looked at the review comes back to the text; whoever published there comes to what the page says of it.
  const isMore = ["publish", "withdraw", "submit"].includes(then) || (then === "review" && document.querySelector(".flash.done"));
  if (path !== location.pathname || form.dataset.unsaved !== undefined || isMore) return;
  if (isWriting) area.focus({ preventScroll: true });
  area.setSelectionRange(start, end);
  area.scrollTop = top;
  scrollTo({ top: page, behavior: "instant" });
}
