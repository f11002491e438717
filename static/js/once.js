// A form with data-once is sent once, however often its button is pressed: a second click would take the answer's place.
addEventListener("submit", (event) => {
  if (!event.target.hasAttribute("data-once")) return;
  if (event.target.dataset.once) event.preventDefault();
  event.target.dataset.once = "sent";
});
