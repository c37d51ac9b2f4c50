// Says when the times in the form are not those of the post: nothing but the buttons beside them saves these.

export function watchTimes(form, place) {
  if (!place) return () => false;
  const own = Object.entries(JSON.parse(place.dataset.times));
  const areOther = () => own.some(([name, value]) => form.elements[name].value !== value);
  const show = () => (place.hidden = !areOther());
  form.addEventListener("input", show);
  form.addEventListener("change", show);
  addEventListener("pageshow", show);
  return areOther;
}
