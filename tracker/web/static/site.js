// What every page does beyond its HTML: light or dark as the reader chose it.

const root = document.documentElement;
const KEY = "pricetrail-look";

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage may be forbidden; the system's look stays
  }
}

function show(look) {
  if (look === "light" || look === "dark") root.dataset.look = look;
}

show(stored());

const button = document.querySelector("[data-look]");
button.hidden = false;
button.addEventListener("click", () => {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const look = (root.dataset.look ?? system) === "dark" ? "light" : "dark";
  show(look);
  try {
    localStorage.setItem(KEY, look);
  } catch {
    // it holds for this page only
  }
});

// "read 3 days ago" beside what a page tells of a source: <span data-source="litellm">.
// It stands in a small file, so that a page is not new whenever a source was read.

async function age(elements) {
  const answer = await fetch(`${document.body.dataset.root}freshness.json`);
  if (!answer.ok) return;
  const { sources } = await answer.json();
  const today = Math.floor(Date.now() / 864e5);
  for (const element of elements) {
    const known = sources[element.dataset.source];
    if (!known?.read) continue;
    const days = Math.max(0, today - Math.floor(Date.parse(known.read) / 864e5));
    const words = ["today", "yesterday"][days] ?? `${days} days ago`;
    const told = document.createElement("small");
    told.textContent = ` read ${words}${known.stale ? ", stale" : ""}`;
    element.append(told);
  }
}

const told = document.querySelectorAll("[data-source]");
if (told.length) age(told).catch(() => {}); // a page opened from a disk may not ask

// Suggestions below a search. What makes them is loaded when one is first used.

async function suggesting(input) {
  const { search } = document.querySelector("[data-search]").dataset;
  const { suggest } = await import(new URL(search, document.baseURI));
  await suggest(input);
}

for (const input of document.querySelectorAll("form[role=search] input[name=q]")) {
  const begin = () => suggesting(input).catch(() => {}); // it stays a plain field
  if (document.activeElement === input) begin();
  else input.addEventListener("focus", begin, { once: true });
}
