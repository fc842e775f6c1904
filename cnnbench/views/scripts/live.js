// Follow what still runs: load the page again when the command that serves it has drawn another one.
"use strict";
(() => {
  const place = document.querySelector('[data-script="live"]');
  const { version, ended } = JSON.parse(place.querySelector(":scope > script").textContent);
  const look = async () => {
    try {
      const answer = await fetch("version", { cache: "no-store" });
      if ((await answer.text()) !== version) location.reload();
      else setTimeout(look, 1000);
    } catch {
      place.querySelector("span").textContent = "This page is followed no more: the command that served it has ended.";
    }
  };
  if (!ended) setTimeout(look, 1000);
})();
