// Marks a live post as having changes that readers do not see, as soon as the first of them was saved.

export function watchUnseen(form, place, { discard, button, saved }) {
  if (!place || !discard) return;
  let isSettled = false;

  form.addEventListener("saved", ({ detail: { version, changes } }) => {
    if (version !== undefined) discard.elements.version.value = version;
    place.hidden = button.hidden = !changes;
    if (changes) place.querySelector("a").href = changes;
  });
  // What is discarded stays among the earlier versions, so what was typed last must get there first.
  discard.addEventListener("submit", async (event) => {
    if (isSettled) return;
    event.preventDefault();
    isSettled = true;
    await saved();
    discard.requestSubmit();
  });
}
