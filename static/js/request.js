// Speaking with the server as the page's own forms do.

const PATIENCE = 20_000;
const LARGEST_LAST_WORD = 60_000;

// Gives {status, data}: status 0 when nobody answers, and 401 when the answer is the way to sign in.
export async function send(address, body, { last = false } = {}) {
  try {
    const keepalive = last && String(body).length < LARGEST_LAST_WORD;
    const how = { method: "POST", body, redirect: "manual", keepalive, signal: AbortSignal.timeout(PATIENCE), headers: { accept: "application/json" } };
    const answer = await fetch(address, how);
    if (answer.type === "opaqueredirect") return { status: 401, data: {} };
    return { status: answer.status, data: await json(answer) };
  } catch {
    return { status: 0, data: {} };
  }
}

export async function ask(address, query, signal) {
  const answer = await fetch(`${address}?${new URLSearchParams(query)}`, { signal, redirect: "error", headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

// After signing in again in another tab the old token is worth nothing: take the new one, if the same person is there.
// Gives "renewed"; "open" when the token is as it was, so that it is not the reason; or "closed".
export async function renew(form) {
  try {
    const answer = await fetch(location.href, { redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector(`#${form.id} [name=csrf_token]`)?.value;
    if (!token || page.body.dataset.person !== document.body.dataset.person) return "closed";
    const isNew = token !== form.elements.csrf_token.value;
    for (const field of document.querySelectorAll("[name=csrf_token]")) field.value = token;
    return isNew ? "renewed" : "open";
  } catch {
    return "closed";
  }
}

async function json(answer) {
  try {
    return (await answer.json()) ?? {};
  } catch {
    return {};
  }
}
