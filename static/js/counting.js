// Words and reading time while one writes, counted much as the server does when it saves.
import { count } from "./words.js";

const [WORDS_A_MINUTE, CHARACTERS_A_MINUTE, PAUSE] = [230, 500, 250];
const CJK = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3134f}]/gu;
const WORD = /[\p{L}\p{N}_]+(?:['’.-][\p{L}\p{N}_]+)*/gu;
const UNSEEN = /<!--[\s\S]*?-->|<\/?[a-z][^>]*>|\]\([^)\s]*(?:\s+"[^"]*")?\)|^\s*(?:`{3,}|~{3,}).*$|^\[\^?[^\]]+\]:(?:\s*<?\w+:\S+)?|\[\^[^\]]+\]/gim;

export function countWords(area, place) {
  let timer = 0;
  const show = () => {
    const text = area.value.replace(UNSEEN, " ");
    const characters = text.match(CJK)?.length ?? 0;
    const words = text.replace(CJK, " ").match(WORD)?.length ?? 0;
    const minutes = Math.max(1, Math.round(words / WORDS_A_MINUTE + characters / CHARACTERS_A_MINUTE));
    place.textContent = `${count("words", words + characters)} · ${count("minutes", minutes)}`;
  };
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  });
  show();
}
