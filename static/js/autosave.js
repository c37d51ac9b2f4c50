// Saves while one writes, and says truly what is saved where. The server's word counts; until it comes the browser
// keeps a copy. Nothing here decides what a save does: the server takes the same form as from the button.
import { forget, keep } from "./copies.js";
import { renew, send } from "./request.js";
import { put, rebased } from "./text.js";
import { say } from "./words.js";

const [PAUSE, LONGEST_WAIT] = [3_000, 15_000];
const RETRIES = [3_000, 8_000, 15_000, 30_000];
const OWN = ["csrf_token", "version", "knows"];
// Times are no words: the server takes them only with the button that publishes.
const TIMES = ["published_at", "expires_at", "published_at_fold", "expires_at_fold"];

export function autosave(form, tell, hasOtherTimes) {
  let saved = form.dataset.unsaved === undefined ? text(form) : "";
  // Where a writer comes back to this text: a form that was refused stands under other addresses too.
  let path = form.dataset.home;
  let [timer, since, tries, sending] = [0, 0, 0, null];
  let [isStopped, isLeaving, hasTried] = [false, false, false];

  const isBlank = () => form.elements.version.value === "0" && !form.elements.title.value.trim() && !form.elements.body.value.trim();
  const isDirty = () => text(form) !== saved && !isBlank();

  function touch() {
    isLeaving = false;
    if (!isDirty()) {
      clearTimeout(timer);
      since = 0;
      return forget(path);
    }
    if (isStopped) return remember();
    since ||= Date.now();
    if (!sending && !tries) plan(Math.min(PAUSE, since + LONGEST_WAIT - Date.now()));
  }

  function plan(wait) {
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(0, wait));
  }

  function remember(more) {
    return keep(path, { version: form.elements.version.value, fields: Object.fromEntries(fields(form)), ...more });
  }

  async function save({ last = false } = {}) {
    clearTimeout(timer);
    if (sending || isStopped || isLeaving || !isDirty()) return;
    const sent = fields(form);
    const isKept = remember();
    tell("saving");
    sending = send(form.dataset.autosave, new URLSearchParams(new FormData(form)), { last });
    const answer = await sending;
    sending = null;
    if (answer.status === 200 || answer.status === 201) return arrived(answer.data, sent);
    await failed(answer, isKept, sent);
  }

  function arrived(data, sent) {
    forget(path);
    [tries, since] = [0, 0];
    saved = words(sent);
    tell(adopt(data, sent) ? "merged" : "saved", { time: data.saved });
    form.dispatchEvent(new CustomEvent("saved", { detail: data }));
    if (data.people) form.dispatchEvent(new CustomEvent("people", { detail: data.people }));
    if (isDirty()) touch();
  }

  // A new text has its own address from now on, and what others wrote in the meantime comes into the form: then true.
  function adopt({ version, address, autosave: here, merged }, sent) {
    if (here) form.dataset.autosave = here;
    if (address && address !== location.pathname) history.replaceState(history.state, "", address);
    if (address && address !== path) {
      form.action = form.dataset.home = path = address;
      form.dispatchEvent(new CustomEvent("settled", { detail: address }));
    }
    const fresh = Object.entries(merged ?? {}).map(([name, value]) => [form.elements[name], value, sent.get(name) ?? ""]);
    const fitting = fresh.map(([field, value, was]) => [field, field && rebased(was, value, field.value)]);
    // Where both changed the same words just now, the next save lets the server put them together again.
    if (fitting.some(([field, value]) => field && value === null)) return false;
    if (version !== undefined) form.elements.version.value = version;
    for (const [field, value] of fitting) if (field) put(field, value);
    for (const [field, value] of fresh) if (field) sent.set(field.name, value);
    saved = words(sent);
    return fresh.length > 0;
  }

  async function failed({ status, data }, isKept, sent) {
    if (status === 409) {
      // The server holds these words until somebody has chosen; only what is written from now on could be lost.
      isStopped = true;
      saved = words(sent);
      forget(path);
      touch();
      return tell("conflict", { link: data.conflict, message: data.message });
    }
    const door = status === 403 ? await renew(form) : "";
    if (door === "renewed") return save();
    if (status === 422) {
      since = 0;
      return tell("refused", { message: Object.values(data.errors ?? {})[0] ?? "" });
    }
    const state = status === 0 ? "offline" : status === 401 || door === "closed" ? "ended" : status >= 429 ? "busy" : "gone";
    tell(isKept ? state : "unkept");
    if (state !== "gone") plan(RETRIES[Math.min(tries++, RETRIES.length - 1)]);
    else since = 0;
  }

  function again() {
    if (tries && isDirty()) plan(0);
  }

  form.addEventListener("input", touch);
  form.addEventListener("change", touch);
  addEventListener("online", again);
  addEventListener("focus", again);
  document.addEventListener("visibilitychange", () => (document.hidden ? save({ last: true }) : again()));
  addEventListener("pagehide", () => (isDirty() || hasOtherTimes()) && remember({ submitted: isLeaving }));
  addEventListener("beforeunload", (event) => {
    if ((isDirty() || hasOtherTimes()) && !isLeaving) event.preventDefault();
  });
  form.addEventListener("submit", async (event) => {
    if ((event.submitter?.formTarget || form.target) === "_blank") return;
    const isNew = form.elements.version.value === "0" && isDirty() && !hasTried;
    if (sending || isNew || !navigator.onLine) {
      // A save that is under way comes first: overtaken by this one, it would look like somebody else's.
      event.preventDefault();
      if (!navigator.onLine) return tell(remember() ? "offline" : "unkept");
      const { submitter } = event;
      await sending;
      // A new text gets its own address first, so that the copy which this browser keeps meanwhile is known by it.
      hasTried ||= isNew;
      if (isNew) await save();
      if (tries) return (hasTried = false);
      return setTimeout(() => form.requestSubmit(submitter));
    }
    clearTimeout(timer);
    isLeaving = true;
    remember({ submitted: true });
  });
  if (isDirty()) touch();
  // Waits until what was typed so far has been saved, if it can be.
  async function settle() {
    await sending;
    if (isDirty()) await save();
  }

  return { touch, settle };
}

function fields(form) {
  const data = new FormData(form);
  for (const name of OWN) data.delete(name);
  return data;
}

function text(form) {
  return words(fields(form));
}

function words(data) {
  return new URLSearchParams([...data].filter(([name]) => !TIMES.includes(name))).toString();
}

// Shows the state of saving: at once for eyes, and read aloud only where it is settled.
export function teller(place, conflict, signIn) {
  const [shown, spoken] = [place.querySelector("[data-shown]"), place.querySelector("[role=status]")];
  return (state, { time = "", message = "", link: address } = {}) => {
    const sentence = say(state, { time, message }) || message;
    place.dataset.state = state;
    shown.textContent = state === "saving" ? sentence : "";
    if (state !== "saving" && spoken.firstChild?.data !== sentence) spoken.textContent = sentence;
    spoken.hidden = state === "saving";
    signIn.hidden = state !== "ended";
    conflict.hidden = !address;
    if (address) conflict.href = address;
  };
}
