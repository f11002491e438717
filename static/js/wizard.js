// Comfort for the wizard; everything works without it.
const form = document.getElementById("wizard");

// The list of what is wrong is the first thing to be read.
document.querySelector(".kp-summary")?.focus();

// Changing language or theme leaves the page: what is typed so far is kept (sealed) first.
document.addEventListener("submit", async (event) => {
  const next = event.target.querySelector("[name=next]");
  if (event.target === form || !next || event.target.dataset.kept) return;
  event.preventDefault();
  const { target, submitter } = event;
  const page = new FormData(form);
  page.set("do", "keep");
  await fetch(form.action, { method: "POST", body: page }).catch(() => {});
  next.value = new URL(form.action).pathname + new URL(form.action).search;
  target.dataset.kept = "yes";
  target.requestSubmit(submitter);
});

// What htmx brings must not overwrite what was chosen while it was on its way: then it is asked again.
const product = () => ["operating_system", "edition", "architecture"].map((name) => form.elements[`key-${name}`].value).join();
form.addEventListener("htmx:beforeRequest", (event) => { event.detail.xhr.product = product(); });
form.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.product === product()) return;
  event.detail.shouldSwap = false;
  event.detail.requestConfig.elt.dispatchEvent(new Event("change", { bubbles: true }));
});

// The field for the key stays while htmx replaces what is said about it: its marks follow.
document.addEventListener("htmx:afterSettle", () => {
  const code = document.getElementById("id_key-code");
  const wrong = document.getElementById("id_key-code_error") !== null;
  code.classList.toggle("is-invalid", wrong);
  code.setAttribute("aria-invalid", String(wrong));
});
