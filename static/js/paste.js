// Pasting an address over words makes them a link, and rich text becomes Markdown; in code everything stays as it is.
import { isAddress } from "./marks.js";
import { toMarkdown } from "./markdown.js";
import { inCode, replace } from "./text.js";

export function pasteAsMarkdown(area) {
  area.addEventListener("paste", (event) => {
    const { clipboardData: board } = event;
    const { value, selectionStart: start, selectionEnd: end } = area;
    if (event.defaultPrevented || !board || inCode(value, start)) return;
    const chosen = value.slice(start, end);
    const text = pasted(board, chosen);
    if (text === null) return;
    event.preventDefault();
    replace(area, start, end, text);
  });
}

function pasted(board, chosen) {
  const plain = board.getData("text/plain");
  const address = plain.trim();
  if (chosen && isAddress(address) && !chosen.includes("\n") && !isAddress(chosen) && !/\]\($/.test(chosen))
    return `[${chosen}](${/[()]/.test(address) ? `<${address}>` : address})`;
  const html = board.getData("text/html");
  // Editors of code put colours on the clipboard, but mean the plain text.
  if (!html || isAddress(address) || board.types.includes("vscode-editor-data")) return null;
  const text = toMarkdown(html);
  return !text || bare(text) === bare(plain) ? null : text;
}

function bare(text) {
  return text.replace(/\\(?=[\\`*_[\]<#>+-])|\s+/g, "");
}
