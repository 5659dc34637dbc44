// The catalogue as a script has it: read once, searched, filtered, sorted, written.
// It finds, orders and writes as the server does (tracker/web/catalogue_*.py).

export const OWN = 1;
export const STALE = 2;
export const RETIRED = 4;
export const ROUTED = 8;

const ODD = /[^A-Za-z0-9._-]/gu;
const BREAKS = /[^\p{L}\p{N}]+/gu;
const STEERING = /[\p{C}\u2028\u2029]/gu;
const WHOLE = 4;
const NAMED = 3;
const ALIKE = 0.6;
const DAY = 86_400_000;

/** The letters and digits of a text, in lower case; a space for the rest. */
export const words = (text) => text.toLowerCase().replace(BREAKS, " ").trim();

const joined = (text) => text.replaceAll(" ", "");

/** How well a name fits, 0 to 7; -1 if it does not. */
export function level(name, typed, whole = joined(typed)) {
  const [full, bare, last] = name.joined;
  if (whole === full) return 0;
  if (whole === bare) return 1;
  if (whole === last) return 2;
  if (atAnEnd(name, typed)) return 3;
  if (name.joined.some((one) => one.startsWith(whole))) return 4;
  return within(name.full, full, typed, whole);
}

function atAnEnd(name, typed) {
  const begins = (one) => one.startsWith(typed)
    && (one.length === typed.length || one[typed.length] === " ");
  if (begins(name.full) || begins(name.bare) || begins(name.last)) return true;
  return typed.includes(" ") && name.last.endsWith(` ${typed}`);
}

function within(full, run, typed, whole) {
  const spaced = ` ${full}`;
  if (spaced.includes(` ${typed}`)) return 5;
  if (whole.length >= WHOLE ? run.includes(whole) : full.includes(typed)) return 6;
  return typed.split(" ").every((word) => spaced.includes(` ${word}`)) ? 7 : -1;
}

/** A text on its line, in its direction, and not too long; the middle gives way. */
export function short(text, width = 80) {
  const clean = [...text.replace(STEERING, "\ufffd")];
  if (clean.length <= width) return clean.join("");
  const tail = Math.floor(width / 3);
  return `${clean.slice(0, width - tail - 1).join("")}…${clean.slice(-tail).join("")}`;
}

/** A price as it is stated, in dollars or another currency: `$0.40`, `2.00 CNY`. */
export function price(amount, currency = "USD") {
  if (amount === null) return "–";
  const text = money(BigInt(Math.round(amount * 1e9)), 9);
  return currency === "USD" ? text : `${text.slice(1)} ${short(currency, 8)}`;
}

// an exact amount, `digits` of whose digits stand behind the point
function money(amount, digits) {
  const text = String(amount).padStart(digits + 1, "0");
  const whole = text.slice(0, -digits);
  const fraction = text.slice(-digits).replace(/0+$/, "").padEnd(2, "0");
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") : whole;
  return `$${grouped}.${fraction}`;
}

// rounded half to even to a multiple of 10^places
function rounded(amount, places) {
  const unit = 10n ** BigInt(Math.max(0, places));
  const rest = amount % unit;
  const down = amount - rest;
  if (rest * 2n < unit || (rest * 2n === unit && (down / unit) % 2n === 0n)) return down;
  return down + unit;
}

// what a conversation costs, in billionths of a dollar per million
const exact = (dollars) => BigInt(Math.round(dollars * 1e9));
function spent(input, output, talk) {
  if ((talk.in && input === null) || (talk.out && output === null)) return null;
  return BigInt(talk.in) * exact(input ?? 0) + BigInt(talk.out) * exact(output ?? 0);
}

/** What a conversation costs, to so many digits: `$0.00056`; to the cent from $1 on. */
export function conversation(input, output, talk, digits = 2) {
  const amount = spent(input, output, talk);
  if (amount === null) return "–";
  const places = amount >= 10n ** 15n ? 13 : String(amount).length - digits;
  return money(rounded(amount, places), 15);
}

/** A limit, shortened: `131k`, `1.05M`; a dash if it is not stated. */
export function about(tokens) {
  if (tokens === null) return "–";
  if (tokens < 1000) return String(tokens);
  const [size, word] = tokens < 999_500 ? [1000, "k"] : [1_000_000, "M"];
  const digits = Math.max(0, 3 - String(Math.floor(tokens / size)).length);
  const scale = 10 ** digits;
  return `${Math.floor((2 * tokens * scale + size) / (2 * size)) / scale}${word}`;
}

/** Output price over input price: `4 : 1`. */
export function ratio(input, output) {
  if (!input || output === null) return "–";
  const [over, under] = [exact(output), exact(input)];
  const power = Math.floor(Math.log10(output / input)) - 2;
  const [n, d] = power > 0
    ? [over, under * 10n ** BigInt(power)]
    : [over * 10n ** BigInt(output ? -power : 0), under];
  const twice = (2n * n) % (2n * d);
  const down = n / d;
  const near = twice > d || (twice === d && down % 2n === 1n) ? down + 1n : down;
  return `${Number((Number(near) * 10 ** power).toPrecision(3))} : 1`;
}

export const count = (number) => number.toLocaleString("en-US");

/** The catalogue behind an address: read once on a page, whoever asks, and fetched anew
 * only if it has changed since the last page. */
export function load(address) {
  const whole = new URL(address, document.baseURI).href;
  if (!read.has(whole)) {
    const reading = fetched(whole);
    reading.catch(() => read.delete(whole)); // who asks again tries again
    read.set(whole, reading);
  }
  return read.get(whole);
}

const read = new Map();

async function fetched(address) {
  const answer = await fetch(address, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return new Catalogue(await answer.json());
}

export class Catalogue {
  constructor(columns) {
    Object.assign(this, columns);
    this.size = this.model.length;
    this.all = Array.from({ length: this.size }, (_, row) => row);
    this.letters = this.abilities;
    this.names = names(this);
    this.past = names(this.gone);
    this.ranks = {};
  }

  /** The name of an offer, `openai/gpt-4.1-mini`. */
  text(row, of = this) {
    const region = of.regions[of.region[row]];
    return `${of.providers[of.provider[row]]}/${of.model[row]}${region && `@${region}`}`;
  }

  /** Where the page of an offer is, from the site's root. */
  path(row, of = this) {
    if (of.paths[row]) return of.paths[row];
    const name = [of.providers[of.provider[row]], ...of.model[row].split("/")];
    const region = of.regions[of.region[row]];
    return `models/${name.map(part).join("/")}${region && `@${part(region)}`}/`;
  }

  kind(row) {
    const mode = this.modes[this.mode[row]];
    return mode === "responses" ? "chat" : mode;
  }

  /** What an offer can, as letters in their places and in words. */
  can(row) {
    const has = this.letters.filter((_, place) => this.can_(row, place));
    const strip = this.letters.map(([, l], place) => (this.can_(row, place) ? l : "\u00a0"));
    return [strip.join(""), has.map(([word]) => word).join(", ") || "nothing stated"];
  }

  can_(row, place) {
    return (this.bits[row] >> place) & 1;
  }

  day(row) {
    const since = this.since[row];
    return since === null ? "–" : new Date(since * DAY).toISOString().slice(0, 10);
  }

  /** The rows that fit what somebody typed, the best first. */
  find(typed, rows = this.all) {
    const whole = joined(typed);
    const shelves = Array.from({ length: 32 }, () => []);
    for (const row of rows) {
      const fit = level(this.names[row], typed, whole);
      if (fit >= 0) shelves[fit * 4 + (fit < NAMED ? this.aside(row) : 0)].push(row);
    }
    return shelves.flat();
  }

  aside(row) {
    return (this.flags[row] & OWN ? 0 : 2) + (this.regions[this.region[row]] ? 1 : 0);
  }

  /** The rows that fit, or else those whose names are written much the same. */
  meant(typed, most) {
    const found = this.find(typed);
    if (found.length) return found.slice(0, most);
    const wanted = pairs(joined(typed));
    const near = this.all.map((row) => {
      const [full, bare] = this.names[row].joined;
      return [Math.max(likeness(wanted, pairs(bare)), likeness(wanted, pairs(full))), row];
    });
    const good = near.filter(([like]) => like > ALIKE).sort((a, b) => b[0] - a[0]);
    return good.slice(0, most).map(([, row]) => row);
  }

  /** What is not sold any more and fits, the best first. */
  missed(typed, most) {
    const whole = joined(typed);
    const found = this.past.map((name, row) => [level(name, typed, whole), row]);
    const near = found.filter(([fit]) => fit >= 0).sort((a, b) => a[0] - b[0]);
    return near.slice(0, most).map(([, row]) => row);
  }

  /** The rows that an offer is asked for among: a filter of numbers and names. */
  fitting(wanted) {
    const provider = wanted.provider ? this.providers.indexOf(wanted.provider) : -1;
    const modes = this.modes.map((mode) => !wanted.mode || wanted.mode === mode
      || (wanted.mode === "chat" && mode === "responses"));
    const bits = this.letters.reduce(
      (all, [word], place) => all | (wanted.can.includes(word) ? 1 << place : 0), 0);
    const flags = (wanted.own ? OWN : 0) | (wanted.current ? STALE | RETIRED : 0);
    const good = wanted.own ? OWN : 0;
    return this.all.filter((row) => (provider < 0 || this.provider[row] === provider)
      && modes[this.mode[row]]
      && (this.bits[row] & bits) === bits
      && (this.flags[row] & flags) === good
      && (!wanted.context || (this.context[row] ?? 0) >= wanted.context)
      && below(this.input[row], wanted.input)
      && below(this.output[row], wanted.output));
  }

  /** The rows by a column; what has no value stands last either way. */
  sorted(rows, sort) {
    const name = sort.replace("-", "");
    const rank = (this.ranks[name] ??= ranked(this.keys(name)));
    const sign = sort.startsWith("-") ? -1 : 1;
    const known = rows.filter((row) => rank[row] >= 0);
    known.sort((a, b) => sign * (rank[a] - rank[b]));
    return known.concat(rows.filter((row) => rank[row] < 0));
  }

  keys(name) {
    const made = {
      model: (row) => `${this.names[row].bare}\0${this.regions[this.region[row]]}`,
      provider: (row) => this.providers[this.provider[row]].toLowerCase(),
      mode: (row) => this.modes[this.mode[row]] || null,
      talk: (row) => this.spent(row),
      can: (row) => this.bits[row].toString(2).replaceAll("0", "").length,
    }[name];
    return made ? this.all.map(made) : this[name];
  }

  /** What a conversation costs, exactly; null if a price is missing. */
  cost(row, talk) {
    return spent(this.input[row], this.output[row], talk);
  }

  /** The place of an offer among its like, from 1, how many those are, and the
   * cheapest other one of them; null if it has none. */
  place(row, talk) {
    const mine = this.cost(row, talk);
    if (mine === null || !this.modes[this.mode[row]]) return null;
    const open = 1 << this.letters.findIndex(([word]) => word === "open");
    const needs = this.bits[row] & ~open;
    const kind = this.kind(row);
    const costs = this.all.filter((other) => other !== row
      && this.kind(other) === kind
      && (this.bits[other] & needs) === needs
      && (this.context[other] ?? 0) >= (this.context[row] ?? 0)
      && !(this.flags[other] & (STALE | RETIRED)))
      .map((other) => [this.odd(other, kind) ? null : this.cost(other, talk), other])
      .filter(([cost]) => cost);
    const first = costs.reduce((a, b) => (a && !this.sooner(b, a) ? a : b), null);
    return [1 + costs.filter(([cost]) => cost < mine).length, costs.length + 1, first?.[1]];
  }

  // of two that cost the same, the one whose name comes first
  sooner([cost, row], [other, than]) {
    if (cost !== other) return cost < other;
    const name = (one) => [this.providers[this.provider[one]], this.model[one], this.regions[this.region[one]]];
    const [mine, theirs] = [name(row), name(than)];
    const at = mine.findIndex((part, n) => part !== theirs[n]);
    return at >= 0 && mine[at] < theirs[at];
  }

  // called chat, and charges for one side only: an embedding, mostly
  odd(row, kind) {
    return kind === "chat" && (this.input[row] === 0 || this.output[row] === 0);
  }

  spent(row) {
    if (this.input[row] === null || this.output[row] === null) return null;
    return Math.round(this.input[row] * 1e9) * 600 + Math.round(this.output[row] * 1e9) * 200;
  }
}

const below = (value, most) => most === null || (value !== null && value <= most);
const part = (name) => name.replace(ODD, (odd) =>
  [...new TextEncoder().encode(odd)].map((b) => `~${b.toString(16).padStart(2, "0")}`).join(""));

// how much two names have in common: twice the pairs of letters they share
function likeness(a, b) {
  let same = 0;
  for (const pair of a) if (b.has(pair)) same += 1;
  return (2 * same) / (a.size + b.size || 1);
}

function pairs(text) {
  const found = new Set();
  for (let n = 1; n < text.length; n += 1) found.add(text.slice(n - 1, n + 1));
  return found;
}

function names(of) {
  const providers = of.providers.map(words);
  const regions = of.regions.map(words);
  return of.model.map((model, row) => {
    const bare = words(model);
    const slash = model.lastIndexOf("/");
    const last = slash < 0 ? bare : words(model.slice(slash + 1));
    const parts = [providers[of.provider[row]], bare, regions[of.region[row]]];
    const full = parts.filter(Boolean).join(" ");
    return { full, bare, last, joined: [full, bare, last].map(joined) };
  });
}

// the place of each value among all values, the same for equal ones; -1 for null
function ranked(values) {
  const known = [...new Set(values.filter((value) => value !== null))];
  known.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const place = new Map(known.map((value, n) => [value, n]));
  return values.map((value) => (value === null ? -1 : place.get(value)));
}
