// Which offer a name means, on a site of files: the one that a server takes it for
// (tracker/asking/catalogue.py, tracker/web/pages/compare.py).

const LONGEST = 200;
const NAMED = 3;
const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const EDGES = new RegExp(`^${SPACE}|${SPACE}$`, "g");

/** A text without the space around it. */
export const stripped = (text) => text.replace(EDGES, "");

const named = (provider, model, region) => JSON.stringify([provider, model, region]);

function readings(text) {
  const slash = text.indexOf("/");
  const [provider, rest] = [text.slice(0, slash), text.slice(slash + 1)];
  if (slash < 1 || !rest) return [];
  const at = rest.lastIndexOf("@");
  const whole = named(provider, rest, "");
  return at > 0 ? [whole, named(provider, rest.slice(0, at), rest.slice(at + 1))] : [whole];
}

/** What is meant by names: `goods` are what is sold and was (offers.js), `more` is
 * `names.json`. */
export class Names {
  constructor(kit, goods, more) {
    Object.assign(this, { kit, goods, more });
    this.unclear = new Set(more.unclear);
    this.known = new Map();
    this.models = new Map();
    for (const [of, rows] of [[goods, goods.model], [goods.gone, goods.gone.model], [more, more.model]]) {
      rows.forEach((_, row) => this.add(of, row));
    }
  }

  add(of, row) {
    const [provider, region] = [of.providers[of.provider[row]], of.regions[of.region[row]]];
    const name = named(provider, of.model[row], region);
    const offer = { of, row, provider, region };
    this.known.set(name, offer);
    if (!this.models.has(of.model[row])) this.models.set(of.model[row], []);
    this.models.get(of.model[row]).push(offer);
  }

  /** The offer of that name or key, by no guess. */
  looked(text) {
    if (text.includes("\0")) return undefined;
    const exact = readings(text).find((name) => this.known.has(name));
    if (exact) return this.known.get(exact);
    const keyed = Object.hasOwn(this.more.keys, text) ? this.more.keys[text] : null;
    if (keyed) return this.known.get(named(...keyed));
    const offers = this.models.get(text) ?? [];
    for (const maker of this.more.makers) {
      const own = offers.find((one) => one.provider === maker && !one.region);
      if (own) return own;
    }
    return offers.length === 1 && !this.unclear.has(text) ? offers[0] : undefined;
  }

  /** What becomes of a name: the `row` of what is sold, else what is wrong with it. */
  meant(text, most) {
    if ([...text].length > LONGEST) return { text, row: -1, fault: `a name has at most ${LONGEST} characters` };
    const { kit, goods } = this;
    const found = this.looked(text);
    if (found?.of === goods) return { text, row: found.row };
    const typed = kit.words(text);
    const near = typed ? goods.find(typed).slice(0, most) : [];
    if (!found && near.length && kit.level(goods.names[near[0]], typed) < NAMED) return { text, row: near[0] };
    const fault = found ? "has no price today" : "no model of this name";
    return { text, row: -1, fault, past: found, near: near.length || !typed ? near : goods.meant(typed, most) };
  }
}
