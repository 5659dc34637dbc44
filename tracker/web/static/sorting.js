// Makes tables marked `data-sortable` sortable: a button in each heading, which says
// how the table is sorted. What a cell is sorted by is its `data-value`, else its text;
// an empty one stands last either way.

const NOTHING = "–";

function value(cell) {
  const given = cell.dataset.value;
  if (given !== undefined) return Number(given);
  const text = cell.textContent.trim();
  return text === NOTHING || !text ? null : text.toLowerCase();
}

function sort(table, head, falls) {
  const column = head.cellIndex;
  const sign = falls ? -1 : 1;
  const body = table.tBodies[0];
  const lines = [...body.rows].map((row) => [value(row.cells[column]), row]);
  const known = lines.filter(([key]) => key !== null);
  known.sort(([a], [b]) => sign * (a < b ? -1 : a > b ? 1 : 0));
  const rest = lines.filter(([key]) => key === null);
  body.append(...[...known, ...rest].map(([, row]) => row));
}

function press(table, head) {
  const was = head.getAttribute("aria-sort");
  const first = "falls" in head.dataset;
  const falls = was === "none" ? first : was === "ascending";
  for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
  head.setAttribute("aria-sort", falls ? "descending" : "ascending");
  sort(table, head, falls);
}

for (const table of document.querySelectorAll("[data-sortable]")) {
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => press(table, head));
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
  }
}
