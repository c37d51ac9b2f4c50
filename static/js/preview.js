// The text as readers will see it, made by the server and shown beside the text in the site's own styles.
import { follower } from "./follow.js";
import { send } from "./request.js";

const PAUSE = 350;

export function preview(form, area, pane) {
  let [timer, asked, isOn, parts] = [0, 0, false, null];
  const place = follower(area, pane);

  async function show() {
    const number = ++asked;
    const { status, data } = await send(pane.dataset.address, new URLSearchParams(new FormData(form)));
    if (number !== asked) return;
    pane.dataset.problem = status === 200 ? "" : data.message ?? "";
    parts.title.textContent = form.elements.title.value;
    parts.title.hidden = !parts.title.textContent;
    if (status !== 200) return;
    exchange(parts.prose, data.html);
    moved();
  }

  function plan() {
    clearTimeout(timer);
    if (isOn) timer = setTimeout(show, PAUSE);
  }

  function follow() {
    if (isOn && area.scrollHeight > area.clientHeight) place.follow([...parts.prose.children]);
  }

  function moved() {
    place.forget();
    follow();
  }

  form.addEventListener("input", plan);
  area.addEventListener("scroll", follow, { passive: true });
  return (on) => {
    isOn = on;
    if (!on) return;
    parts ??= furnish(pane, moved);
    show();
  };
}

// A tree of its own, so that neither the desk's styles nor the names of its fields meet those of the text.
function furnish(pane, moved) {
  const root = pane.attachShadow({ mode: "open" });
  const styles = Object.assign(document.createElement("link"), { rel: "stylesheet", href: pane.dataset.styles });
  const [article, header, title, prose] = ["article", "header", "h1", "div"].map((tag) => document.createElement(tag));
  [article.className, prose.className] = ["post", "prose"];
  header.append(title);
  article.append(header, prose);
  root.append(styles, article);
  root.addEventListener("click", (event) => stay(event, root));
  new ResizeObserver(moved).observe(article);
  return { title, prose };
}

// Only what differs is exchanged, so that pictures do not flicker and players do not stop.
function exchange(prose, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const [old, now] = [[...prose.childNodes], [...fresh.content.childNodes]];
  const isSame = (one, other) => one && other && one.isEqualNode(other);
  let start = 0;
  while (isSame(old[start], now[start])) start++;
  let same = 0;
  while (same < Math.min(old.length, now.length) - start && isSame(old.at(-1 - same), now.at(-1 - same))) same++;
  const next = old[old.length - same] ?? null;
  for (const node of old.slice(start, old.length - same)) node.remove();
  for (const node of now.slice(start, now.length - same)) prose.insertBefore(node, next);
}

// A link of the preview opens beside the editor, not in its place; one within the text goes there.
function stay(event, root) {
  const link = event.target.closest("a[href]");
  if (!link) return;
  const inside = link.getAttribute("href");
  if (inside.startsWith("#")) {
    event.preventDefault();
    root.getElementById(decodeURIComponent(inside.slice(1)))?.scrollIntoView({ block: "center" });
  } else link.target = "_blank";
}
