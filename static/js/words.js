// What scripts say comes from the server, translated, in <template data-words>; {name} stands for what is filled in.
const said = new Map();
const counted = new Map();
const rules = new Intl.PluralRules(document.documentElement.lang);
export const number = new Intl.NumberFormat(document.documentElement.lang).format;

for (const template of document.querySelectorAll("template[data-words]"))
  for (const line of template.content.querySelectorAll("[data-word]")) {
    const { word, number } = line.dataset;
    if (number === undefined) said.set(word, line.textContent);
    // A sentence for each plural form of the language, told apart by a number that takes the form.
    else counted.set(`${word} ${rules.select(Number(number))}`, line.textContent.replace(number, "{number}"));
  }

export function say(word, values = {}) {
  return fill(said.get(word) ?? "", values);
}

export function count(word, amount, values = {}) {
  return fill(counted.get(`${word} ${rules.select(amount)}`) ?? "", { number: number(amount), ...values });
}

export function clock(moment) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format(moment);
}

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
