// Lets a form be answered by a passkey: asks the server for a challenge, has the browser answer it, and sends the form.
// A form says where to ask (data-passkey), whether a key is made or used (data-make), and what to say when it fails.
import { send } from "./request.js";

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const known = (keys = []) => keys.map((key) => ({ ...key, id: toBytes(key.id) }));

// Newer browsers write all this as JSON themselves; not all do, so it is spelled out.
function asked(options) {
  const { challenge, user, allowCredentials, excludeCredentials } = options;
  const publicKey = { ...options, challenge: toBytes(challenge) };
  if (user) publicKey.user = { ...user, id: toBytes(user.id) };
  if (allowCredentials) publicKey.allowCredentials = known(allowCredentials);
  if (excludeCredentials) publicKey.excludeCredentials = known(excludeCredentials);
  return publicKey;
}

function answered({ id, rawId, type, response }) {
  const told = { clientDataJSON: toText(response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) told[part] = toText(response[part]);
  }
  if (response.getTransports) told.transports = response.getTransports();
  return JSON.stringify({ id, rawId: toText(rawId), type, response: told });
}

async function answer(form) {
  const say = form.querySelector("[data-told]");
  const token = form.elements.csrf_token?.value;
  say.textContent = "";
  const { status, data } = await send(form.dataset.passkey, new URLSearchParams(token ? { csrf_token: token } : {}));
  if (status === 401) return location.reload();
  if (status !== 200) return (say.textContent = data.message ?? form.dataset.failed);
  try {
    const publicKey = asked(data);
    const key = "make" in form.dataset ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
    form.querySelector("[name$=passkey]").value = answered(key);
    form.submit();
  } catch (error) {
    say.textContent = (error.name === "InvalidStateError" && form.dataset.known) || form.dataset.failed;
  }
}

if (window.PublicKeyCredential) {
  for (const note of document.querySelectorAll("[data-unscripted]")) note.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer(form);
    });
  }
}
