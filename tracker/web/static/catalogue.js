// The catalogue page: what the form asks for is found and shown at each key, without
// the server. The address keeps what was asked, so that it can be passed on.

const place = document.querySelector(".catalogue");
const form = document.getElementById("filter");
const body = document.getElementById("rows");
const found = document.getElementById("found");
const root = document.body.dataset.root;
const PAGE = 100;
const FIRST = 24; // rows that are drawn at once; the rest follow when there is time
const PAST = 8;
const NEAR = 5;
const MOST = Number(place.dataset.most);
const FALLS = new Set(["context", "longest", "can", "since"]);
const TEXTS = ["q", "provider", "mode", "context", "input", "output", "sort"];

const chosen = new Map(); // the names of offers to be compared
let kit; // offers.js
let goods; // the catalogue
let rows = []; // what fits, in order
let shown = PAGE;
let waiting = 0;

// What is asked

const field = (name) => form.querySelector(`[name="${name}"]`);
const ticked = (name) => [...form.querySelectorAll(`[name="${name}"]:checked`)];

function asked() {
  const faults = [];
  const read = (name, how) => {
    const value = how(field(name).value.trim());
    if (value === undefined) faults.push(name);
    return value ?? null;
  };
  return {
    q: field("q").value.trim(),
    provider: field("provider").value,
    mode: field("mode").value,
    sort: field("sort").value,
    can: ticked("can").map((box) => box.value),
    own: field("own").checked,
    current: field("current").checked,
    context: read("context", tokens),
    input: read("input", dollars),
    output: read("output", dollars),
    faults,
  };
}

function tokens(text) {
  const plain = text.toLowerCase().replace(/[,_]/g, "");
  if (!plain) return null;
  if (!/^\d{1,12}[km]?$/.test(plain)) return undefined;
  const scale = { k: 1_000, m: 1_000_000 }[plain.at(-1)] ?? 1;
  return parseInt(plain, 10) * scale;
}

function dollars(text) {
  const plain = text.replace(/^\$/, "").replace(",", ".");
  if (!plain) return null;
  return /^\d*\.?\d+$|^\d+\.$/.test(plain) && plain.length < 20 ? Number(plain) : undefined;
}

function address() {
  const told = new URLSearchParams();
  for (const name of TEXTS) {
    const value = field(name).value.trim();
    if (value) told.append(name, value);
  }
  for (const box of form.querySelectorAll("[name=can]:checked, [name=own]:checked, [name=current]:checked")) {
    told.append(box.name, box.value);
  }
  if (shown > PAGE) told.append("page", Math.ceil(shown / PAGE));
  for (const name of chosen.keys()) told.append("m", name);
  const question = told.toString();
  return `${location.pathname}${question && `?${question}`}${location.hash}`;
}

// fills the form from the address, for a site of files and for the way back
function recall() {
  const told = new URLSearchParams(location.search);
  for (const name of TEXTS) {
    const input = field(name);
    const value = told.getAll(name).at(-1) ?? "";
    input.value = value;
    if (input.value !== value && input.tagName === "SELECT") input.value = "";
  }
  const can = told.getAll("can").flatMap((words) => words.split(","));
  for (const box of form.querySelectorAll("[name=can]")) box.checked = can.includes(box.value);
  for (const name of ["own", "current"]) field(name).checked = told.get(name) === "1";
  shown = PAGE * Math.min(99, Math.max(1, parseInt(told.get("page"), 10) || 1));
  chosen.clear();
  for (const name of told.getAll("m").slice(0, MOST)) chosen.set(name, name);
}

// Showing it

function apply({ keep = false } = {}) {
  if (!goods) return;
  const wanted = asked();
  for (const name of ["context", "input", "output"]) fault(name, wanted.faults.includes(name));
  const typed = kit.words(wanted.q);
  rows = goods.fitting(wanted);
  if (wanted.q) rows = typed ? goods.find(typed, rows) : [];
  if (wanted.sort) rows = goods.sorted(rows, wanted.sort);
  if (!keep) shown = PAGE;
  draw();
  heads(wanted.sort);
  past(typed);
  remember();
}

const HINTS = { context: "write 128k or 128000", input: "write 2.50", output: "write 2.50" };

function fault(name, wrong) {
  const input = field(name);
  const id = `${name}-fault`;
  let told = document.getElementById(id);
  if (!wrong) {
    told?.remove();
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
    return;
  }
  if (!told) {
    told = document.createElement("p");
    told.id = id;
    told.className = "fault";
    input.after(told);
  }
  told.textContent = HINTS[name];
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", id);
}

function draw() {
  rest(waiting);
  const most = Math.min(shown, rows.length);
  body.replaceChildren(drawn(0, Math.min(FIRST, most)));
  if (FIRST < most) waiting = idle(fill);
  if (!rows.length) body.append(nothing());
  found.textContent = told(rows.length);
  label();
}

// adds the lines that are asked for and not there yet
function fill() {
  body.append(drawn(body.children.length, Math.min(shown, rows.length)));
}

function label() {
  more.hidden = rows.length <= shown;
  more.textContent = `Show ${kit.count(Math.min(PAGE, rows.length - shown))} more`;
}

const idle = globalThis.requestIdleCallback
  ? (work) => requestIdleCallback(work, { timeout: 200 })
  : (work) => setTimeout(work, 30);
const rest = (work) => (globalThis.cancelIdleCallback ?? clearTimeout)(work);

function told(number) {
  if (!number) return "No offer fits.";
  const all = kit.count(goods.size);
  return number === goods.size ? `${all} offers` : `${kit.count(number)} of ${all} offers`;
}

const pattern = document.getElementById("row").content.firstElementChild;

function drawn(from, to) {
  const part = document.createDocumentFragment();
  for (let n = from; n < to; n += 1) part.append(line(rows[n]));
  return part;
}

function line(row) {
  const tr = pattern.cloneNode(true);
  const cells = tr.children;
  const name = goods.text(row);
  const box = cells[0].firstElementChild;
  box.value = name;
  box.setAttribute("aria-label", `Compare ${kit.short(name)}`);
  box.checked = chosen.has(name);
  model(cells[1], row);
  const seller = cells[2].firstElementChild;
  const provider = goods.providers[goods.provider[row]];
  seller.textContent = kit.short(provider, 40);
  seller.href = `${root}providers/${goods.path(row).split("/")[1]}/`;
  const [strip, can] = goods.can(row);
  const texts = [
    kit.short(goods.modes[goods.mode[row]].replaceAll("_", " "), 24) || "–",
    kit.price(goods.input[row]),
    kit.price(goods.output[row]),
    kit.price(goods.cached[row]),
    kit.conversation(goods.input[row], goods.output[row], { in: 600, out: 200 }),
    kit.about(goods.context[row]),
    kit.about(goods.longest[row]),
  ];
  texts.forEach((text, n) => { cells[3 + n].textContent = text; });
  cells[10].firstElementChild.textContent = strip;
  cells[10].firstElementChild.title = can;
  cells[10].lastElementChild.textContent = can;
  cells[11].textContent = goods.day(row);
  return tr;
}

function model(cell, row) {
  const [link, by] = cell.children;
  link.textContent = kit.short(goods.model[row]);
  link.href = root + goods.path(row);
  const region = goods.regions[goods.region[row]];
  if (region) link.append(made("span", "region", `@${kit.short(region, 40)}`));
  const context = goods.context[row];
  const limit = context === null ? "" : ` · ${kit.about(context)} context`;
  by.textContent = kit.short(goods.providers[goods.provider[row]], 40) + limit;
  const flags = goods.flags[row];
  if (flags & kit.RETIRED) badge(cell, `ended ${kit.short(goods.ends[row], 12)}`);
  else if (flags & kit.STALE) badge(cell, "stale");
  const tariff = goods.tariffs[row];
  if (tariff) cell.append(" ", made("span", "tariff", kit.short(tariff, 60)));
}

function made(tag, name, text) {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

const badge = (cell, text) => cell.append(" ", made("span", "badge is-stale", text));

function nothing() {
  const tr = document.createElement("tr");
  const td = made("td", "none", "Nothing fits. Ask for less, or ");
  td.colSpan = pattern.children.length;
  const reset = made("button", "button quiet", "reset the filters");
  reset.type = "button";
  reset.addEventListener("click", clear);
  td.append(reset);
  const typed = kit.words(field("q").value);
  const near = typed ? goods.meant(typed, NEAR) : [];
  if (near.length) td.append(made("p", "", "Did you mean "));
  near.forEach((row, n) => {
    const link = made("a", "offer", kit.short(goods.text(row)));
    link.href = root + goods.path(row);
    td.lastChild.append(n ? ", " : "", link);
  });
  tr.append(td);
  return tr;
}

function heads(sort) {
  for (const button of document.querySelectorAll(".wares [data-column]")) {
    const name = button.dataset.column;
    const mine = sort.replace("-", "") === name;
    const way = sort.startsWith("-") ? "descending" : "ascending";
    button.closest("th").setAttribute("aria-sort", mine ? way : "none");
    const first = FALLS.has(name) ? `-${name}` : name;
    button.value = mine ? (sort.startsWith("-") ? name : `-${name}`) : first;
  }
}

function past(typed) {
  const gone = document.getElementById("gone");
  const near = typed ? goods.missed(typed, PAST) : [];
  gone.hidden = !near.length;
  gone.querySelector("ul").replaceChildren(...near.map((row) => {
    const link = made("a", "offer", kit.short(goods.text(row, goods.gone)));
    link.href = root + goods.path(row, goods.gone);
    const item = document.createElement("li");
    item.append(link);
    return item;
  }));
}

// Comparing

const tray = document.getElementById("tray");
const button = tray.querySelector("[data-compare]");

function choose() {
  tray.hidden = !chosen.size;
  const full = chosen.size >= MOST ? ` That is as many as fit side by side.` : "";
  tray.querySelector("p").textContent = `${chosen.size} chosen.${full}`;
  button.textContent = chosen.size > 1 ? `Compare ${chosen.size} models` : "Compare";
  tray.querySelector("[data-chosen]").replaceChildren(...[...chosen.keys()].map(chip));
  for (const box of body.querySelectorAll("[name=m]")) box.checked = chosen.has(box.value);
}

function chip(name) {
  const item = document.createElement("li");
  const label = made("span", "chip", kit.short(name, 40));
  const off = made("button", "", "×");
  off.type = "button";
  off.setAttribute("aria-label", `Leave out ${kit.short(name)}`);
  off.addEventListener("click", () => {
    chosen.delete(name);
    choose();
    remember();
    (tray.querySelector(".chip button") ?? field("q")).focus();
  });
  label.append(off);
  item.append(label);
  return item;
}

body.addEventListener("change", (event) => {
  const box = event.target;
  if (box.name !== "m") return;
  event.stopPropagation();
  if (box.checked && chosen.size < MOST) chosen.set(box.value, box.value);
  else chosen.delete(box.value);
  choose();
  remember();
});

button.addEventListener("click", (event) => {
  event.preventDefault();
  const told = new URLSearchParams([...chosen.keys()].map((name) => ["m", name]));
  location.assign(`${root}compare/?${told}`);
});

// The address, a moment after the last key: browsers allow so many changes a minute

let noting = 0;
function remember() {
  clearTimeout(noting);
  noting = setTimeout(() => history.replaceState(null, "", address()), 300);
}

function clear() {
  for (const name of TEXTS) field(name).value = "";
  for (const box of form.querySelectorAll("[type=checkbox]")) box.checked = false;
  apply();
  field("q").focus();
}

// What a person does

const more = place.querySelector("[data-more]");
more.addEventListener("click", () => {
  rest(waiting);
  const before = Math.min(shown, rows.length);
  shown += PAGE;
  fill();
  label();
  body.children[before]?.querySelector("a").focus();
  remember();
});

form.addEventListener("submit", (event) => {
  if (!goods) return;
  event.preventDefault();
  if (event.submitter?.name === "sort") field("sort").value = event.submitter.value;
  apply();
});
form.addEventListener("input", () => {
  place.querySelector("[role=alert]")?.remove();
  apply();
});
form.querySelector("[data-reset]").addEventListener("click", (event) => {
  if (!goods) return;
  event.preventDefault();
  clear();
});
addEventListener("popstate", () => {
  recall();
  choose();
  apply({ keep: true });
});

// the box in the page's head looks for the same
const box = document.getElementById("find");
box?.form.addEventListener("submit", (event) => {
  if (!goods) return;
  event.preventDefault();
  field("q").value = box.value;
  apply();
  field("q").focus();
});

async function start() {
  kit = await import(new URL(place.dataset.lib, document.baseURI));
  goods = await kit.load(place.dataset.json);
  recall();
  form.querySelector("[data-show]").hidden = true;
  place.querySelector("[data-turning]").hidden = true;
  place.classList.add("is-ready");
  choose();
  apply({ keep: true });
}

start().catch((fault) => {
  // the page as it came stays usable where a server answers its form
  console.warn(`The catalogue could not be read: ${fault.message}`);
  const served = !place.classList.contains("still");
  if (!served) found.textContent = "The catalogue could not be read; try again later.";
});
