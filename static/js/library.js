// The library in a dialog: search it, upload to it, and choose a picture; what becomes of that says who opened it.
import { ask } from "./request.js";
import { say } from "./words.js";

const PAUSE = 200;

export function library(template) {
  let [dialog, shelf, takers] = [null, null, {}];

  function make() {
    dialog = template.content.firstElementChild.cloneNode(true);
    document.body.append(dialog);
    const field = dialog.querySelector("input[type=search]");
    const files = dialog.querySelector("input[type=file]");
    const more = dialog.querySelector("[data-more]");
    let [timer, asked, next] = [0, new AbortController(), 1];
    shelf = dialog.querySelector(".files");

    async function look(number = 1) {
      asked.abort();
      asked = new AbortController();
      const { signal } = asked;
      const query = { kind: "picture", q: field.value.trim(), page: number };
      const found = await ask(dialog.dataset.address, query, signal).catch(() => null);
      if (signal.aborted) return;
      if (!found) return tell(say("unreachable"), true);
      tell("");
      if (number === 1) shelf.replaceChildren();
      const [first] = found.items.map((item) => shelf.appendChild(place(item)));
      next = found.next;
      more.hidden = !next;
      dialog.querySelector("[data-none]").hidden = Boolean(shelf.children.length || !query.q);
      dialog.querySelector("[data-empty]").hidden = Boolean(shelf.children.length || query.q);
      if (number > 1) first?.firstElementChild.focus();
    }

    function place(item) {
      const [line, button] = ["li", "button"].map((tag) => document.createElement(tag));
      const picture = Object.assign(document.createElement("img"), { src: item.thumbnail, alt: item.alt, loading: "lazy" });
      const name = Object.assign(document.createElement("bdi"), { className: "file-name", textContent: item.name });
      button.type = "button";
      button.append(picture, name);
      button.addEventListener("click", () => {
        dialog.close();
        takers.choose(item);
      });
      line.append(button);
      return line;
    }

    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(look, PAUSE);
    });
    field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    more.addEventListener("click", () => look(next));
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    dialog.querySelector("[data-upload]").addEventListener("click", () => files.click());
    files.addEventListener("change", async () => {
      const chosen = [...files.files];
      files.value = "";
      tell(say("uploading", { name: chosen[0]?.name }));
      const problem = await takers.upload(chosen);
      if (problem) tell(problem, true);
      else dialog.close();
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => asked.abort());
    dialog.reset = (many) => {
      field.value = "";
      files.multiple = many;
      look();
    };
  }

  function tell(words, isProblem = false) {
    const place = dialog.querySelector("[role=status]");
    place.textContent = words;
    place.classList.toggle("error", isProblem);
  }

  // `choose` takes what was chosen; `upload` takes files and gives what went wrong, if anything.
  return function open(taking) {
    if (document.querySelector("dialog:modal")) return;
    if (!dialog) make();
    takers = taking;
    dialog.showModal();
    dialog.reset(taking.many ?? false);
  };
}
