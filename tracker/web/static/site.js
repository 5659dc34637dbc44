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
