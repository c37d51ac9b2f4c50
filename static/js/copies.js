// Copies of what has not reached the server, kept in this browser for the one who wrote them and nobody else.

const MARK = "unsaved ";
const person = document.body.dataset.person;
const own = `${MARK}${person} `;
const window_id = crypto.getRandomValues(new Uint32Array(1))[0].toString(36);

export function keep(path, copy) {
  try {
    localStorage.setItem(`${own}${path} ${window_id}`, JSON.stringify({ at: Date.now(), ...copy }));
    return true;
  } catch {
    return false;
  }
}

export function forget(path) {
  localStorage.removeItem(`${own}${path} ${window_id}`);
}

// Gives the copies that were kept of one text by windows that are gone, the newest first.
export function kept(path) {
  const found = [];
  for (const key of Object.keys(localStorage))
    if (key.startsWith(`${own}${path} `) && !key.endsWith(` ${window_id}`)) {
      try {
        found.push({ key, ...JSON.parse(localStorage.getItem(key)) });
      } catch {
        localStorage.removeItem(key);
      }
    }
  return found.sort((one, other) => other.at - one.at);
}

export function discard({ key }) {
  localStorage.removeItem(key);
}

// Whoever uses this browser next finds nothing of the one before.
export function tidy({ all = false } = {}) {
  for (const key of Object.keys(localStorage)) if (key.startsWith(MARK) && (all || !key.startsWith(own))) localStorage.removeItem(key);
}
