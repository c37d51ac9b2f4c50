// Rows that can be chosen: Shift chooses all from the last one on, and the form tells how many are chosen.
for (const form of document.querySelectorAll("form[data-bulk]")) {
  const boxes = [...form.querySelectorAll(".choosable > input[type=checkbox]")];
  const told = form.querySelector("[data-count]");
  const all = form.elements.namedItem("all");
  const unchosen = told.textContent;
  let last = -1;

  const tell = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    told.textContent = chosen && !all?.checked ? `${told.dataset.count} ${chosen}` : unchosen;
  };

  form.addEventListener("click", (event) => {
    const at = boxes.indexOf(event.target);
    if (at < 0) return;
    if (event.shiftKey && last >= 0) {
      for (const box of boxes.slice(Math.min(at, last), Math.max(at, last) + 1)) box.checked = event.target.checked;
    }
    last = at;
  });
  form.addEventListener("change", tell);
  addEventListener("pageshow", tell);
}
