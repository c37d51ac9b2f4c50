// What every page of the desk has: the palette, and a browser that keeps nothing of whoever was here before.
import { tidy } from "./copies.js";
import { palette } from "./palette.js";

tidy();
document.querySelector("form[data-sign-out]")?.addEventListener("submit", () => tidy({ all: true }));
palette(document.querySelector("template[data-palette]"), document.querySelector("button[data-palette]"));
