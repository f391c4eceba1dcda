// What the pages gain where scripts run.  Without them everything works, too: waiting pages reload themselves.
"use strict";

(function () {
  const main = document.querySelector("main");
  const data = main.dataset;
  const byId = (id) => document.getElementById(id);

  // A page that the browser kept is of yesterday: ask for it again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  // One press, one form.  The pressed button's own value is sent before it is switched off.
  document.addEventListener("submit", (event) => {
    if (main.classList.contains("sent")) {
      event.preventDefault();
      return;
    }
    main.classList.add("sent");
    main.setAttribute("aria-busy", "true");
  });

  // ---- waiting ----

  const seconds = byId("seconds");
  const bar = byId("left");
  const live = byId("live");
  let left = seconds ? Number(seconds.textContent) : null;
  let told = left;

  function count() {
    if (left === null || left <= 0) return;
    left -= 1;
    seconds.textContent = String(left);
    bar.value = left;
    // Read out now and then, not every second.
    if (live && told - left >= 30) {
      told = left;
      live.textContent = left + " seconds left.";
    }
  }

  let failures = 0;

  async function look() {
    try {
      const answer = await fetch("/sign-in/state", { cache: "no-store", credentials: "same-origin" });
      if (!answer.ok) throw new Error("status");
      const now = await answer.json();
      failures = 0;
      if (now.state === "done" || (data.watch === "any"
          && (now.state !== data.expect || (now.turn !== undefined && String(now.turn) !== data.turn)))) {
        location.replace("/sign-in" + location.search);
        return;
      }
      if (now.seconds !== undefined && left !== null) left = now.seconds;
    } catch (error) {
      failures += 1;
      if (live && failures === 3) live.textContent = "No connection. This page goes on as soon as there is one.";
    }
    setTimeout(look, Math.min(1000 * (1 + failures), 10000));
  }

  if (data.watch) {
    setTimeout(look, data.expect === "checking" ? 400 : 1000);
    if (seconds) setInterval(count, 1000);
  }

  // ---- the session at OneLogin ----

  const handover = byId("handover");
  if (!handover) return;
  const form = handover.querySelector("form");
  const d = handover.dataset;
  const tooLate = setTimeout(() => location.reload(), Number(d.seconds) * 1000);

  // A request with a cookie as its only answer, from the origin that was announced at the sign-in.
  async function byRequest() {
    live.textContent = "Opening your apps…";
    try {
      const answer = await fetch(d.url, {
        method: "POST", mode: "cors", credentials: "include", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ session_token: form.elements.session_token.value }),
      });
      if (!answer.ok) throw new Error("status");
      clearTimeout(tooLate);
      location.assign(d.next);
    } catch (error) {
      main.classList.remove("sent");
      main.removeAttribute("aria-busy");
      main.dataset.handover = "failed";
      live.textContent = "That did not work from here. The button below tries another way.";
      form.dataset.plain = "1";
    }
  }

  form.addEventListener("submit", (event) => {
    if (d.mode !== "cors" || form.dataset.plain) return;
    event.preventDefault();
    byRequest();
  });

  if (d.auto === "1") {
    if (d.mode === "cors") byRequest();
    else form.requestSubmit();
  }
})();
