// The filters of a page of changes, where no server answers them: everything is on the
// page, and what is not asked for is hidden.

const form = document.querySelector(".sift");
const told = document.querySelector("[data-shown]");
const stories = [...document.querySelectorAll(".tale")];
const groups = [...document.querySelectorAll(".seller-day, .day")];
const days = [...document.querySelectorAll(".days a")];
const names = ["verdict", "kind", "provider"];

function fits(story, asked) {
  return (
    (!asked.verdict || story.dataset.verdict === asked.verdict) &&
    (!asked.kind || story.dataset.kind === asked.kind) &&
    (!asked.provider || story.dataset.sellers.split("\n").includes(asked.provider))
  );
}

function show() {
  const asked = Object.fromEntries(names.map((n) => [n, form.elements[n].value]));
  let shown = 0;
  for (const story of stories) {
    story.hidden = !fits(story, asked);
    if (!story.hidden) shown += 1;
  }
  for (const group of groups) {
    group.hidden = !group.querySelector(".tale:not([hidden])");
  }
  for (const link of days) {
    link.parentElement.hidden = document.querySelector(link.hash).hidden;
  }
  const every = shown === stories.length;
  told.textContent = every ? "" : `${shown} of ${stories.length} stories`;
  const query = new URLSearchParams(names.filter((n) => asked[n]).map((n) => [n, asked[n]]));
  history.replaceState(null, "", `${every ? location.pathname : `?${query}`}${location.hash}`);
}

const given = new URLSearchParams(location.search);
for (const name of names) {
  if (given.has(name)) form.elements[name].value = given.get(name);
}
form.hidden = false;
form.addEventListener("change", show);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
if (names.some((name) => given.has(name))) show();
