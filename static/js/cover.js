// The cover of a post: chosen in the dialog, shown at once, and saved with the words.
import { sent } from "./pictures.js";
import { say } from "./words.js";

export function chooseCover(form, place, openLibrary) {
  if (!place) return;
  const [shown, remove] = [place.querySelector("[data-cover-shown]"), place.querySelector("[data-remove-cover]")];
  const { cover: field, cover_alt: words } = form.elements;

  function show() {
    shown.hidden = remove.hidden = !field.value;
    for (const size of ["width", "height"]) shown.removeAttribute(size);
    shown.alt = words.value;
    if (field.value && !shown.src.endsWith(field.value)) shown.src = field.value;
  }

  function take({ url, alt }) {
    // What was said of another cover does not hold for this one.
    if (field.value || !words.value) words.value = alt;
    field.value = url;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    place.querySelector("[data-choose-cover]").focus();
  }

  async function upload([file]) {
    const answer = await sent(form.dataset.pictures, file, form, () => {});
    if (!answer.url) return say("not-uploaded", { name: file.name, message: answer.error });
    take(answer);
    return "";
  }

  place.querySelector("[data-choose-cover]").addEventListener("click", (event) => {
    event.preventDefault();
    openLibrary({ choose: take, upload });
  });
  remove.addEventListener("click", (event) => {
    event.preventDefault();
    words.value = "";
    take({ url: "", alt: "" });
  });
  form.addEventListener("input", ({ target }) => (target === field || target === words) && show());
}
