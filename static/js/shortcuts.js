// The list of keys closes as a menu does, and names the keys of this keyboard.
import { onThisKeyboard } from "./toolbar.js";

export function listShortcuts(list) {
  for (const key of list.querySelectorAll("kbd")) key.textContent = onThisKeyboard(key.textContent);
  const close = () => (list.open = false);
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !list.open) return;
    event.preventDefault();
    close();
    list.firstElementChild.focus();
  });
  document.addEventListener("click", (event) => list.contains(event.target) || close());
}
