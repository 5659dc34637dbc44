// The histories of models side by side, on a site of files: read from the models' pages,
// drawn and told as a server does (tracker/web/charts.py, templates/charts.html).

const PICTURE = "http://www.w3.org/2000/svg";
const FORMS = ["desk", "phone"];
const SAID = ["class", "role", "aria-hidden", "aria-label", "aria-roledescription", "pointer-events"];
const unique = (values) => [...new Set(values)];

export function made(tag, given = {}, ...children) {
  const drawn = ["svg", "path", "desc"].includes(tag);
  const element = drawn ? document.createElementNS(PICTURE, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** What the page of a model holds for a comparison: `series`, `until`, `moved`, `rates`. */
export async function read(address) {
  const answer = await fetch(address, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return unpacked(JSON.parse(page.getElementById("beside").textContent));
}

export function unpacked(told) {
  const series = told.series.map((one) => ({
    ...one,
    steps: one.steps.map(([since, until, price, source]) => ({ since, until, price, source })),
    marks: one.marks.map(([at, old, now, place, step, size, verdict, reason]) =>
      ({ at, old, new: now, place, step, size, verdict, reason })),
  }));
  return { ...told, series };
}

/** The series of some models, and where their chart ends: with the page that goes furthest.
 * Where nobody looked when a page ends, nobody is known to have looked since. */
export function together(pages) {
  const drawn = pages.filter((page) => page.series.length);
  const end = Math.max(...drawn.map((page) => page.until));
  const series = drawn.flatMap((page) => page.series.map((one) => ({
    ...one, gaps: one.gaps.map(([from, to]) => [from, to === page.until ? end : to]),
  })));
  return [series, end];
}

// In words

function state(series, { day, movesOf }) {
  const since = day(Math.min(...series.map((one) => one.steps[0].since)));
  const names = unique(series.map((one) => one.name));
  const moved = unique(series.filter((one) => movesOf(one).length).map((one) => one.name));
  if (!moved.length) return unmoved(series, since, day);
  if (names.length > 1) return `${names.length - moved.length} of ${names.length} stable since ${since}`;
  const days = unique(series.flatMap(movesOf)).sort((a, b) => a - b);
  const last = day(days.at(-1));
  if (days.length === 1) return `changed once, on ${last}; first seen on ${since}`;
  return `changed ${days.length} times since ${since}, last on ${last}`;
}

function unmoved(series, since, day) {
  const ends = series.map((one) => one.steps.at(-1).until);
  if (ends.includes(null)) return `stable since it was first seen on ${since}`;
  return `stable from ${since} until ${day(Math.max(...ends))}, when it was withdrawn`;
}

function line(one, named, { day, money, movesOf }) {
  const name = named ? `${one.name} ${one.meter}` : one.meter;
  const [first, last] = [one.steps[0], one.steps.at(-1)];
  const until = last.until === null ? "" : ` until ${day(last.until)}`;
  const price = money(last.price, one.currency);
  const times = movesOf(one).length;
  if (!times) return `${name}: ${price} from ${day(first.since)}${until || " on"}, stable.`;
  const steps = times === 1 ? "one change" : `${times} changes`;
  const began = `${money(first.price, one.currency)} on ${day(first.since)}`;
  return `${name}: from ${began}, after ${steps}, to ${price} since ${day(last.since)}${until}.`;
}

const units = (series, many) => unique(series.map((one) => `${one.currency} per ${many(one.per)}`)).join(", ");

/** What a chart says in a sentence or two. */
export function sentence(series, tools) {
  const told = state(series, tools);
  return `${units(series, tools.many)}. ${told[0].toUpperCase()}${told.slice(1)}.`;
}

function headings(panels, { byName, many }) {
  if (byName(panels.flat())) return panels.map(([one]) => one.meter);
  const told = panels.map((part) => units(part, many));
  return unique(told).length > 1 ? told : told.map(() => "");
}

// The figure

// rows under names, as the script expects them that makes charts answer (chart.js)
function hoisted(specs) {
  const datasets = {};
  const named = (layer) => {
    const name = `d${Object.keys(datasets).length}`;
    datasets[name] = layer.data.values;
    return { ...layer, data: { name } };
  };
  const forms = Object.fromEntries(Object.entries(specs).map(([form, some]) =>
    [form, some.map((spec) => ({ ...spec, layer: spec.layer.map(named) }))]));
  return { all: {}, forms, datasets };
}

async function picture(vegaEmbed, spec, options, form, [title, words], id) {
  const host = made("div");
  const { view } = await vegaEmbed(host, spec, options);
  const svg = host.querySelector("svg");
  view.finalize();
  for (const name of [...svg.getAttributeNames()]) if (!["viewBox", "fill"].includes(name)) svg.removeAttribute(name);
  // the picture is told as a whole; its parts have no names
  for (const one of svg.querySelectorAll("*")) SAID.forEach((name) => one.removeAttribute(name));
  for (const [name, value] of Object.entries({
    class: form, role: "img", "aria-label": title, "aria-describedby": id,
  })) svg.setAttribute(name, value);
  svg.prepend(made("desc", { id }, words));
  return svg;
}

const swatch = (colour, dashed = null) => made("svg",
  { class: "swatch", viewBox: "0 0 16 4", "aria-hidden": "true", focusable: "false" },
  made("path", { d: "M0 2H16", stroke: colour, "stroke-width": dashed ? 1.5 : 3, "stroke-dasharray": dashed }));

const shape = (outline) => made("svg",
  { class: "shape", viewBox: "-7 -7 14 14", "aria-hidden": "true", focusable: "false" },
  made("path", { d: outline, fill: "none", stroke: "currentColor", "stroke-width": 2 }));

function legend(series, colours, kit, short) {
  const found = [];
  if (colours.size > 2) {
    found.push(made("ul", { class: "chart-names" }, ...[...colours].map(([name, number]) =>
      made("li", {}, swatch(`var(--line-${number})`), short(name, 60)))));
  }
  const met = new Set(series.flatMap((one) => one.marks)
    .map(({ verdict }) => (verdict in kit.outlines ? verdict : "unjudged")));
  const items = Object.entries(kit.outlines).filter(([verdict]) => met.has(verdict))
    .map(([verdict, outline]) => made("li", {}, shape(outline), kit.meanings[verdict]));
  if (series.some((one) => one.gaps.length)) {
    items.push(made("li", {}, swatch("currentColor", "2 4"), "no sync in this time"));
  }
  if (items.length) found.push(made("ul", { class: "chart-key" }, ...items));
  return found;
}

function numbers(series, { day, many, byName }, { short, price }) {
  const named = byName(series);
  const date = (at) => made("td", { class: "date" }, at === null ? "today" : made("time", { datetime: day(at) }, day(at)));
  const caption = `Prices of ${short(unique(series.map((one) => one.name)).join(", "))}`;
  const bodies = series.map((one) => made("tbody", {},
    made("tr", {}, made("th", { scope: "rowgroup", colspan: 4, class: "line" },
      `${short(named ? `${one.name} ${one.meter}` : one.meter)} `, made("small", {}, `per ${short(many(one.per), 40)}`))),
    ...[...one.steps].reverse().map((step) => made("tr", {}, date(step.since), date(step.until),
      made("td", { class: "number" }, price(step.price / 1e9, one.currency)), made("td", {}, short(step.source, 40))))));
  const heads = ["Since", "Until", "Price", "Source"].map((name) =>
    made("th", { scope: "col", class: name === "Price" ? "number" : null }, name));
  return made("details", {}, made("summary", {}, "The numbers"),
    made("div", { class: "scroll", role: "region", "aria-label": caption, tabindex: 0 },
      made("table", {}, made("caption", { class: "unseen" }, caption),
        made("thead", {}, made("tr", {}, ...heads)), ...bodies)));
}

function words(text) {
  return made("p", {}, ...text.split(" ").flatMap((word) =>
    [word.includes("-") ? made("span", { class: "chart-day" }, word) : word, " "]));
}

/** The chart of some series up to an instant, with the table behind it.
 *
 * `kit` is the pattern that the page holds, `tools` are plots.js, `text` is offers.js,
 * `drawing` is what draws and its options; without it there are no pictures. */
export async function figure(series, end, { kit, tools, text, drawing, library }) {
  const panels = tools.panelsOf(series, kit.few);
  const lines = tools.linesOf(panels, kit.few);
  const specs = Object.fromEntries(FORMS.map((form) => [form, tools.specsOf(panels, kit, form, end)]));
  const data = hoisted(specs);
  const named = tools.byName(series);
  const colours = new Map();
  panels.forEach((part, n) => part.forEach((one) => {
    const apart = named ? one.name : one.meter;
    colours.set(apart, (lines[n].indexOf(apart) % kit.few) + 1);
  }));
  const whole = made("figure", { class: "chart", id: "history", "data-library": drawing && library });
  const names = headings(panels, tools);
  for (const [n, part] of panels.entries()) {
    if (names[n]) whole.append(made("p", { class: "panel" }, text.short(names[n], 60)));
    if (drawing) {
      const apart = tools.byName(part);
      const title = `${unique(part.map((one) => one.meter)).join(", ")} prices of ${unique(part.map((one) => one.name)).join(", ")} over time`;
      const told = part.map((one) => line(one, apart, tools)).join(" ");
      const pictures = [];
      for (const form of FORMS) {
        const spec = { ...data.forms[form][n], datasets: data.datasets };
        const id = `history-${n}-${form}`;
        pictures.push(await picture(drawing.vegaEmbed, spec, drawing.options, form, [title, told], id));
      }
      whole.append(made("div", { class: "plot" }, ...pictures));
    }
  }
  whole.append(
    made("figcaption", {}, words(sentence(series, tools)), ...(drawing ? legend(series, colours, kit, text.short) : [])),
    numbers(panels.flat(), tools, text),
    made("script", { type: "application/json" }, JSON.stringify(data)),
  );
  return whole;
}
