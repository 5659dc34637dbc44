// The specification of a comparison's chart, made of what the pages of the models hold: as
// tracker/charts makes it for pages that a server answers, and from its own pattern
// (tracker/web/blank.py). Instants are in milliseconds, prices in nano-units.

const DAY = 86_400_000;
const NANO = 1e9;
const ROUND = [10, 12, 16, 20, 25, 30, 40, 50, 60, 80, 100];
const PARTS = { 12: 4, 16: 4, 20: 4, 25: 5, 30: 3, 40: 4, 60: 3, 80: 4 };
const MONTHS = [[1, 250], [2, 500], [3, 1300], [6, 2600]];
const NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const STANDING_ALONE = 760;
const WIDE = 6.5 / 12;

const long = (text) => [...text].length;
const unique = (values) => [...new Set(values)];
const pairs = (values) => values.slice(1).map((value, n) => [values[n], value]);
const iso = (at) => `${new Date(at).toISOString().slice(0, 19)}Z`;
export const day = (at) => new Date(at).toISOString().slice(0, 10);
export const byName = (series) => unique(series.map((one) => one.name)).length > 1;
export const many = (per) => (per.startsWith("1M ") ? `${per.replaceAll("_", " ")}s` : per);

// Numbers, as tracker/charts/scale.py writes them

export function money(nano, currency) {
  const text = String(nano).padStart(10, "0");
  const whole = text.slice(0, -9).replace(/\B(?=(\d{3})+$)/g, ",");
  const amount = `${whole}.${text.slice(-9).replace(/0+$/, "").padEnd(2, "0")}`;
  return currency === "USD" ? `$${amount}` : `${amount} ${currency}`;
}

// a round number from zero to which a scale goes: so many tenths, and the power of ten
function ceiling(highest) {
  if (highest <= 0) return [10, -1];
  const wanted = BigInt(highest) * 108n;
  const power = String(wanted).length - 1;
  const tenths = ROUND.find((n) => BigInt(n) * 10n ** BigInt(power) >= wanted * 10n);
  return [tenths, power - 12];
}

function ticks([tenths, power]) {
  const parts = PARTS[tenths] ?? 5;
  return Array.from({ length: parts + 1 }, (_, n) => Number(`${(tenths * n) / parts}e${power}`));
}

const valueOf = ([tenths, power]) => Number(`${tenths}e${power}`);

function places(values) {
  const most = Math.max(...values.map((value) => (six(value).split(".")[1] ?? "").length));
  return most ? Math.max(most, 2) : 0;
}

function six(value) {
  if (!value) return "0";
  const [digits, power] = value.toExponential(5).split("e").map(Number);
  if (power >= -4 && power < 6) return String(Number(value.toFixed(5 - power)));
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

function amounts(values, currency) {
  const digits = places(values);
  const told = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return values.map((value) => `${currency === "USD" ? "$" : ""}${value.toLocaleString("en-US", told)}`);
}

function spread(ends, least, top) {
  const order = ends.map((_, n) => n).sort((a, b) => ends[a] - ends[b]);
  const found = [];
  let floor = 0;
  for (const n of order) {
    found[n] = Math.max(ends[n], floor);
    floor = found[n] + least;
  }
  let limit = top;
  for (const n of order.reverse()) {
    found[n] = Math.min(found[n], limit);
    limit = found[n] - least;
  }
  return found;
}

// half to even, as everywhere
function rounded(value) {
  const near = Math.round(value);
  return Math.abs(value % 1) === 0.5 && near % 2 ? near - 1 : near;
}

function dates(start, end, room) {
  const days = Math.floor((end - start) / DAY);
  if (days <= 60) return daysOf(start, end, Math.max(1, Math.floor(days / 6 / room)));
  const step = (MONTHS.find(([, most]) => days / room < most) ?? [12])[0];
  const [first, last] = [start, end].map((at) => {
    const date = new Date(at);
    return date.getUTCFullYear() * 12 + date.getUTCMonth();
  });
  const found = [];
  for (let month = Math.ceil(first / step) * step; month <= last; month += step) {
    const at = Date.UTC(Math.floor(month / 12), month % 12);
    const name = month % 12 ? NAMES[month % 12] : String(Math.floor(month / 12));
    if (at >= start && at <= end) found.push([at, name]);
  }
  return found;
}

function daysOf(start, end, step) {
  const found = [];
  const first = Math.ceil(start / DAY) * DAY;
  for (let at = first; at <= end; at += step * DAY) {
    const date = new Date(at);
    found.push([at, `${String(date.getUTCDate()).padStart(2, "0")} ${NAMES[date.getUTCMonth()]}`]);
  }
  return found;
}

const listed = (values) => `[${values.map((value) => JSON.stringify(value)).join(", ")}]`;

function axis(values, texts) {
  const told = listed(values);
  return { title: null, values: { expr: told }, labelExpr: `${listed(texts)}[indexof(${told}, +datum.value)]` };
}

// What is drawn together

export function panelsOf(series, few) {
  const named = byName(series);
  const found = new Map();
  for (const one of series) {
    const place = JSON.stringify([one.currency, one.per, named ? one.meter : ""]);
    if (!found.has(place)) found.set(place, []);
    found.get(place).push(one);
  }
  return [...found.values()].flatMap((part) => {
    const each = Math.ceil(part.length / Math.ceil(part.length / few));
    return Array.from({ length: Math.ceil(part.length / each) }, (_, n) => part.slice(n * each, (n + 1) * each));
  });
}

/** What has a colour of its own in each panel: offers, or the meters of the only one. */
export function linesOf(panels, few) {
  const names = unique(panels.flat().map((one) => one.name));
  if (names.length === 1) return panels.map((part) => part.map((one) => one.meter));
  return panels.map((part) => (names.length <= few ? names : part.map((one) => one.name)));
}

const modelOf = (name) => (name.includes("/") && name.slice(name.indexOf("/") + 1)) || name;

/** What each offer is called: its model; with its seller, where several sell that. */
export function calledOf(series) {
  const names = unique(series.map((one) => one.name));
  const sellers = (model) => names.filter((name) => modelOf(name) === model).length;
  return new Map(names.map((name) => [name, sellers(modelOf(name)) === 1 ? modelOf(name) : name]));
}

/** In so many letters; those that would look alike then, without their common beginning. */
export function shortened(names, most) {
  const found = new Map([...names].map(([offer, name]) => [offer, cut(name, most)]));
  for (const short of unique([...found.values()])) {
    const alike = [...names].filter(([offer]) => found.get(offer) === short);
    if (alike.length < 2) continue;
    const texts = alike.map(([, name]) => [...name]);
    const same = texts[0].findIndex((letter, n) => texts.some((text) => text[n] !== letter));
    const skipped = same < 0 ? texts[0].length : same;
    alike.forEach(([offer], n) => found.set(offer, cut(`…${texts[n].slice(skipped).join("")}`, most, true)));
  }
  return found;
}

export const movesOf = (one) => pairs(one.steps).filter(([a, b]) => a.price !== b.price).map(([, b]) => b.since);

class Frame {
  constructor(series, form, now) {
    this.form = form;
    this.named = byName(series);
    this.names = calledOf(series);
    this.brief = shortened(this.names, form.name);
    const first = Math.min(...series.map((one) => one.steps[0].since));
    const last = Math.max(...series.map((one) => one.steps.at(-1).since));
    this.end = Math.max(now, last + DAY / 2);
    this.start = Math.min(first, this.end - 7 * DAY);
  }

  apart(one) { return this.named ? one.name : one.meter; }

  line(one) { return String(this.lines.indexOf(this.apart(one))); }

  called(one) { return this.named ? `${this.names.get(one.name)} ${one.meter}` : one.meter; }

  top(series) {
    return ceiling(Math.max(...series.map((one) => {
      const inside = one.steps.filter((step) => step.until === null || step.until > this.start);
      return Math.max(...(inside.length ? inside : one.steps.slice(-1)).map((step) => step.price));
    })));
  }

  amounts(series) {
    const values = ticks(this.top(series));
    return [values, amounts(values, series[0].currency)];
  }

  label(one) {
    const last = one.steps.at(-1);
    const price = money(last.price, one.currency);
    const gone = last.until !== null && last.until < this.end;
    const name = this.named ? this.brief.get(one.name) : cut(one.meter, this.form.name);
    if (this.form.stacked) return [name, price, ...(gone ? [`to ${day(last.until).slice(0, 7)}`] : [])];
    const stable = !movesOf(one).length && !gone ? " · stable" : "";
    return [`${name} ${price}${gone ? ` until ${day(last.until)}` : stable}`];
  }

  /** When nobody looked at any of them. */
  shown(series) {
    return series.reduce((common, one) => common
      .flatMap(([a, b]) => one.gaps.map(([c, d]) => [Math.max(a, c), Math.min(b, d)]))
      .filter(([a, b]) => a < b), [[this.start, this.end]]);
  }
}

function cut(name, most, atEnd = false) {
  const letters = [...name];
  if (letters.length <= most) return name;
  if (atEnd) return `${letters.slice(0, most - 1).join("")}…`;
  const half = Math.floor(most / 2);
  return `${letters.slice(0, half).join("")}…${letters.slice(half - most + 1).join("")}`;
}

// Rows

function stretches(begin, end, gaps) {
  if (begin >= end) return [];
  const edges = unique([begin, end, ...gaps.flat().filter((edge) => begin < edge && edge < end)]);
  return pairs(edges.sort((a, b) => a - b))
    .map(([a, b]) => [a, b, !gaps.some(([from, to]) => from <= a && b <= to)]);
}

function corners(one, frame, number) {
  const found = [];
  let part = 0;
  let before = "";
  one.steps.forEach((step, n) => {
    const after = one.steps[n + 1];
    const ends = Math.min(step.until ?? frame.end, frame.end);
    const joined = after && after.since === step.until;
    for (const [begin, end, seen] of stretches(Math.max(step.since, frame.start), ends, one.gaps)) {
      if (`${begin} ${seen}` !== before) part += 1;
      const riser = joined && end === ends ? after.price : step.price;
      const shared = { line: frame.line(one), seen, part: `${number}.${part}` };
      found.push({ ...shared, at: iso(begin), until: iso(end), price: step.price / NANO, told: told(one, step, frame) });
      found.push({ ...shared, at: iso(end), price: riser / NANO });
      before = `${end} ${seen}`;
    }
  });
  return found;
}

function told(one, step, frame) {
  const since = day(step.since);
  const held = step.until === null ? `since ${since}` : `from ${since} until ${day(step.until)}`;
  const by = step.source ? `, by ${step.source}` : "";
  return `${frame.called(one)}: ${money(step.price, one.currency)} ${held}${by}`;
}

function changes(one, frame, outlines) {
  return one.marks.filter((mark) => frame.start <= mark.at && mark.at <= frame.end).map((mark) => {
    const verdict = mark.verdict in outlines ? mark.verdict : "unjudged";
    const why = mark.reason && mark.reason !== verdict ? ` (${mark.reason})` : "";
    const old = mark.old === null ? "" : `${money(mark.old, one.currency)} to `;
    const moved = `${frame.called(one)}: ${old}${money(mark.new, one.currency)}`;
    return {
      line: frame.line(one), at: iso(mark.at), price: (mark.place ?? mark.new) / NANO, verdict,
      step: mark.step, size: mark.size, told: `${moved} on ${day(mark.at)}, ${verdict}${why}`,
    };
  });
}

// how large the changes were, the largest first, where there is room
function sizes(rows, series, frame, { top, height }) {
  const x = (at) => ((at - frame.start) / (frame.end - frame.start)) * frame.width;
  const y = (price) => (1 - price / top) * height;
  const beyond = frame.width + 6;
  const taken = [[beyond, -height, 2 * beyond, 2 * height]];
  for (const row of rows) {
    const [left, over] = [x(Date.parse(row.at)), y(row.price)];
    taken.push([left - 5, over - 5, left + 5, over + 5]);
  }
  for (const one of series) {
    for (const step of one.steps) {
      const over = y(step.price / NANO);
      taken.push([x(step.since), over - 2, x(step.until ?? frame.end), over + 2]);
    }
    for (const [a, b] of pairs(one.steps).filter(([a, b]) => a.until === b.since)) {
      const [over, under] = [a, b].map((step) => y(step.price / NANO)).sort((c, d) => c - d);
      taken.push([x(b.since), over, x(b.since), under]);
    }
  }
  const high = frame.form.letters - 1;
  return [...rows].sort((a, b) => b.size - a.size).filter((row) => {
    const [left, over] = [x(Date.parse(row.at)), y(row.price)];
    const box = [left + 8, over - 6 - high, left + 8 + WIDE * (high + 1) * long(row.step), over - 5];
    const free = row.step && !taken.some((other) => overlap(box, other));
    if (free) taken.push(box);
    return free;
  });
}

const overlap = (a, b) => !(a[2] < b[0] || b[2] < a[0] || a[3] < b[1] || b[3] < a[1]);

function names(series, frame, { top, height }) {
  const texts = series.map((one) => frame.label(one));
  const line = frame.form.letters + 2;
  const high = Math.max(...texts.map((text) => text.length)) * line;
  const ends = series.map((one) => one.steps.at(-1).price / NANO);
  const placed = spread(ends, (top * (high + 3)) / height, top);
  const rows = series.map((one, n) => ({
    line: frame.line(one), at: iso(frame.end), price: placed[n], text: texts[n].join("\n"),
  }));
  return [rows, high > line ? (line - high) / 2 : 0];
}

// The specification

// a layer of the pattern with rows in it, and of the colours those that are needed
function layer(pattern, rows, frame) {
  const domain = frame.lines.map((_, n) => String(n));
  const encoding = Object.fromEntries(Object.entries(pattern.encoding).map(([channel, said]) => {
    if (said?.field !== "line") return [channel, said];
    return [channel, { ...said, scale: { domain, range: said.scale.range.slice(0, domain.length) } }];
  }));
  const used = Object.values(encoding).map((said) => said?.field).filter(Boolean);
  const values = rows.map((row) => Object.fromEntries(
    used.filter((name) => name in row).map((name) => [name, row[name]])));
  return { ...pattern, encoding, data: { values } };
}

function panel(series, frame, { spec, layers }, outlines) {
  const { height } = spec;
  const scale = frame.top(series);
  const plot = { top: valueOf(scale), height };
  const cornered = series.flatMap((one, n) => corners(one, frame, n));
  const changed = series.flatMap((one) => changes(one, frame, outlines));
  const [called, down] = names(series, frame, plot);
  const rows = {
    gaps: frame.shown(series).map(([a, b]) => ({ at: iso(a), until: iso(b) })),
    seen: cornered.filter((row) => row.seen),
    unseen: cornered.filter((row) => !row.seen),
    pointed: cornered.filter((row) => row.until),
    changes: changed,
    sizes: sizes(changed, series, frame, plot),
    names: called,
  };
  const filled = Object.keys(rows).filter((role) => rows[role].length)
    .map((role) => layer(layers[role], rows[role], frame));
  const last = filled.at(-1);
  if ("dy" in last.mark) filled[filled.length - 1] = { ...last, mark: { ...last.mark, dy: down } };
  const days = dates(frame.start, frame.end, frame.width / STANDING_ALONE);
  const { x, y } = spec.encoding;
  return {
    ...spec,
    width: frame.width,
    padding: { ...spec.padding, left: frame.left, right: frame.right },
    encoding: {
      x: { ...x, scale: { ...x.scale, domain: { expr: listed([frame.start, frame.end]) } },
        axis: axis(days.map(([at]) => at), days.map(([, text]) => text)) },
      y: { ...y, scale: { ...y.scale, domain: [0, plot.top] }, axis: axis(...frame.amounts(series)) },
    },
    layer: filled,
  };
}

const room = (texts, form) => rounded(Math.max(...texts.map(long)) * form.letters * 0.53);

/** The specifications of some panels in one form; they share the axis of time. */
export function specsOf(panels, kit, form, now) {
  const given = kit.forms[form];
  const series = panels.flat();
  const frame = new Frame(series, given, now);
  frame.left = room(panels.flatMap((part) => frame.amounts(part)[1]), given) + 12;
  frame.right = room(series.flatMap((one) => frame.label(one)), given) + 14;
  frame.width = given.width - frame.left - frame.right;
  return panels.map((part, n) => {
    frame.lines = linesOf(panels, kit.few)[n];
    return panel(part, frame, given, kit.outlines);
  });
}
