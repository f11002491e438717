// Counts a revealed key down and takes it off the page: at the end, by "Hide now", and whenever the page is left,
// so that neither Back nor the browser's page cache brings it back. Without JavaScript the page reloads at the end.
const card = document.querySelector("[data-reveal]");
const secret = card.querySelector("[data-secret]");
const progress = card.querySelector("progress");
const left = card.querySelector("[data-left]");
const end = performance.now() + Number(card.dataset.seconds) * 1000;

card.querySelectorAll("[data-countdown]").forEach((element) => { element.hidden = false; });
card.querySelector("[data-without-script]").hidden = true;

// From now on reload and Back lead to the key's page: neither asks to send the reason again, nor reveals once more.
history.replaceState(null, "", card.dataset.leave);

function forget() {
  secret.remove();
  card.querySelector("[data-masked]").hidden = false;
  card.querySelectorAll("[data-while-revealed]").forEach((element) => { element.hidden = true; });
  card.classList.remove("kp-reveal--on");
}

function leave() {
  forget();
  location.replace(card.dataset.leave);
}

function tick() {
  const seconds = Math.ceil((end - performance.now()) / 1000);
  if (seconds <= 0) return leave();
  left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  progress.value = seconds;
  setTimeout(tick, 250);
}

tick();
card.querySelector("[data-hide]").addEventListener("click", (event) => { event.preventDefault(); leave(); });
addEventListener("pagehide", forget);
addEventListener("pageshow", (event) => { if (event.persisted) leave(); });
