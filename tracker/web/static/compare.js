// The page of comparisons: suggests names while one types. On a site of files, where no
// server answers the form, it also puts the models side by side, from the catalogue.

const place = document.querySelector(".comparison");
const form = document.getElementById("comparing");
const list = document.getElementById("near");
const outcome = document.getElementById("outcome");
const root = document.body.dataset.root;
const still = place.classList.contains("still");
const MOST = Number(place.dataset.most);
const TYPICAL = { in: 600, out: 200 };
const LIMIT = 1e9;
const NEAR = 10;
const PALE = new Set(["–", "not stated"]);
const SHORT = new Set(["json", "pdf"]);

let kit;
let goods;

async function read() {
  if (goods) return;
  kit = await import(new URL(place.dataset.lib, document.baseURI));
  goods = await kit.load(place.dataset.json);
}

// Names

function suggest(text) {
  const typed = kit.words(text);
  const rows = typed ? goods.find(typed).slice(0, NEAR) : [];
  list.replaceChildren(...rows.map((row) => {
    const option = document.createElement("option");
    option.value = goods.text(row);
    option.label = `${kit.price(goods.input[row])} in, ${kit.price(goods.output[row])} out`;
    return option;
  }));
}

form.addEventListener("focusin", (event) => {
  if (event.target.name === "m") read().catch(() => {});
});
form.addEventListener("input", (event) => {
  if (event.target.name === "m" && goods) suggest(event.target.value);
});

// the offer of this very name, or of a bare name that fits whole; -1 if there is none
function resolved(text) {
  const exact = goods.all.find((row) => goods.text(row) === text);
  if (exact !== undefined) return exact;
  const typed = kit.words(text);
  if (!typed) return -1;
  const [best] = goods.find(typed);
  return best !== undefined && kit.level(goods.names[best], typed) < 3 ? best : -1;
}

// What is asked, as the address says it

function asked() {
  const told = new URLSearchParams(location.search);
  const names = told.getAll("m").map((name) => name.trim()).filter(Boolean);
  const talk = {};
  const faults = {};
  for (const name of ["in", "out"]) {
    const text = (told.get(name) ?? "").trim();
    const number = text ? tokens(text) : TYPICAL[name];
    if (number === undefined) faults[name] = "write 128k or 128000";
    talk[name] = number ?? TYPICAL[name];
  }
  if (!talk.in && !talk.out) {
    faults.in = "a conversation needs tokens";
    Object.assign(talk, TYPICAL);
  }
  return { names: [...new Set(names)].slice(0, MOST), talk, faults, told };
}

function tokens(text) {
  const plain = text.toLowerCase().replace(/[,_]/g, "");
  if (!/^\d{1,12}[km]?$/.test(plain)) return undefined;
  const number = parseInt(plain, 10) * ({ k: 1_000, m: 1_000_000 }[plain.at(-1)] ?? 1);
  return number <= LIMIT ? number : undefined;
}

const question = (names, told) => {
  const next = new URLSearchParams(names.map((name) => ["m", name]));
  for (const name of ["in", "out"]) if (told.get(name)) next.append(name, told.get(name));
  return `?${next}`;
};

// The form

function made(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function fields(choices, { told }) {
  const more = Math.max(2 - choices.length, choices.length < MOST ? 1 : 0);
  const all = [...choices, ...Array.from({ length: more }, () => ({ text: "" }))];
  form.querySelector(".models").replaceChildren(...all.map((one, n) => {
    const id = `m${n + 1}`;
    const input = made("input", {
      id, name: "m", type: "search", list: "near", maxlength: 200, spellcheck: "false",
      placeholder: n ? "add a model" : "gpt 4.1 mini",
    });
    input.value = one.row >= 0 ? goods.text(one.row) : one.text;
    const choice = made("div", { class: "choice" },
      made("label", { for: id }, `Model ${n + 1}`), input);
    if (one.row === -1) choice.append(unknown(one, input, choices, told));
    return choice;
  }));
  for (const name of ["in", "out"]) document.getElementById(name).value = told.get(name) ?? "";
}

function unknown(one, input, choices, told) {
  const fault = made("div", { class: "fault", id: `${input.id}-fault` }, "no model of this name is sold today.");
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", fault.id);
  const typed = kit.words(one.text);
  const near = typed ? goods.meant(typed, 5) : [];
  if (near.length) fault.append(" Instead: ");
  near.forEach((row, n) => {
    const names = choices.map((other) => (other === one ? goods.text(row) : other.text));
    fault.append(n ? ", " : "", made("a", { href: question(names, told) }, kit.short(goods.text(row))));
  });
  const gone = typed ? goods.missed(typed, 1) : [];
  if (gone.length) {
    const link = made("a", { href: root + goods.path(gone[0], goods.gone) }, kit.short(goods.text(gone[0], goods.gone)));
    fault.append(" Not sold any more: ", link);
  }
  return fault;
}

function told(faults) {
  for (const name of ["in", "out"]) {
    const input = document.getElementById(name);
    document.getElementById(`${name}-fault`)?.remove();
    input.removeAttribute("aria-invalid");
    if (!faults[name]) continue;
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", `${name}-fault`);
    input.after(made("p", { class: "fault", id: `${name}-fault` }, faults[name]));
  }
}

// The table

function lines(rows, talk) {
  const same = talk.in === TYPICAL.in && talk.out === TYPICAL.out;
  const rates = [["Input", "input"], ["Output", "output"], ["Cached input", "cached"], ["Cache write", "written"]];
  return [
    ["What a conversation costs", [
      spent(rows, TYPICAL, "Typical"), ...(same ? [] : [spent(rows, talk, "Yours")]),
    ]],
    ["Rates per 1M tokens", [
      ...rates.filter(([, name]) => stated(rows, name))
        .map(([title, name]) => [title, marked(rows.map((row) => goods[name][row]), kit.price, "lowest")]),
      ["Output : input", rows.map((row) => ({ text: kit.ratio(goods.input[row], goods.output[row]) }))],
    ]],
    ["Limits", [["Context, tokens", "context"], ["Longest answer, tokens", "longest"]]
      .filter(([, name]) => stated(rows, name))
      .map(([title, name]) => [title, marked(rows.map((row) => goods[name][row]), count, "largest")])],
    ["It can", abilities(rows)],
    ["Among its like", [["Place by price of your conversation", rows.map((row) => standing(row, talk))]]],
    ["Where the prices are from", [
      ["Stated by", rows.map((row) => ({
        text: kit.short(goods.sources[goods.source[row]], 40),
        note: caution(goods.flags[row]),
      }))],
      ["Since", rows.map((row) => ({ text: goods.day(row) }))],
      ...(rows.some((row) => goods.ends[row])
        ? [["Its last day", rows.map((row) => ({ text: kit.short(goods.ends[row] ?? "–", 12) }))]] : []),
      ["All other rates, and the history", rows.map((row) => ({ text: "its page", path: goods.path(row) }))],
    ]],
  ].filter(([, some]) => some.length);
}

function caution(flags) {
  if (flags & kit.STALE) return "not read for long";
  return flags & kit.ROUTED ? "routed: it depends on to whom" : "";
}

const stated = (rows, name) => rows.some((row) => goods[name][row] !== null);
const count = (number) => (number === null ? "–" : kit.count(number));

function spent(rows, talk, whose) {
  const costs = rows.map((row) => goods.cost(row, talk));
  const text = (cost, n) => kit.conversation(goods.input[rows[n]], goods.output[rows[n]], talk, 3);
  return [
    `${whose}: ${kit.count(talk.in)} tokens in, ${kit.count(talk.out)} out`,
    marked(costs, text, "lowest"),
  ];
}

function marked(values, text, best) {
  const known = values.filter((value) => value !== null);
  const differ = new Set(known).size > 1;
  const edge = known.reduce((a, b) => ((best === "lowest" ? b < a : b > a) ? b : a), known[0]);
  return values.map((value, n) => ({
    text: text(value, n), best: differ && value === edge ? best : "",
  }));
}

function abilities(rows) {
  return goods.letters
    .map(([word], at) => [word, rows.map((row) => Boolean((goods.bits[row] >> at) & 1))])
    .filter(([, has]) => has.some(Boolean))
    .map(([word, has]) => [
      SHORT.has(word) ? word.toUpperCase() : word[0].toUpperCase() + word.slice(1),
      has.map((can) => ({ text: can ? "yes" : "not stated" })),
    ]);
}

function standing(row, talk) {
  const place = goods.place(row, talk);
  return { text: place ? `${kit.count(place[0])} of ${kit.count(place[1])}` : "–" };
}

function table(rows, choices, wanted) {
  const heads = rows.map((row) => {
    const others = choices.filter((one) => one.row !== row).map((one) => one.text);
    const name = kit.short(goods.text(row));
    const off = made("a", { class: "off", href: question(others, wanted.told) }, "Leave out",
      made("span", { class: "unseen" }, ` ${name}`));
    const link = made("a", { class: "offer", href: root + goods.path(row) },
      made("span", { class: "seller" }, `${kit.short(goods.providers[goods.provider[row]], 40)}/`),
      name.slice(name.indexOf("/") + 1));
    return made("th", { scope: "col" }, link, off);
  });
  const parts = lines(rows, wanted.talk).map(([title, some]) => made("tbody", {},
    made("tr", { class: "part" }, made("th", { colspan: rows.length + 1, scope: "rowgroup" }, title)),
    ...some.map(([name, cells]) => made("tr", {}, made("th", { scope: "row" }, name), ...cells.map(cell)))));
  return made("table", { class: `sides of-${rows.length}` },
    made("caption", { class: "unseen" }, "Models side by side; USD"),
    made("thead", {}, made("tr", {}, made("td"), ...heads)), ...parts);
}

function cell({ text, note, best, path }) {
  const td = made("td", { class: best ? "is-best" : PALE.has(text) ? "pale" : null },
    path ? made("a", { href: root + path }, text) : text);
  if (best) td.append(" ", made("span", { class: "best" }, best));
  if (note) td.append(made("small", {}, note));
  return td;
}

function show() {
  const wanted = asked();
  const choices = wanted.names.map((text) => ({ text, row: resolved(text) }));
  fields(choices, wanted);
  told(wanted.faults);
  const rows = [...new Set(choices.map((one) => one.row).filter((row) => row >= 0))];
  if (!rows.length) {
    const link = made("a", { href: `${root}models/` }, "catalogue");
    outcome.replaceChildren(made("p", { class: "pale" }, "Nothing is compared yet. Type a name above, or tick models in the ", link, "."));
    return;
  }
  document.title = `${rows.map((row) => kit.short(goods.model[row], 40)).join(" · ")} · Pricetrail`;
  const scroll = made("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": "Models side by side" },
    table(rows, choices, wanted));
  outcome.replaceChildren(made("section", { class: "sheet" }, scroll));
}

if (still) {
  form.addEventListener("submit", (event) => {
    if (!goods) return;
    event.preventDefault();
    const typed = [...new FormData(form)].filter(([, value]) => value.trim());
    const names = typed.filter(([name]) => name === "m").map(([, value]) => value.trim());
    history.pushState(null, "", question(names, new Map(typed)));
    show();
  });
  addEventListener("popstate", () => goods && show());
  let typed = false; // what was typed before the catalogue was there is not wiped out
  form.addEventListener("input", () => { typed = true; }, { once: true });
  read().then(() => typed || show()).catch(() => {
    outcome.textContent = "The catalogue could not be read; try again later.";
  });
}
