// What every page of the desk has: the palette, and a browser that keeps nothing of whoever was here before.
import { tidy } from "./copies.js";
import { palette } from "./palette.js";

tidy();
// Where the places need more room than a phone has, the one that is open stands in sight.
for (const here of document.querySelectorAll(".places [aria-current]")) {
  const [own, row] = [here.getBoundingClientRect(), here.parentElement.getBoundingClientRect()];
  here.parentElement.scrollLeft += (own.left + own.right - row.left - row.right) / 2;
}
document.querySelector("form[data-sign-out]")?.addEventListener("submit", () => tidy({ all: true }));
palette(document.querySelector("template[data-palette]"), document.querySelector("button[data-palette]"));
