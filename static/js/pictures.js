// Pictures that are dropped, pasted or chosen go to the server; a line in the text keeps their place meanwhile.
import { replace } from "./text.js";
import { say } from "./words.js";

export function takePictures(area, { address, place, form }) {
  let queue = Promise.resolve();
  let [waiting, total] = [0, 0];
  const [bar, words, refused, away] = ["progress", "[role=status]", "ul", "[data-put-away]"].map((name) => place.querySelector(name));

  function take(files) {
    const pictures = [...files].filter((file) => file.type.startsWith("image/"));
    for (const file of pictures) {
      const holder = unused(area.value, `![${say("uploading", { name: file.name.replace(/[[\]\\\n]/g, " ") })}]()`);
      insert(area, holder);
      waiting++;
      total++;
      queue = queue.then(() => upload(file, holder));
    }
    return pictures.length > 0;
  }

  async function upload(file, holder) {
    place.hidden = bar.hidden = false;
    form.dataset.uploading = "";
    words.textContent = say("uploading", { name: file.name });
    const answer = await sent(address, file, form, (part) => (bar.value = (total - waiting + part) / total));
    exchange(area, holder, answer.markdown ?? "");
    waiting--;
    if (!waiting) {
      total = 0;
      delete form.dataset.uploading;
    }
    bar.hidden = !waiting;
    words.textContent = answer.markdown ? say("uploaded", { name: file.name }) : "";
    if (!answer.markdown) refuse(say("not-uploaded", { name: file.name, message: answer.error }));
    away.hidden = waiting > 0;
  }

  // What was refused stays to be read until somebody has put it away, whatever comes after it.
  function refuse(sentence) {
    refused.append(Object.assign(document.createElement("li"), { textContent: sentence }));
  }

  away.addEventListener("click", () => {
    refused.replaceChildren();
    place.hidden = true;
    area.focus({ preventScroll: true });
  });

  area.addEventListener("paste", (event) => {
    // Word processors add a picture of the words; the words are meant.
    const isRich = event.clipboardData.getData("text/plain").trim();
    if (!isRich && take(event.clipboardData.files)) event.preventDefault();
  });
  area.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  area.addEventListener("drop", (event) => {
    if (take(event.dataTransfer.files)) event.preventDefault();
  });
  return take;
}

export function sent(address, file, form, progress) {
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  body.set("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", address);
  request.setRequestHeader("accept", "application/json");
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
  return new Promise((done) => {
    request.addEventListener("load", () => done(request.response?.markdown ? request.response : { error: request.response?.error ?? say("not-taken") }));
    request.addEventListener("error", () => done({ error: say("unreachable") }));
    request.send(body);
  });
}

// Pictures stand alone, with empty lines around them.
export function insert(area, line) {
  const { value, selectionStart: start, selectionEnd: end } = area;
  const [before, after] = [value.slice(0, start), value.slice(end)];
  const above = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const below = after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  replace(area, start, end, above + line + below);
}

function exchange(area, holder, text) {
  const start = area.value.indexOf(holder);
  if (start < 0) return;
  const { selectionStart, selectionEnd, scrollTop } = area;
  const end = start + holder.length;
  const moved = (at) => (at >= end ? at + text.length - holder.length : Math.min(at, start));
  const focused = document.activeElement;
  replace(area, start, end, text, moved(selectionStart), moved(selectionEnd));
  area.scrollTop = scrollTop;
  if (focused !== area) focused?.focus({ preventScroll: true });
}

// Two pictures of one name need two places.
function unused(text, holder) {
  let [found, index] = [holder, 2];
  while (text.includes(found)) found = holder.replace("]()", ` ${index++}]()`);
  return found;
}
