// Shows how far an import or export is, without loading the page anew.

const EVERY = 2_000;
const PATIENCE = 20_000;

async function look() {
  const shown = document.querySelector("[data-transfer]");
  try {
    const answer = await fetch(location.href, { redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-transfer]");
    // A button that is about to be pressed stays where it is.
    if (fresh && !shown.contains(document.activeElement)) shown.replaceWith(document.adoptNode(fresh));
    else if (fresh?.dataset.transfer === "open") show(fresh, shown);
    else if (fresh) location.reload();
    if (fresh?.dataset.transfer === "ended") return;
  } catch {
    // The server may be starting anew; the work goes on, and so does this.
  }
  setTimeout(look, EVERY);
}

function show(fresh, shown) {
  for (const part of ["#phase", "progress"]) shown.querySelector(part)?.replaceWith(document.adoptNode(fresh.querySelector(part)));
}

setTimeout(look, EVERY);
