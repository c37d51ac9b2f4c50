// Where the text stands, the preview stands too: each part of it is looked for in the text, in their order, and
// between two that were found the way is shared out evenly.
import { heights } from "./mirror.js";

const [KEY, SHORT, NEAR] = [24, 8, 400];

export function follower(area, pane) {
  let pairs = null;

  function measure(nodes) {
    const found = matched(area.value, nodes);
    const lines = heights(area, found.map(([at]) => at));
    const top = pane.getBoundingClientRect().top - pane.scrollTop;
    const ends = [area.scrollHeight - area.clientHeight, pane.scrollHeight - pane.clientHeight];
    const inside = found.map(([, node], index) => [lines[index], node.getBoundingClientRect().top - top]);
    return [[0, 0], ...inside.filter(([y, to]) => y > 0 && y < ends[0] && to < ends[1]), ends];
  }

  return {
    forget: () => (pairs = null),
    follow(nodes) {
      pairs ??= measure(nodes);
      const y = area.scrollTop;
      const next = Math.max(1, pairs.findIndex(([here]) => here >= y));
      const [[from, shown], [to, end]] = [pairs[next - 1], pairs[next]];
      pane.scrollTop = shown + (to > from ? (y - from) / (to - from) : 0) * (end - shown);
    },
  };
}

// Pairs of a place in the text and the part of the preview that begins there.
function matched(text, nodes) {
  const { letters, places } = squeezed(text);
  const found = [];
  let from = 0;
  for (const node of nodes) {
    const key = keyOf(node);
    const at = key ? letters.indexOf(key, from) : -1;
    // Few letters stand in many places: then only those soon after are meant.
    if (at < 0 || (key.length < SHORT && at - from > NEAR)) continue;
    found.push([places[at], node]);
    from = at + key.length;
  }
  return found;
}

// The first letters of a part, up to where a link or another mark could hold letters that nobody sees.
function keyOf(node) {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { letters } = squeezed(walker.currentNode.data);
    if (letters) return letters.slice(0, KEY);
  }
  const picture = node.matches("img") ? node : node.querySelector("img");
  return picture ? squeezed(picture.getAttribute("src").split("/").at(-1)).letters.slice(0, KEY) : "";
}

function squeezed(text) {
  const places = [];
  let letters = "";
  for (const { 0: letter, index } of text.matchAll(/[\p{L}\p{N}]/gu)) {
    const low = letter.toLowerCase();
    letters += low;
    for (let unit = 0; unit < low.length; unit++) places.push(index);
  }
  return { letters, places };
}
