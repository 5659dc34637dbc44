// Charts that answer to who points at them. What draws them is large, so it is loaded
// when a reader first points at one, touches it or comes to it with the keyboard; until
// then, and without it, the picture stays. The live one lies over the picture, so that
// nothing moves, and the picture's words stay for those who listen.

export const OPTIONS = {
  actions: false,
  ast: true, // the site's policy forbids code made from text
  defaultStyle: false,
  renderer: "svg",
  tooltip: { disableDefaultStyle: true },
};

function dataOf(figure) {
  return JSON.parse(figure.querySelector("script[type='application/json']").textContent);
}

function loaded(figure) {
  const name = figure.dataset.library.split("/").pop();
  return import(new URL(name, import.meta.url));
}

// The picture of a plot that the style sheet shows: for desks or for phones.
function shown(plot) {
  return [...plot.querySelectorAll(":scope > svg")].find((one) => one.getClientRects().length);
}

function specOf(plot, data) {
  const form = shown(plot).getAttribute("class");
  return { ...data.all, ...data.forms[form][plot.dataset.panel], datasets: data.datasets };
}

async function enliven(plot, data, vegaEmbed) {
  const form = shown(plot).getAttribute("class");
  const live = document.createElement("div");
  live.className = `live ${form}`;
  live.setAttribute("aria-hidden", "true");
  await vegaEmbed(live, specOf(plot, data), OPTIONS);
  plot.append(live);
  plot.classList.add(`has-${form}`);
}

// What a keyboard steps through: every price and every change, in order of time.
function stopsOf(spec) {
  const rows = spec.layer.flatMap((layer) => spec.datasets[layer.data.name]);
  const told = new Map();
  for (const row of rows) if (row.told && !told.has(row.told)) told.set(row.told, row);
  return [...told.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
}

// How far right an instant stands, as a part of the picture's width.
function placeOf(at, spec) {
  const { left, right } = spec.padding;
  const [start, end] = JSON.parse(spec.encoding.x.scale.domain.expr);
  const part = (Date.parse(at) - start) / (end - start);
  return (left + part * spec.width) / (left + spec.width + right);
}

class Steps {
  constructor(plot, data) {
    this.plot = plot;
    this.data = data;
    this.now = -1;
    this.line = document.createElement("div");
    this.line.className = "cursor";
    this.words = document.createElement("p");
    this.words.className = "told";
    this.words.setAttribute("role", "status");
    plot.append(this.line, this.words);
    plot.addEventListener("keydown", (event) => this.pressed(event));
    plot.addEventListener("blur", () => this.hide());
  }

  pressed(event) {
    const stops = stopsOf(specOf(this.plot, this.data));
    const last = stops.length - 1;
    const next = {
      ArrowRight: Math.min(this.now + 1, last),
      ArrowLeft: Math.max(this.now - 1, 0),
      Home: 0,
      End: last,
    }[event.key];
    if (event.key === "Escape") this.hide();
    if (next === undefined || last < 0) return;
    event.preventDefault();
    this.show(stops[next], next);
  }

  show(stop, number) {
    this.now = number;
    const place = placeOf(stop.at, specOf(this.plot, this.data));
    const wide = shown(this.plot).getBoundingClientRect().width;
    this.line.style.left = `${Math.max(place, 0) * wide}px`;
    this.words.textContent = stop.told;
    this.plot.classList.add("stepped");
  }

  hide() {
    this.now = -1;
    this.words.textContent = "";
    this.plot.classList.remove("stepped");
  }
}

export function prepare(figure) {
  const plots = [...figure.querySelectorAll(".plot")];
  const data = dataOf(figure);
  for (const [number, plot] of plots.entries()) {
    plot.dataset.panel = number;
    plot.tabIndex = 0;
    plot.setAttribute("role", "group");
    const name = plot.querySelector("svg").getAttribute("aria-label");
    plot.setAttribute("aria-label", `${name}. Arrow keys step through it.`);
    new Steps(plot, data);
  }
  let busy = false;
  const ask = async () => {
    const asked = plots.filter(
      (plot) => !plot.classList.contains(`has-${shown(plot)?.getAttribute("class")}`),
    );
    if (busy || !asked.length) return;
    busy = true;
    try {
      const { vegaEmbed } = await loaded(figure);
      for (const plot of asked) await enliven(plot, data, vegaEmbed);
    } catch (fault) {
      console.warn("the chart stays a picture:", fault);
    } finally {
      busy = false;
    }
  };
  for (const plot of plots) {
    for (const event of ["pointerenter", "focus", "touchstart"]) {
      plot.addEventListener(event, ask, { passive: true });
    }
  }
}

document.querySelectorAll(".chart[data-library]").forEach(prepare);
