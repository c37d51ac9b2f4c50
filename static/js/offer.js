// Offers back what this browser kept because it never reached the server: to compare, to take, or to discard.
import { discard, kept } from "./copies.js";
import { put } from "./text.js";
import { clock, say } from "./words.js";

const SEEN_AS_SAME = ["slug", "published_at", "expires_at"];

export function offerCopies(form, place, touch) {
  const [copy] = kept(form.dataset.home).filter((found) => !isSettled(form, found));
  place.hidden = !copy;
  if (!copy) return;
  place.querySelector("[data-when]").textContent = say("kept", { time: moment(copy.at) });
  const details = place.querySelector("details");
  details.open = false;
  place.querySelector(".diff").replaceChildren(...differences(form.elements.body.value, copy.fields.body ?? ""));
  place.querySelector("[data-take]").onclick = () => {
    for (const [name, value] of Object.entries(copy.fields)) if (form.elements[name]?.value !== undefined) put(form.elements[name], value);
    // Saved from the version that they were written over, so that nothing newer is lost either.
    form.elements.version.value = copy.version;
    decided(true);
  };
  place.querySelector("[data-discard]").onclick = () => decided(false);

  function decided(isTaken) {
    discard(copy);
    if (isTaken) touch();
    form.elements.body.focus();
    offerCopies(form, place, touch);
  }
}

// What was saved after all, or says the same, is of no use to anybody.
function isSettled(form, copy) {
  const fields = Object.entries(copy.fields).filter(([name]) => !SEEN_AS_SAME.includes(name) && (form.elements[name]?.type ?? "hidden") !== "hidden");
  const isSame = fields.every(([name, value]) => plain(form.elements[name].value) === plain(value));
  const isSaved = copy.submitted && form.dataset.unsaved === undefined && Number(form.elements.version.value) > Number(copy.version);
  if (isSame || isSaved) discard(copy);
  return isSame || isSaved;
}

function plain(value) {
  return value.replace(/\r\n?/g, "\n").replace(/\s+/g, " ").trim();
}

function moment(at) {
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium" }).format(at);
  return new Date(at).toDateString() === new Date().toDateString() ? clock(at) : `${day}, ${clock(at)}`;
}

// Between the first and the last line that differ, with a line around.
function differences(here, there) {
  const [ours, theirs] = [here.split("\n"), there.split("\n")];
  let start = 0;
  while (start < ours.length && start < theirs.length && ours[start] === theirs[start]) start++;
  let same = 0;
  while (same < Math.min(ours.length, theirs.length) - start && ours.at(-1 - same) === theirs.at(-1 - same)) same++;
  return [
    ...ours.slice(Math.max(0, start - 1), start).map((line) => made("span", line)),
    ...ours.slice(start, ours.length - same).map((line) => made("del", line, "only-server")),
    ...theirs.slice(start, theirs.length - same).map((line) => made("ins", line, "only-here")),
    ...ours.slice(ours.length - same, ours.length - same + 1).map((line) => made("span", line)),
  ];
}

function made(tag, line, word = "") {
  const element = document.createElement(tag);
  if (word) {
    const label = element.appendChild(document.createElement("span"));
    label.className = "visually-hidden";
    label.textContent = `${say(word)} `;
  }
  element.append(line || " ");
  return element;
}
