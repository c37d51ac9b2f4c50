// A list under a field, moved through by the arrows while the field keeps the focus (WAI-ARIA's combobox).

export class Listbox {
  #field;
  #list;
  #active = null;

  constructor(field, list, choose) {
    this.#field = field;
    this.#list = list;
    field.setAttribute("aria-controls", list.id);
    field.addEventListener("keydown", (event) => this.#press(event, choose));
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) choose(option, event);
    });
    this.close();
  }

  get options() {
    return [...this.#list.querySelectorAll("[role=option]:not([hidden])")];
  }

  get place() {
    return this.#active ? this.options.indexOf(this.#active) : 0;
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  open(chosen = null) {
    const { options } = this;
    options.forEach((option, index) => (option.id = `${this.#list.id}-${index}`));
    this.#list.hidden = !options.length;
    this.#field.setAttribute("aria-expanded", String(options.length > 0));
    this.#activate(options.includes(chosen) ? chosen : null);
  }

  close() {
    this.#list.hidden = true;
    this.#field.setAttribute("aria-expanded", "false");
    this.#activate(null);
  }

  #press(event, choose) {
    const { key } = event;
    if (event.isComposing || !this.isOpen) return;
    if (key === "ArrowDown" || key === "ArrowUp") this.#move(key === "ArrowDown" ? 1 : -1);
    else if (key === "Enter" && this.#active) choose(this.#active, event);
    else if (key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Past either end nothing is chosen, and the words in the field count again.
  #move(step) {
    const { options } = this;
    const at = this.#active ? options.indexOf(this.#active) : step > 0 ? -1 : options.length;
    this.#activate(options[at + step] ?? null);
  }

  #activate(option) {
    this.#active?.setAttribute("aria-selected", "false");
    this.#active = option;
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.#field.setAttribute("aria-activedescendant", option.id);
    else this.#field.removeAttribute("aria-activedescendant");
  }
}
