// The page of comparisons: suggests names while one types. On a site of files, where no
// server answers the form, it also puts the models side by side: from the catalogue, and
// their histories from their own pages.

const place = document.querySelector(".comparison");
const form = document.getElementById("comparing");
const list = document.getElementById("near");
const outcome = document.getElementById("outcome");
const histories = document.getElementById("histories");
const root = document.body.dataset.root;
const still = place.classList.contains("still");
const MOST = Number(place.dataset.most);
const TYPICAL = { in: 600, out: 200 };
const LIMIT = 1e9;
const NEAR = 10;
const PALE = new Set(["–", "not stated"]);
const SHORT = new Set(["json", "pdf"]);
const WAITS = "…";
const RATES = "Rates per 1M tokens";

let kit;
let goods;
let naming; // naming.js, and what it needs, once there is a name
let turn = 0; // counts what was asked, so that a late answer is not shown

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

const part = (name) => import(new URL(place.dataset[name], document.baseURI));

async function understanding() {
  const [{ Names, stripped }, answer] = await Promise.all([part("naming"), fetch(place.dataset.names, { cache: "no-cache" })]);
  if (!answer.ok) throw new Error(`${place.dataset.names}: ${answer.status}`);
  const names = new Names(kit, goods, await answer.json());
  return (texts) => {
    const all = [...new Set(texts.map(stripped).filter(Boolean))];
    return [all.slice(0, MOST).map((text) => names.meant(text, 5)), Math.max(0, all.length - MOST)];
  };
}

// What is asked, as the address says it

function asked() {
  const told = new URLSearchParams(location.search);
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
  return { names: told.getAll("m"), talk, faults, told };
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
  const past = one.past ? [linked(one.past.row, one.past.of), " "] : [];
  const fault = made("div", { class: "fault", id: `${input.id}-fault` },
    ...past, one.fault, one.past ? "; its page has its past." : ".");
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", fault.id);
  const near = one.near ?? [];
  if (near.length) fault.append(" Instead: ");
  near.forEach((row, n) => {
    const names = choices.map((other) => (other === one ? goods.text(row) : other.text));
    fault.append(n ? ", " : "", made("a", { href: question(names, told) }, kit.short(goods.text(row))));
  });
  return fault;
}

// an offer as a link to its page
function linked(row, of = goods) {
  const region = of.regions[of.region[row]];
  return made("a", { class: "offer", href: root + goods.path(row, of) },
    made("span", { class: "seller" }, `${kit.short(of.providers[of.provider[row]], 40)}/`), kit.short(of.model[row]),
    ...(region ? [made("span", { class: "region" }, `@${kit.short(region, 40)}`)] : []));
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
    [RATES, [
      ...rates.filter(([, name]) => stated(rows, name))
        .map(([title, name]) => [title, marked(rows.map((row) => goods[name][row]), (price) => kit.price(price), "lowest")]),
      ["Output : input", rows.map((row) => ({ text: kit.ratio(goods.input[row], goods.output[row]) }))],
    ]],
    ["Limits", [["Context, tokens", "context"], ["Longest answer, tokens", "longest"]]
      .filter(([, name]) => stated(rows, name))
      .map(([title, name]) => [title, marked(rows.map((row) => goods[name][row]), count, "largest")])],
    ["It can", abilities(rows)],
    ["Among its like", [...market(rows, talk), ["Last real move", rows.map(() => ({ text: WAITS, moves: "" }))]]],
    ["Where the prices are from", [
      ["Stated by", rows.map((row) => ({
        text: kit.short(goods.sources[goods.source[row]], 40),
        note: caution(goods.flags[row]),
      }))],
      ["Newest rate since", rows.map((row) => ({ text: goods.day(row) }))],
      ...(rows.some((row) => goods.ends[row])
        ? [["Its last day", rows.map((row) => ({ text: kit.short(goods.ends[row] ?? "–", 12) }))]] : []),
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

function market(rows, talk) {
  const places = rows.map((row) => goods.place(row, talk));
  if (!places.some(Boolean)) return [];
  return [
    ["Place by price of your conversation", places.map((place) =>
      ({ text: place ? `${place[0]} of ${kit.count(place[1])}` : "–" }))],
    ["Cheapest that can as much", places.map((place) => rival(place, talk))],
  ];
}

function rival(place, talk) {
  if (place?.[0] === 1) return { text: "this one" };
  const row = place?.[2];
  if (row === undefined) return { text: "–" };
  return { row, note: kit.conversation(goods.input[row], goods.output[row], talk, 3) };
}

function heads(rows, choices, wanted) {
  return made("thead", {}, made("tr", {}, made("td"), ...rows.map((row) => {
    const others = choices.filter((one) => one.row !== row).map((one) => one.text);
    const off = made("a", { class: "off", href: question(others, wanted.told) }, "Leave out",
      made("span", { class: "unseen" }, ` ${kit.short(goods.text(row))}`));
    const stale = goods.flags[row] & kit.STALE ? [" ", made("span", { class: "badge is-stale" }, "stale")] : [];
    return made("th", { scope: "col" }, linked(row), ...stale, off);
  })));
}

const drawn = ([name, cells]) => made("tr", {}, made("th", { scope: "row" }, kit.short(name)), ...cells.map(cell));

// a table that scrolls by itself where there is little room
function table(name, caption, wide, ...parts) {
  return made("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": name },
    made("table", { class: `sides of-${wide}` }, made("caption", { class: "unseen" }, caption), ...parts));
}

function sides(rows, choices, wanted) {
  const parts = lines(rows, wanted.talk).map(([title, some]) => made("tbody",
    { "data-rates": title === RATES ? "" : null },
    made("tr", { class: "part" }, made("th", { colspan: rows.length + 1, scope: "rowgroup" }, title)),
    ...some.map(drawn)));
  const caption = "Models side by side; USD";
  return made("section", { class: "sheet", "aria-labelledby": "side" },
    made("h2", { id: "side", class: "unseen" }, "Side by side"),
    table(caption, caption, rows.length, heads(rows, choices, wanted), ...parts),
    made("p", { class: "small" }, "A place is among offers of the same mode that can all that the model can and take as much context, by the price of your conversation. What a source does not state is not ruled out."));
}

function cell({ text, note, best, row, moves }) {
  const td = made("td", { class: best ? "is-best" : PALE.has(text) ? "pale" : null, "data-moves": moves },
    row === undefined ? kit.short(text) : linked(row));
  if (best) td.append(" ", made("span", { class: "best" }, best));
  if (note) td.append(made("small", {}, kit.short(note)));
  return td;
}

async function show() {
  turn += 1;
  const mine = turn;
  const wanted = asked();
  naming ??= understanding();
  const [choices, left] = (await naming)(wanted.names);
  if (mine !== turn) return;
  fields(choices, wanted);
  told(wanted.faults);
  const rows = [...new Set(choices.map((one) => one.row).filter((row) => row >= 0))];
  histories.replaceChildren();
  if (!rows.length) {
    const link = made("a", { href: `${root}models/` }, "catalogue");
    outcome.replaceChildren(made("p", { class: "pale" }, "Nothing is compared yet. Type a name above, or tick models in the ", link, "."));
    return;
  }
  document.title = `${rows.map((row) => kit.short(goods.model[row], 40)).join(" · ")} · Pricetrail`;
  const more = left === 1 ? "1 more was" : `${left} more were`;
  outcome.replaceChildren(
    ...(left ? [made("p", { class: "note" }, `Only ${MOST} models fit side by side; ${more} left out.`)] : []),
    sides(rows, choices, wanted));
  await tell(rows, () => heads(rows, choices, wanted), () => mine === turn);
}

// What only the models' own pages know: their moves, all their rates, their histories

async function tell(rows, headings, current) {
  const head = made("h2", { id: "over-time" }, "Prices over time");
  const waits = made("p", { class: "pale" }, "The histories are being read.");
  const sheet = made("section", { class: "sheet", "aria-labelledby": "over-time" }, head, waits);
  histories.replaceChildren(sheet);
  const [beside, tools] = await Promise.all([part("beside"), part("plots")]);
  const answers = await Promise.allSettled(rows.map((row) => beside.read(root + goods.path(row))));
  if (!current()) return;
  const pages = answers.map((answer) => answer.value);
  moves(pages);
  rates(pages, headings);
  const [series, end] = beside.together(pages.filter(Boolean));
  const chart = series.length ? await charted(beside, tools, series, end) : null;
  if (!current()) return;
  const lost = rows.filter((_, n) => !pages[n]).map(unread);
  if (chart || lost.length) sheet.replaceChildren(head, ...lost, ...(chart ? [chart] : []));
  else sheet.remove();
  if (chart?.dataset.library) (await part("chart")).prepare(chart);
}

const unread = (row) => made("p", { class: "note" }, "The history of ", linked(row), " could not be read.");

function moves(pages) {
  [...outcome.querySelectorAll("[data-moves]")].forEach((td, n) => {
    const [text, note] = pages[n]?.moved ?? ["not read", ""];
    td.replaceChildren(text, ...(note ? [made("small", {}, kit.short(note))] : []));
  });
}

function rates(pages, headings) {
  const every = ratesOf(pages);
  const usual = every.filter((one) => one.usual);
  const main = outcome.querySelector("[data-rates]");
  // the catalogue has those of one source only
  if (usual.length && pages.every(Boolean)) {
    while (main.children.length > 2) main.children[1].remove();
    main.firstElementChild.after(...usual.map(({ line }) => drawn(line)));
  }
  const others = every.filter((one) => !one.usual);
  if (!others.length) return;
  const count = others.length === 1 ? "1 other rate" : `${others.length} other rates`;
  outcome.querySelector(".scroll").after(made("details", {}, made("summary", {}, count),
    table("Other rates", "Other rates", pages.length, headings(), made("tbody", {}, ...others.map(({ line }) => drawn(line))))));
}

// every meter that one of the models has, as a line of a table
function ratesOf(pages) {
  const told = pages.map((page) => (page?.rates ?? []).map(([place, meter, usual, title, text, usd, per]) =>
    ({ place, meter, usual, title, text, usd, per })));
  const met = [...new Map(told.flat().map((rate) => [rate.meter, rate])).values()];
  met.sort((a, b) => a.place - b.place || (a.meter < b.meter ? -1 : 1));
  return met.map(({ meter, usual, title }) => {
    const found = told.map((rates) => rates.find((rate) => rate.meter === meter));
    const per = new Set(found.filter((rate) => rate && rate.usd !== null).map((rate) => rate.per));
    const prices = found.map((rate) => (per.size === 1 ? rate?.usd ?? null : null));
    return { usual, line: [title, marked(prices, (_, n) => found[n]?.text ?? "–", "lowest")] };
  });
}

async function charted(beside, tools, series, end) {
  const blank = JSON.parse(document.getElementById("blank").textContent);
  const given = { kit: blank, tools, text: kit, library: blank.library };
  try {
    const [{ OPTIONS }, { vegaEmbed }] = await Promise.all([part("chart"), drawer(blank.library)]);
    return await beside.figure(series, end, { ...given, drawing: { vegaEmbed, options: OPTIONS } });
  } catch (fault) {
    console.warn(`The chart could not be drawn: ${fault.message}`);
    return beside.figure(series, end, given); // its numbers are there all the same
  }
}

const drawer = (name) => import(new URL(root + name, document.baseURI));

function failed(fault) {
  console.warn(`The comparison failed: ${fault.message}`);
  naming = undefined;
  outcome.textContent = "The catalogue could not be read; try again later.";
}

if (still) {
  form.addEventListener("submit", (event) => {
    if (!goods) return;
    event.preventDefault();
    const typed = [...new FormData(form)].filter(([, value]) => value.trim());
    const names = typed.filter(([name]) => name === "m").map(([, value]) => value.trim());
    history.pushState(null, "", question(names, new Map(typed)));
    show().catch(failed);
  });
  addEventListener("popstate", () => goods && show().catch(failed));
  let typed = false; // what was typed before the catalogue was there is not wiped out
  form.addEventListener("input", () => { typed = true; }, { once: true });
  read().then(() => typed || show()).catch(failed);
}
