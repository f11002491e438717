// A form with data-once is sent once, however often its button is pressed: a second click would take the answer's place.
// Whoever stopped the answer, or came back to the page, may send it again; the server takes each form once anyway.
const LONGEST_WAIT = 5000;

addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-once")) return;
  if (form.dataset.once) { event.preventDefault(); return; }
  form.dataset.once = "sent";
  setTimeout(() => { form.dataset.once = ""; }, LONGEST_WAIT);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-once]")) form.dataset.once = "";
});
