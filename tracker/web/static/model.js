// A link to a change unfolds it, and whatever it is folded into.

function unfold() {
  const id = decodeURIComponent(location.hash.slice(1));
  const found = id ? document.getElementById(id) : null;
  if (!found) return;
  for (let one = found; one; one = one.parentElement) {
    if (one instanceof HTMLDetailsElement) one.open = true;
  }
  found.scrollIntoView();
}

addEventListener("hashchange", unfold);
unfold();
