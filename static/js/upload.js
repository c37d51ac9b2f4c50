// Sends the chosen files one by one, so that each shows its progress and one that is refused stops no other.
// Files may also be dropped onto the form or pasted. Without this script the form sends them all at once.

const form = document.querySelector("[data-upload]");
const list = form.querySelector("[data-progress]");
const say = form.dataset;
let sending = 0;
let refused = false;

function line(file) {
  const item = document.createElement("li");
  const name = document.createElement("bdi");
  const bar = document.createElement("progress");
  const word = document.createElement("span");
  name.textContent = file.name;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  item.append(name, bar, word);
  list.append(item);
  return {
    at: (part) => { bar.value = part; },
    end: (text, fine) => { bar.remove(); word.textContent = text; word.className = fine ? "meta" : "error"; refused ||= !fine; },
  };
}

function send(file, shown) {
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  body.set("alt", form.elements.alt.value);
  body.set("file", file);
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => shown.at(event.loaded / (event.total || 1)));
    request.addEventListener("loadend", () => {
      const told = request.getResponseHeader("content-type")?.startsWith("application/json") ? JSON.parse(request.responseText) : {};
      const ended = request.responseURL.includes("/login");
      if (request.status === 201) shown.end(say.done, true);
      else shown.end(told.error ?? told.message ?? (ended ? say.ended : say.failed), false);
      done();
    });
    request.send(body);
  });
}

async function sendAll(files) {
  const waiting = files.map((file) => [file, line(file)]);
  if (!waiting.length) return;
  sending += waiting.length;
  for (const [file, shown] of waiting) {
    await send(file, shown);
    sending -= 1;
  }
  if (sending) return;
  form.elements.file.value = "";
  if (!refused) location.assign(form.action);
  else if (!list.querySelector("a")) {
    const link = document.createElement("a");
    link.href = form.action;
    link.textContent = say.look;
    list.append(document.createElement("li"));
    list.lastChild.append(link);
  }
}

form.addEventListener("submit", (event) => {
  const files = [...form.elements.file.files];
  if (!files.length) return;
  event.preventDefault();
  sendAll(files);
});
form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
form.addEventListener("dragleave", () => form.classList.remove("over"));
form.addEventListener("drop", (event) => {
  event.preventDefault();
  form.classList.remove("over");
  sendAll([...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => sendAll([...event.clipboardData.files]));
addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); });
