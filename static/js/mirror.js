// How far down in a field of text something stands, which browsers do not tell: the same text is laid out beside it.

// Gives the distance of each of these places, which are in order, from the top of the field's contents.
export function heights(area, places) {
  const mirror = area.parentElement.appendChild(Object.assign(document.createElement("div"), { className: "mirror", ariaHidden: "true" }));
  mirror.style.inlineSize = `${area.clientWidth}px`;
  let from = 0;
  const marks = places.map((at) => {
    mirror.append(area.value.slice(from, at));
    from = at;
    return mirror.appendChild(document.createElement("span"));
  });
  mirror.append(area.value.slice(from));
  const found = marks.map((mark) => mark.offsetTop);
  mirror.remove();
  return found;
}
