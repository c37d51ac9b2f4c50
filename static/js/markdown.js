// Rich text, such as a page or a word processor puts on the clipboard, as Markdown.

const SKIPPED = new Set(["STYLE", "SCRIPT", "TITLE", "META", "LINK", "NOSCRIPT", "TEMPLATE", "BUTTON", "INPUT", "SELECT", "TEXTAREA", "IFRAME", "OBJECT", "SVG"]);
const BLOCKS = new Set(["ADDRESS", "ARTICLE", "ASIDE", "BLOCKQUOTE", "BODY", "DD", "DETAILS", "DIV", "DL", "DT", "FIGCAPTION", "FIGURE", "FOOTER",
  "FORM", "H1", "H2", "H3", "H4", "H5", "H6", "HEADER", "HR", "LI", "MAIN", "NAV", "OL", "P", "PRE", "SECTION", "SUMMARY", "TABLE", "UL"]);
const SPECIAL = /([\\`*_[\]<])/g;

export function toMarkdown(html) {
  // The page's own policy would complain of every style, though nothing of this is ever shown.
  const quiet = html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
  return blocks(new DOMParser().parseFromString(quiet, "text/html").body).join("\n\n").replace(/\n{3,}/g, "\n\n");
}

function blocks(parent) {
  const found = [];
  let line = "";
  const end = () => {
    const text = tidy(line);
    if (text) found.push(text);
    line = "";
  };
  for (const node of parent.childNodes) {
    if (isSkipped(node)) continue;
    if (isBlock(node)) {
      end();
      found.push(...block(node));
    } else line += inline(node);
  }
  end();
  return found;
}

function block(node) {
  const tag = node.tagName;
  if (/^H[1-6]$/.test(tag)) return some(`${"#".repeat(Math.max(2, Number(tag[1])))} `, tidy(inlines(node)).replace(/\\?\n/g, " "));
  if (tag === "HR") return ["---"];
  if (tag === "PRE") return [fenced(node)];
  if (tag === "UL" || tag === "OL") return some("", list(node));
  if (tag === "TABLE") return some("", table(node));
  if (tag === "BLOCKQUOTE") return some("", indented(blocks(node).join("\n\n"), "> ", "> "));
  return blocks(node);
}

function list(node) {
  let index = Number(node.getAttribute("start") ?? 1);
  const lines = [];
  for (const item of node.children) {
    // Word processors put a nested list beside the item that it belongs to.
    if (item.tagName === "UL" || item.tagName === "OL") {
      lines.push(indented(list(item), "  ", "  "));
      continue;
    }
    const box = item.querySelector(":scope > input[type=checkbox], :scope > p > input[type=checkbox], :scope > label > input[type=checkbox]");
    const mark = `${node.tagName === "OL" ? `${index++}.` : "-"} ${box ? (box.checked ? "[x] " : "[ ] ") : ""}`;
    const inner = blocks(item);
    const isLoose = item.querySelectorAll(":scope > p").length > 1;
    const text = inner.join(isLoose ? "\n\n" : "\n");
    if (text) lines.push(indented(text, mark, " ".repeat(node.tagName === "OL" ? mark.indexOf(".") + 2 : 2)));
  }
  return lines.join("\n");
}

function table(node) {
  const rows = [...node.rows].map((row) => [...row.cells].map((cell) => tidy(inlines(cell)).replace(/\\?\n/g, " ").replaceAll("|", "\\|")));
  const width = Math.max(0, ...rows.map((row) => row.length));
  // A table of one column or one row is how some pages are laid out.
  if (width < 2 || rows.length < 2) return blocks(node.rows.length ? flat(node) : node).join("\n\n");
  const line = (cells) => `| ${Array.from({ length: width }, (_, column) => cells[column] ?? "").join(" | ")} |`;
  return [line(rows[0]), line(Array(width).fill("---")), ...rows.slice(1).map(line)].join("\n");
}

function flat(node) {
  const inner = node.ownerDocument.createElement("div");
  for (const row of [...node.rows]) for (const cell of [...row.cells]) {
    const part = inner.appendChild(node.ownerDocument.createElement("div"));
    part.append(...cell.childNodes);
  }
  return inner;
}

function inlines(parent) {
  return [...parent.childNodes].filter((node) => !isSkipped(node)).map((node) => (isBlock(node) ? ` ${inlines(node)} ` : inline(node))).join("");
}

function inline(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/[^\S\u00a0]+/g, " ").replaceAll("\u00a0", " ").replace(SPECIAL, "\\$1");
  const tag = node.tagName;
  if (tag === "BR") return "\\\n";
  if (tag === "IMG") return picture(node);
  if (tag === "CODE" || tag === "KBD" || tag === "SAMP" || tag === "TT") return around(node.textContent, "`");
  const inner = inlines(node);
  if (tag === "A") return link(node, inner);
  if (tag === "S" || tag === "DEL" || tag === "STRIKE") return around(inner, "~~");
  return styled(node, inner);
}

function styled(node, inner) {
  const style = (node.dataset.style ?? "").replace(/\s/g, "");
  const weight = style.match(/(?:^|;)font-weight:(\w+)/)?.[1];
  const slant = style.match(/(?:^|;)font-style:(\w+)/)?.[1];
  const isBold = weight ? weight === "bold" || Number(weight) >= 600 : node.tagName === "B" || node.tagName === "STRONG";
  const isItalic = slant ? slant === "italic" || slant === "oblique" : ["I", "EM", "CITE", "DFN"].includes(node.tagName);
  // A whole block in bold, as Google's documents wrap what they copy, means nothing.
  const mark = /\n\s*\n/.test(inner) ? "" : (isBold ? "**" : "") + (isItalic ? "*" : "");
  return around(inner, mark);
}

function link(node, inner) {
  const address = node.getAttribute("href") ?? "";
  const text = inner.trim();
  if (!/^(?:https?:|mailto:|tel:)/i.test(address) || !text) return inner;
  const [before, after] = edges(inner);
  return text.replaceAll("\\", "") === address ? `${before}<${address}>${after}` : `${before}[${text}](${target(address)})${after}`;
}

function picture(node) {
  const address = node.getAttribute("src") ?? "";
  const alt = (node.getAttribute("alt") ?? "").replace(/\s+/g, " ").replace(SPECIAL, "\\$1");
  return /^https?:/i.test(address) ? `![${alt}](${target(address)})` : "";
}

function target(address) {
  return /[\s()<>]/.test(address) ? `<${address.replace(/[<>\s]/g, encodeURIComponent)}>` : address;
}

function fenced(node) {
  const text = node.textContent.replace(/\n$/, "");
  const ticks = "`".repeat(Math.max(3, ...[...text.matchAll(/`{3,}/g)].map((found) => found[0].length + 1)));
  const language = `${node.className} ${node.querySelector("code")?.className ?? ""}`.match(/\b(?:language|lang|highlight-source)-([\w+#-]+)/)?.[1] ?? "";
  return `${ticks}${language}\n${text}\n${ticks}`;
}

// Marks stand at words: what is around the words stays outside.
function around(inner, mark) {
  if (!mark || !inner.trim()) return inner;
  const [before, after] = edges(inner);
  return before + mark + inner.trim() + [...mark].reverse().join("") + after;
}

function edges(text) {
  return [text.match(/^\s*/)[0], text.match(/\s*$/)[0]];
}

function indented(text, first, rest) {
  return text.split("\n").map((line, index) => (index ? (line || rest === "> " ? rest + line : "").trimEnd() : first + line)).join("\n");
}

function tidy(text) {
  return text.replace(/ +/g, " ").replace(/ ?\\\n ?/g, "\\\n").replace(/^(?:\\\n|\s)+|(?:\\\n|\s)+$/g, "").replace(/^(#{1,6}|[-+>]|\d+[.)])(?= )/, "\\$1").replace(/^\\(\d+)([.)])/, "$1\\$2");
}

function some(mark, text) {
  return text ? [mark + text] : [];
}

function isBlock(node) {
  return node.nodeType === Node.ELEMENT_NODE && (BLOCKS.has(node.tagName) || (!SKIPPED.has(node.tagName) && [...node.children].some(isBlock)));
}

function isSkipped(node) {
  return node.nodeType === Node.ELEMENT_NODE ? SKIPPED.has(node.tagName.toUpperCase()) : node.nodeType !== Node.TEXT_NODE;
}
