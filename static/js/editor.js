// The editor: each behaviour is a module of its own and works without the others.
import { autosave, teller } from "./autosave.js";
import { countWords } from "./counting.js";
import { chooseCover } from "./cover.js";
import { library } from "./library.js";
import { continueLists } from "./lists.js";
import { offerCopies } from "./offer.js";
import { pasteAsMarkdown } from "./paste.js";
import { insert, takePictures } from "./pictures.js";
import { watchPresence } from "./presence.js";
import { preview } from "./preview.js";
import { listShortcuts } from "./shortcuts.js";
import { suggest } from "./suggest.js";
import { watchTimes } from "./times.js";
import { toolbar } from "./toolbar.js";
import { watchUnseen } from "./unseen.js";
import { goToLine, keepPlace, views } from "./views.js";
import { say } from "./words.js";

const form = document.getElementById("editor");
const { body: area, title, language } = form.elements;
const part = (name) => document.querySelector(`[data-${name}]`);

countWords(area, part("count"));
language.addEventListener("change", () => (area.lang = title.lang = language.value || document.documentElement.lang));
for (const field of form.querySelectorAll("[data-suggestions]")) suggest(field);

if (!area.readOnly) {
  const showPreview = preview(form, area, part("preview"));
  toolbar(part("toolbar"), area, form);
  const openLibrary = library(part("library"));
  const take = takePictures(area, { address: form.dataset.pictures, place: part("uploads"), form });
  pasteAsMarkdown(area);
  continueLists(area);
  views(part("page"), { full: part("full"), split: part("split"), area, showPreview });
  const upload = (files) => (take(files) ? "" : say("not-taken"));
  part("picture").addEventListener("click", () => openLibrary({ choose: ({ markdown }) => insert(area, markdown), upload, many: true }));
  chooseCover(form, part("cover"), openLibrary);
  const areOther = watchTimes(form, part("times"));
  const { touch, settle } = autosave(form, teller(part("saving"), part("conflict"), part("sign-in")), areOther);
  form.addEventListener("settled", () => part("new") && (part("new").textContent = say("draft")));
  offerCopies(form, part("offer"), touch);
  listShortcuts(part("shortcuts"));
  watchPresence(form, part("presence"));
  watchUnseen(form, part("unseen"), { discard: document.getElementById("discard"), button: part("discard-changes"), saved: settle });
  keepPlace(form, area);
  goToLine(area);
  title.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    area.focus();
  });
}
