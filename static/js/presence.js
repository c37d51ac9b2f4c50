// Says who else has this text open, and tells them so.
import { send } from "./request.js";
import { count } from "./words.js";

const EVERY = 20_000;

export function watchPresence(form, place) {
  const show = (people) => {
    const names = new Intl.ListFormat(document.documentElement.lang).format(people);
    const sentence = people.length ? count("open", people.length, { names }) : "";
    if (place.textContent !== sentence) place.textContent = sentence;
    place.hidden = !people.length;
  };
  form.addEventListener("people", (event) => show(event.detail));
  form.addEventListener("settled", (event) => (place.dataset.presence = `${event.detail}/presence`));
  setInterval(async () => {
    if (document.hidden || !place.dataset.presence) return;
    const { status, data } = await send(place.dataset.presence, new URLSearchParams({ csrf_token: form.elements.csrf_token.value }));
    if (status === 200 && data.people) show(data.people);
  }, EVERY);
}
