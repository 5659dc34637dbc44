// Suggestions below a search: up to eight models with what they cost, as one types. It is
// loaded when a search is first used; without it the search is the form that it is.

const MOST = 8;
const root = document.body.dataset.root;
const { offers, sheet } = document.querySelector("[data-search]").dataset;

function made(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// the look of the list; what comes of it makes no difference to what the list says
const looks = () => new Promise((done) => {
  const link = made("link", { rel: "stylesheet", href: sheet });
  link.onload = link.onerror = done;
  document.head.append(link);
});

let loading;
const loaded = () => (loading ??= Promise.all([
  import(new URL(offers, document.baseURI)).then(async (kit) => [kit, await kit.load(`${root}catalogue.json`)]),
  looks(),
]).then(([found]) => found));

class Suggestions {
  constructor(input, kit, goods) {
    Object.assign(this, { input, kit, goods, at: -1, touched: false });
    const id = `${input.id}-near`;
    this.list = made("div", { id, role: "listbox", "aria-label": "Models" });
    this.said = made("p", { role: "status" });
    this.panel = made("div", { class: "near" }, this.list, this.said);
    this.panel.hidden = true;
    input.form.classList.add("has-near");
    input.form.append(this.panel);
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-controls": id, "aria-expanded": "false",
    })) input.setAttribute(name, value);
    this.listen();
  }

  get open() { return !this.panel.hidden; }

  listen() {
    const { input, panel } = this;
    input.addEventListener("input", () => this.look());
    input.addEventListener("keydown", (event) => this.pressed(event));
    input.addEventListener("blur", () => this.close());
    input.form.addEventListener("submit", () => this.close());
    // who chooses with a finger or a mouse does not leave the field, which would close it
    panel.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", () => this.close());
  }

  look() {
    const typed = this.kit.words(this.input.value);
    if (!typed) return this.close();
    const rows = this.goods.find(typed);
    const shown = rows.slice(0, MOST);
    this.list.replaceChildren(...shown.map((row, n) => this.option(row, n)));
    this.list.hidden = !shown.length;
    this.said.textContent = this.told(rows.length, shown.length);
    this.panel.hidden = false;
    this.input.setAttribute("aria-expanded", String(shown.length > 0));
    return this.mark(-1);
  }

  told(all, shown) {
    if (!all) return "No model fits; Enter looks for names like it.";
    const { count } = this.kit;
    const part = all > shown ? `${shown} of ${count(all)} models` : `${all} model${all > 1 ? "s" : ""}`;
    return `${part}; prices per 1M tokens.`;
  }

  option(row, n) {
    const { kit, goods } = this;
    const name = made("span", { class: "name" },
      made("span", { class: "seller" }, `${kit.short(goods.providers[goods.provider[row]], 40)}/`),
      kit.short(goods.model[row]));
    const region = goods.regions[goods.region[row]];
    if (region) name.append(made("span", { class: "region" }, `@${kit.short(region, 40)}`));
    const id = `${this.list.id}-${n + 1}`;
    const href = root + goods.path(row);
    return made("a", { id, href, role: "option", tabindex: "-1", "aria-selected": "false" },
      name, " ", made("span", { class: "cost" }, this.cost(row)));
  }

  cost(row) {
    const { kit, goods } = this;
    const [input, output] = [goods.input[row], goods.output[row]];
    const mode = goods.modes[goods.mode[row]].replaceAll("_", " ");
    if (input === null && output === null) return kit.short(goods.tariffs[row] || mode, 32) || "–";
    return `${kit.price(input)} in, ${kit.price(output)} out`;
  }

  // -1 is the field itself
  mark(at) {
    this.list.children[this.at]?.setAttribute("aria-selected", "false");
    this.at = at;
    const option = this.list.children[at];
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    return this.input.setAttribute("aria-activedescendant", option.id);
  }

  close() {
    this.mark(-1);
    this.panel.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }

  pressed(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way) this.step(way);
    else if (event.key === "Escape" && this.open) this.close();
    else if (event.key === "Enter" && this.open && this.at >= 0) this.list.children[this.at].click();
    else return;
    event.preventDefault();
  }

  step(way) {
    if (!this.open) this.look();
    const places = this.list.children.length + 1;
    if (this.open) this.mark(((this.at + 1 + way + places) % places) - 1);
  }
}

/** Suggests models below a field from now on. */
export async function suggest(input) {
  const near = new Suggestions(input, ...await loaded());
  if (document.activeElement === input && input.value) near.look();
}
