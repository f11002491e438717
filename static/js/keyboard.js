// Single-key shortcuts, for people who have them switched on and do not type, and Escape.
const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]");

// The name of each row is its link: focus on it is the place in the list, Enter opens it.
function goToRow(step) {
  const links = [...document.querySelectorAll(".kp-table--list .kp-name")];
  const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const opened = links.findIndex((link) => link.closest("tr").classList.contains("is-open"));
  const from = here >= 0 ? here : opened;
  const next = from < 0 ? links[0] : links[Math.min(Math.max(from + step, 0), links.length - 1)];
  next?.focus();
}

const shortcuts = {
  "/": () => { const search = document.getElementById("search"); search.focus(); search.select(); },
  j: () => goToRow(1),
  k: () => goToRow(-1),
  e: () => document.getElementById("edit")?.click(),
  a: () => document.getElementById("add")?.click(),
  "?": () => document.getElementById("shortcuts")?.showModal(),
};

// Escape closes one thing at a time: the menu somebody is in, the text in the search box and then the box, another menu,
// the pane. In any other field, and in a dialog, it is the browser's.
function close(event) {
  const { target } = event;
  const open = ".kp-facet details[open]";
  const menu = target.closest(open) ?? (isTyping(target) ? null : document.querySelector(open));
  if (menu) {
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (target.id === "search") {
    event.preventDefault();
    if (target.value) target.value = "";
    else target.blur();
  } else if (!isTyping(target)) {
    document.getElementById("close-pane")?.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
  if (event.key === "Escape") return close(event);
  const act = shortcuts[event.key];
  if (!act || isTyping(event.target) || !document.querySelector("[data-shortcuts]")) return;
  event.preventDefault();
  act();
});
