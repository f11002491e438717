// The list with a mouse: rows open beside it where there is room, ticks are counted, one menu is open at a time.
// Without this file names are links to their pages, and the bar for ticked rows acts all the same.

// From here on the detail pane has room (list.css says the same); below, a row opens the key's own page.
const hasRoom = matchMedia("(min-width: 75em)");

// In the capture phase, before htmx sees the click: what should follow the link then does.
document.addEventListener("click", (event) => {
  const name = event.target.closest(".kp-name[hx-get]");
  if (name && (!hasRoom.matches || event.ctrlKey || event.metaKey || event.shiftKey)) event.stopPropagation();
}, true);

document.addEventListener("click", (event) => {
  const row = event.target.closest(".kp-table--list tbody tr");
  if (!row || event.target.closest("a, button, label, input") || String(getSelection())) return;
  row.querySelector(".kp-name").click();
});

// Ticks. All that match, on other pages as well, are offered once the whole page is ticked; earlier where it has no head.
const ticks = () => [...document.querySelectorAll("#keys tbody input[name=key]")];

function countTicks() {
  const all = document.getElementById("tick-all");
  if (!all) return;
  const boxes = ticks();
  const ticked = boxes.filter((box) => box.checked).length;
  all.hidden = false;
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
  const across = document.querySelector("#keys [name=select_across]");
  if (across) {
    across.checked &&= all.checked;
    across.parentElement.classList.toggle("is-early", !all.checked);
  }
  const words = document.querySelector("[data-selected]");
  if (words) words.textContent = across?.checked ? words.dataset.all : words.dataset.selected.replace("{n}", ticked);
}

document.addEventListener("change", (event) => {
  const { id, name, checked } = event.target;
  if (id === "tick-all" || (name === "select_across" && checked)) ticks().forEach((box) => { box.checked = checked; });
  if (event.target.closest("#keys")) countTicks();
});
document.addEventListener("reset", (event) => { if (event.target.id === "keys") setTimeout(countTicks); });

// Menus.
document.addEventListener("toggle", (event) => {
  if (!event.target.matches(".kp-facet details") || !event.target.open) return;
  document.querySelectorAll(".kp-facet details[open]").forEach((menu) => {
    if (menu !== event.target) menu.open = false;
  });
}, true);
document.addEventListener("click", (event) => {
  document.querySelectorAll(".kp-facet details[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// After a swap: the opened row, the count, and the address that language and theme lead back to.
function markOpened() {
  const opened = document.getElementById("pane")?.dataset.key;
  document.querySelectorAll(".kp-table--list tbody tr").forEach((row) => {
    const isOpen = row.id === `key-${opened}`;
    row.classList.toggle("is-open", isOpen);
    row.querySelector(".kp-name").toggleAttribute("aria-current", isOpen);
    if (isOpen) row.querySelector(".kp-name").setAttribute("aria-current", "true");
  });
}

let closedRow = null;
document.addEventListener("htmx:beforeRequest", (event) => {
  closedRow = event.target.id === "close-pane" ? `#key-${document.getElementById("pane").dataset.key} .kp-name` : null;
});
document.addEventListener("htmx:afterSettle", () => {
  markOpened();
  countTicks();
  if (closedRow) document.querySelector(closedRow)?.focus();
});
document.addEventListener("htmx:pushedIntoHistory", () => {
  document.querySelectorAll("form input[name=next]").forEach((field) => { field.value = location.pathname + location.search; });
});

// A session that ended leads to sign-in, and an error to its page: neither belongs in a part of this one.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  const answered = new URL(xhr.responseURL || location.href);
  if (xhr.status < 400 && answered.pathname === location.pathname) return;
  event.preventDefault();
  location.assign(pathInfo.finalRequestPath);
});

countTicks();
